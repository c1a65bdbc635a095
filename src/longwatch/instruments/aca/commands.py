"""`longwatch aca`: dark calibrations, header-3 telemetry and images on the command line.

Owns the words. Must not know how anything is stored or computed: each command calls what a notebook would call.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import numpy as np
import typer
from astropy.table import Table

from longwatch.archive import open_archive
from longwatch.errors import BadQuery
from longwatch.fits.write import NamedImage, image_file
from longwatch.instruments.aca import aca_hdr3, aca_l0, dark_cal
from longwatch.instruments.aca.aca_table import centred
from longwatch.instruments.aca.dark_files import ORIGIN, WARM
from longwatch.instruments.aca.dark_lives import (
    births,
    difference,
    flicker_candidates,
    pixel_life,
    warm_figure,
    warm_trend,
)
from longwatch.instruments.aca.movie import film
from longwatch.instruments.aca.simulate_history import MONTHS, simulate_history
from longwatch.plots.figure import Axis, Figure, Image, Panel
from longwatch.plots.render import render_png


def _app(said: str) -> typer.Typer:
    return typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, help=said)


def _example(*lines: str) -> str:
    title = "Example:" if len(lines) == 1 else "Examples:"
    return "\b\n" + "\n".join([title, *(f"  $ longwatch aca {line}" for line in lines)])


APP: Final = _app("Chandra/ACA: dark calibrations, header 3, image telemetry.")
"""The words after `longwatch aca`."""

DARK: Final = _app("Dark calibrations.")
HDR3: Final = _app("Header-3 telemetry.")
L0: Final = _app("Level-0 image telemetry.")
for _part, _word in ((DARK, "dark"), (HDR3, "hdr3"), (L0, "l0")):
    APP.add_typer(_part, name=_word)

Place: TypeAlias = Annotated[
    str | None, typer.Option("--archive", "-A", metavar="FOLDER", help="The archive; else $LONGWATCH_ARCHIVE.")
]
Start: TypeAlias = Annotated[str, typer.Option("--start", metavar="TIME", help="From this time on.")]
Stop: TypeAlias = Annotated[str, typer.Option("--stop", metavar="TIME", help="Up to this time.")]
Out: TypeAlias = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")]
Date: TypeAlias = Annotated[str, typer.Argument(help="A time or a dark id; the calibration before it answers.")]
Msids: TypeAlias = Annotated[list[str], typer.Argument(help="Names or keys, such as ccd_temp or 776.")]
Csv: TypeAlias = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
Above: TypeAlias = Annotated[float, typer.Option("--above", help="Warm above this, at -14 deg C [electron / s].")]
Row: TypeAlias = Annotated[int, typer.Argument(min=-512, max=511, help="CCD row.")]
Col: TypeAlias = Annotated[int, typer.Argument(min=-512, max=511, help="CCD column.")]
Slot: TypeAlias = Annotated[int, typer.Argument(min=0, max=7, help="Image slot.")]


@DARK.command("add", epilog=_example("dark add /data/aca_dark"))
def dark_add(folder: Path, archive: Place = None) -> None:
    """Take in directories YYYYDOY with image.fits and properties.json."""
    with open_archive(archive) as site:
        added = dark_cal.add_dark_cals(folder, site)
    typer.echo("\n".join(added) or "Nothing new.")


@DARK.command("list", epilog=_example("dark list --start 2007:001 --stop 2008:001", "dark list --csv"))
def dark_list(archive: Place = None, start: Start = "1999:001", stop: Stop = "now", *, csv: Csv = False) -> None:
    """List calibrations with what is known of them."""
    last = None if stop == "now" else stop
    with open_archive(archive, read_only=True) as site:
        table = dark_cal.get_dark_cal_props_table(start, last, archive=site)
    if isinstance(table, Table) and "ccd_temp" in table.colnames:
        table["ccd_temp"].unit = "deg_C"
    _show(table, csv=csv)


@DARK.command("get", epilog=_example("dark get 2023:100 -o dark.fits", "dark get 2017185 --t-ccd -14 -o cold.fits"))
def dark_get(
    date: Date,
    output: Out,
    archive: Place = None,
    t_ccd: Annotated[float | None, typer.Option("--t-ccd", help="Bring it to this temperature [deg C].")] = None,
) -> None:
    """Write a dark map as FITS."""
    with open_archive(archive, read_only=True) as site:
        found = dark_cal.get_dark_cal_props(
            date, include_image=True, t_ccd_ref=t_ccd, allow_negative=True, archive=site
        )
    cards = {
        "DARKID": str(found["id"]),
        "BUNIT": "electron / s",
        "T_CCD": found.get("ccd_temp") if t_ccd is None else t_ccd,
    }
    data, _ = image_file([NamedImage(name="DARK", values=np.asarray(found["image"]))], cards=cards)
    _put(output, data)


@DARK.command(
    "plot", epilog=_example("dark plot 2023:100 -o dark.png", "dark plot 2023:100 --minus 2017:185 -o new.png")
)
def dark_plot(
    date: Date,
    output: Out,
    archive: Place = None,
    minus: Annotated[str | None, typer.Option("--minus", help="Take this calibration off, both at -14 deg C.")] = None,
) -> None:
    """Draw a dark map, or how it changed."""
    with open_archive(archive, read_only=True) as site:
        title = f"ACA dark calibration {dark_cal.get_dark_cal_id(date, archive=site)}"
        label = "Dark current"
        if minus is None:
            values = np.asarray(dark_cal.get_dark_cal_image(date, archive=site))
        else:
            title += f" against {dark_cal.get_dark_cal_id(minus, archive=site)}"
            label = "Change of dark current at -14 deg_C"
            values = np.asarray(difference(minus, date, archive=site))
    image = Image(values=values, label=label, unit="electron / s", origin=ORIGIN)
    panel = Panel(x=Axis(label="Column"), y=Axis(label="Row"), image=image)
    _put(output, render_png(Figure(name="aca.dark", title=title, panels=(panel,))))


@DARK.command("warm", epilog=_example("dark warm", "dark warm --above 200 -o warm.png"))
def dark_warm(
    archive: Place = None,
    above: Above = WARM,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Draw it instead.")] = None,
    *,
    csv: Csv = False,
) -> None:
    """List warm pixels over the mission: as measured, at -14 deg C, and by the model."""
    with open_archive(archive, read_only=True) as site:
        table = warm_trend(above, archive=site)
        figure = warm_figure(above, archive=site)
    if output is not None:
        _put(output, render_png(figure))
        return
    for name in ("measured", "corrected", "model"):
        table[name] = np.round(np.ma.asarray(table[name]), 5)
    _show(table["dark_id", "ccd_temp", "measured", "corrected", "model"], csv=csv)


@DARK.command("births", epilog=_example("dark births --above 1000 --start 2019:001", "dark births --above 500 --csv"))
def dark_births(
    archive: Place = None,
    above: Above = 1000.0,
    start: Start = "1999:001",
    stop: Stop = "now",
    *,
    csv: Csv = False,
) -> None:
    """List pixels that turned hot from one calibration to the next."""
    with open_archive(archive, read_only=True) as site:
        _show(births(above, start=start, stop=stop, archive=site).events, csv=csv)


@DARK.command("flicker", epilog=_example("dark flicker --above 500 --start 2019:001"))
def dark_flicker(
    archive: Place = None,
    above: Above = 1000.0,
    start: Start = "1999:001",
    stop: Stop = "now",
    *,
    csv: Csv = False,
) -> None:
    """List pixels that go up and down unlike others as bright, the most restless first."""
    with open_archive(archive, read_only=True) as site:
        _show(flicker_candidates(above, start=start, stop=stop, archive=site), csv=csv)


@DARK.command(
    "pixel",
    epilog=_example("dark pixel 100 -200"),
    context_settings={"ignore_unknown_options": True},  # so that a row may be negative
)
def dark_pixel(row: Row, col: Col, archive: Place = None, *, csv: Csv = False) -> None:
    """List a pixel's dark current in every calibration, as measured and at -14 deg C."""
    with open_archive(archive, read_only=True) as site:
        _show(pixel_life(row, col, archive=site), csv=csv)


