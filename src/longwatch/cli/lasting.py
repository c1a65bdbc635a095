"""When something held: intervals of a condition over the channels of a series.

Owns `intervals`. Must not know how conditions are read, or where an interval begins.
"""

from __future__ import annotations

from typing import Annotated

import typer

from longwatch.cli.options import (
    ASK,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    StartOption,
    StopOption,
    WhereOption,
    conditions,
    example,
)
from longwatch.cli.output import Shown, form_of, write_table
from longwatch.cli.site import opened

APP = typer.Typer()


@APP.command(
    "intervals",
    rich_help_panel=ASK,
    epilog=example(
        "longwatch intervals aca.hdr3 'ccd_temp > -10' --start 2023:297 --stop 2023:304",
        "longwatch intervals aca.l0 'bgdavg > 100 and quality == 0' --where slot=3 --max-gap 60",
    ),
)
def intervals(
    series: Annotated[str, typer.Argument(help="Name of the series; `longwatch status` lists them.")],
    condition: Annotated[str, typer.Argument(help="Over its channels: < <= == and or not, words in quotes.")],
    archive: ArchiveOption = None,
    start: StartOption = None,
    stop: StopOption = None,
    where: WhereOption = None,
    max_gap: Annotated[
        float | None, typer.Option("--max-gap", metavar="SECONDS", min=0, help="A longer gap ends an interval.")
    ] = None,
    good: Annotated[
        bool, typer.Option("--good", help="Pass over rows of bad quality and what lies in registered bad times.")
    ] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="Only those that were seen to begin and to end.")
    ] = False,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """List when a condition over channels held. A boundary lies in the middle between two samples."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    with opened(archive) as site:
        asked = site.series[series]
        found = asked.intervals(
            condition,
            start,
            stop,
            where=conditions(where),
            max_gap=max_gap,
            complete=complete,
            filter_bad=good,
            as_of=as_of,
        )
        nothing = f"It never held. The series holds: {asked!r}"
    write_table(found, form, Shown(nothing=nothing))
