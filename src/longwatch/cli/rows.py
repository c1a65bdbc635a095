"""Asking for rows over time: `fetch`.

Owns how series are asked for, shown and drawn. Must not know how rows are stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from longwatch.cli.files import put
from longwatch.cli.options import (
    ASK,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    LimitOption,
    StartOption,
    StopOption,
    WhereOption,
    conditions,
    example,
)
from longwatch.cli.output import Form, Shown, form_of, write_table
from longwatch.cli.site import opened

if TYPE_CHECKING:
    from astropy.table import Table

    from longwatch.series.series import Series

APP = typer.Typer()

UTC = "utc"
"""Name of the column of times as people read them, beside the series' own time column."""


@APP.command(
    "fetch",
    rich_help_panel=ASK,
    epilog=example(
        "longwatch fetch aca.l0 tempccd --start 2023:297 --stop 2023:298 --where slot=3",
        "longwatch fetch aca.l0 tempccd --plot tempccd.png",
        "longwatch fetch aca.l0 tempccd --stat daily --csv",
        "longwatch fetch cos.jitter --csv > jitter.csv",
    ),
)
def fetch(
    series: Annotated[str, typer.Argument(help="Name of the series; `longwatch status` lists them.")],
    columns: Annotated[
        list[str] | None, typer.Argument(metavar="[COLUMNS]", help="Which; without any: all.", show_default=False)
    ] = None,
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    where: WhereOption = None,
    limit: LimitOption = None,
    good: Annotated[
        bool, typer.Option("--good", help="Leave out rows of bad quality and what lies in registered bad times.")
    ] = False,
    stat: Annotated[
        str | None,
        typer.Option("--stat", metavar="WIDTH", help="Statistics in bins: 5min, hour or daily.", show_default=False),
    ] = None,
    units: Annotated[
        str | None, typer.Option("--units", metavar="SYSTEM", help="In the units of a system: si, cxc, sci or eng.")
    ] = None,
    as_of: AsOfOption = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.png", help="Draw the columns into a picture.")
    ] = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give the rows of a series between two times.

    The column `utc` is the time as people read it; the series' own time stands beside it in CSV, ECSV and JSON.
    Missing is empty or null, and NaN is a value.
    """
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    with opened(archive) as site:
        asked = site.series[series]
        found = asked.fetch(
            columns or None,
            start,
            stop,
            where=conditions(where),
            filter_bad=good,
            limit=limit,
            stat=stat,
            units=units,
            as_of=as_of,
        )
        if plot is not None:
            put(plot, _picture(asked, found))
            return
        _add_utc(asked, found)
        nothing = f"No such rows. The series holds: {asked!r}"
    shown = [name for name in found.colnames if form is not Form.TEXT or name != found.meta["time"] or name == UTC]
    write_table(found, form, Shown(columns=shown, nothing=nothing, precision=6))


def _add_utc(series: Series, found: Table) -> None:
    """Put the times as people read them before the native ones."""
    if UTC not in found.colnames:
        times = series.times(found).utc
        times.format = "isot"
        found.add_column(times, index=0, name=UTC)


def _picture(series: Series, found: Table) -> bytes:
    from longwatch.cli.pictures import series_figure
    from longwatch.plots.render import render_png

    return render_png(series_figure(series.spec, found, series.times(found)))