@HDR3.command("list", epilog=_example("hdr3 list"))
def hdr3_list() -> None:
    """List all pseudo-MSIDs and bit fields."""
    found = [aca_hdr3.describe(name) for name in aca_hdr3.names()]
    rows = [(one.key, one.name, one.unit, one.description) for one in found]
    _show(Table(rows=rows, names=["key", "name", "unit", "description"]))


@HDR3.command("fetch", epilog=_example("hdr3 fetch ccd_temp dac --start 2023:095 --stop 2023:096 > temp.csv"))
def hdr3_fetch(msids: Msids, start: Start, stop: Stop, archive: Place = None) -> None:
    """Write samples as CSV; a sample that cannot be trusted is empty."""
    with open_archive(archive, read_only=True) as site:
        found = aca_hdr3.MSIDset(msids, start, stop, archive=site)
    _tell_trusted(found)
    typer.echo(",".join(["time", *found]))
    times = next(iter(found.values())).times
    columns = [np.ma.asarray(one.vals).tolist() for one in found.values()]
    for time, *values in zip(times.tolist(), *columns, strict=True):
        typer.echo(",".join([f"{time:.6f}", *("" if value is None else f"{value:.10g}" for value in values)]))


@HDR3.command("plot", epilog=_example("hdr3 plot ad_5v_ps ad_27v_ps --start 2023:095 --stop 2023:096 -o volts.png"))
def hdr3_plot(msids: Msids, start: Start, stop: Stop, output: Out, archive: Place = None) -> None:
    """Draw samples, a panel each."""
    with open_archive(archive, read_only=True) as site:
        found = aca_hdr3.MSIDset(msids, start, stop, archive=site)
    _tell_trusted(found)
    _put(output, render_png(aca_hdr3.hdr3_figure(list(found.values()))))


def _tell_trusted(found: aca_hdr3.MSIDset) -> None:
    """Say, beside what is written, the unit of each MSID and how many samples there are; and why, if none is good."""
    for name, one in found.items():
        n_good = int(np.ma.count(one.vals))
        why = "" if n_good else " It takes 8x8 images of its slots that follow each other in 4.1 s."
        unit = f" [{one.unit}]" if one.unit else ""
        typer.echo(f"{name}{unit}: {n_good:,} of {len(one.times):,} samples can be trusted.{why}", err=True)


@L0.command("files", epilog=_example("l0 files --start 2023:095 --stop 2023:096 --slot 3"))
def l0_files(
    start: Start,
    stop: Stop,
    slot: Annotated[int | None, typer.Option("--slot", min=0, max=7, help="Only this slot.")] = None,
    archive: Place = None,
) -> None:
    """List the files that overlap a span."""
    with open_archive(archive, read_only=True) as site:
        found = aca_l0.get_files(start=start, stop=stop, slots=slot, archive=site)
    typer.echo("\n".join(found) or "No files there.")


@L0.command(
    "slot",
    epilog=_example(
        "l0 slot 3 --start 2023:095 --stop 2023:095:01:00:00", "l0 slot 3 --start 2023:095 --stop 2023:096 --csv"
    ),
)
def l0_slot(slot: Slot, start: Start, stop: Stop, archive: Place = None, *, csv: Csv = False) -> None:
    """List the images of a slot: place, size, background, status."""
    columns = ["TIME", "IMGSIZE", "IMGROW0", "IMGCOL0", "IMGFUNC1", "IMGSTAT", "BGDAVG", "IMGSCALE", "QUALITY"]
    with open_archive(archive, read_only=True) as site:
        _show(Table(aca_l0.get_slot_data(start, stop, slot, columns=columns, archive=site)), csv=csv)


@L0.command("history", epilog=_example("l0 history incoming/history --months 24"))
def l0_history(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write; made if it is not there.")],
    months: Annotated[int, typer.Option("--months", min=1, help="Files of 30 days each, for every slot.")] = MONTHS,
    seed: Annotated[int, typer.Option("--seed", help="Equal seeds give equal files.")] = 1,
) -> None:
    """Write simulated telemetry of the months before `longwatch simulate aca`, an image an hour."""
    simulate_history(out, seed=seed, months=months)
    typer.echo(str(out))


@L0.command("movie", epilog=_example("l0 movie 3 --start 2023:095 --stop 2023:095:00:10:00 -o star.gif"))
def l0_movie(slot: Slot, start: Start, stop: Stop, output: Out, archive: Place = None) -> None:
    """Write the images of a slot as an animated GIF."""
    with open_archive(archive, read_only=True) as site:
        rows = aca_l0.get_slot_data(start, stop, slot, columns=["TIME", "IMGSIZE", "IMGRAW"], archive=site)
    images = np.ma.asarray(rows["IMGRAW"]).reshape(-1, 8, 8)
    _put(output, film(centred(images, np.ma.getdata(rows["IMGSIZE"]))))


def _show(table: Table, *, csv: bool = False) -> None:
    if csv:
        table.write(sys.stdout, format="ascii.csv")
        return
    for column in table.itercols():
        if column.dtype.kind == "f" and column.name != "TIME":
            column.format = ".6g"
    united = any(str(column.unit or "") for column in table.itercols())
    lines = table.pformat(max_lines=-1, max_width=-1, show_unit=united)
    typer.echo("\n".join(lines) if len(table) else "Nothing there.")


def _put(path: Path, data: bytes) -> None:
    if path.exists():
        raise BadQuery(f"{path} exists already and is not overwritten. Name another with -o.")
    path.write_bytes(data)
    typer.echo(str(path))
