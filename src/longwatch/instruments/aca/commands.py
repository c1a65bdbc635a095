"""`longwatch aca`: dark calibrations, header-3 telemetry and images on the command line.

Owns the words. Must not know how anything is stored or computed: each command calls what a notebook would call.
"""

from __future__ import annotations

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
from longwatch.instruments.aca.dark_files import ORIGIN
from longwatch.instruments.aca.dark_lives import warm_trend
from longwatch.instruments.aca.movie import film
from longwatch.plots.figure import Axis, Figure, Image, Panel
from longwatch.plots.render import render_png

APP: Final = typer.Typer(no_args_is_help=True, help="Chandra/ACA: dark calibrations, header 3, image telemetry.")
DARK: Final = typer.Typer(no_args_is_help=True, help="Dark calibrations.")
HDR3: Final = typer.Typer(no_args_is_help=True, help="Header-3 telemetry.")
L0: Final = typer.Typer(no_args_is_help=True, help="Level-0 image telemetry.")
for _app, _word in ((DARK, "dark"), (HDR3, "hdr3"), (L0, "l0")):
    APP.add_typer(_app, name=_word)

Place: TypeAlias = Annotated[
    str | None, typer.Option("--archive", "-A", metavar="FOLDER", help="The archive; else $LONGWATCH_ARCHIVE.")
]
Start: TypeAlias = Annotated[str, typer.Option("--start", metavar="TIME", help="From this time on.")]
Stop: TypeAlias = Annotated[str, typer.Option("--stop", metavar="TIME", help="Up to this time.")]
Out: TypeAlias = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write it.")]
Date: TypeAlias = Annotated[str, typer.Argument(help="A time or a dark id; the calibration before it answers.")]
Msids: TypeAlias = Annotated[list[str], typer.Argument(help="Names or keys, such as ccd_temp or 776.")]
Slot: TypeAlias = Annotated[int, typer.Argument(min=0, max=7, help="Image slot.")]


@DARK.command("add")
def dark_add(folder: Path, archive: Place = None) -> None:
    """Take in directories YYYYDOY with image.fits and properties.json."""
    with open_archive(archive) as site:
        added = dark_cal.add_dark_cals(folder, site)
    typer.echo("\n".join(added) or "Nothing new.")


@DARK.command("list")
def dark_list(archive: Place = None, start: Start = "1999:001", stop: Stop = "now") -> None:
    """List calibrations with what is known of them."""
    last = None if stop == "now" else stop
    with open_archive(archive, read_only=True) as site:
        _show(dark_cal.get_dark_cal_props_table(start, last, site))


@DARK.command("get")
def dark_get(
    date: Date,
    output: Out,
    archive: Place = None,
    t_ccd: Annotated[float | None, typer.Option("--t-ccd", help="Bring it to this temperature [deg C].")] = None,
) -> None:
    """Write a dark map as FITS."""
    with open_archive(archive, read_only=True) as site:
        found = dark_cal.get_dark_cal_props(date, "before", t_ccd, site, include_image=True, allow_negative=True)
    cards = {
        "DARKID": str(found["id"]),
        "BUNIT": "electron / s",
        "T_CCD": found.get("ccd_temp") if t_ccd is None else t_ccd,
    }
    data, _ = image_file([NamedImage(name="DARK", values=np.asarray(found["image"]))], cards=cards)
    _put(output, data)


@DARK.command("plot")
def dark_plot(date: Date, output: Out, archive: Place = None) -> None:
    """Draw a dark map."""
    with open_archive(archive, read_only=True) as site:
        found = dark_cal.get_dark_cal_props(date, archive=site, include_image=True)
    image = Image(values=found["image"], label="Dark current", unit="electron / s", origin=ORIGIN)
    panel = Panel(x=Axis(label="Column"), y=Axis(label="Row"), image=image)
    figure = Figure(name="aca.dark", title=f"ACA dark calibration {found['id']}", panels=(panel,))
    _put(output, render_png(figure))


@DARK.command("warm")
def dark_warm(archive: Place = None) -> None:
    """List warm pixels over the mission, as measured and at -14 deg C."""
    with open_archive(archive, read_only=True) as site:
        table = warm_trend(archive=site)
    for name in ("measured", "corrected", "model"):
        table[name] = np.round(np.ma.asarray(table[name]), 5)
    _show(table["dark_id", "ccd_temp", "measured", "corrected", "model"])


@HDR3.command("list")
def hdr3_list() -> None:
    """List all pseudo-MSIDs and bit fields."""
    found = [aca_hdr3.describe(name) for name in aca_hdr3.names()]
    rows = [(one.key, one.name, one.unit, one.description) for one in found]
    _show(Table(rows=rows, names=["key", "name", "unit", "description"]))


@HDR3.command("fetch")
def hdr3_fetch(msids: Msids, start: Start, stop: Stop, archive: Place = None) -> None:
    """Write samples as CSV; a sample that cannot be trusted is empty."""
    with open_archive(archive, read_only=True) as site:
        found = aca_hdr3.MSIDset(msids, start, stop, archive=site)
    typer.echo(",".join(["time", *found]))
    times = next(iter(found.values())).times
    columns = [np.ma.asarray(one.vals).tolist() for one in found.values()]
    for time, *values in zip(times.tolist(), *columns, strict=True):
        typer.echo(",".join([f"{time:.6f}", *("" if value is None else f"{value:.10g}" for value in values)]))


@HDR3.command("plot")
def hdr3_plot(msids: Msids, start: Start, stop: Stop, output: Out, archive: Place = None) -> None:
    """Draw samples, a panel each."""
    with open_archive(archive, read_only=True) as site:
        found = aca_hdr3.MSIDset(msids, start, stop, archive=site)
    _put(output, render_png(aca_hdr3.hdr3_figure(list(found.values()))))


@L0.command("files")
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


@L0.command("slot")
def l0_slot(slot: Slot, start: Start, stop: Stop, archive: Place = None) -> None:
    """List the images of a slot: place, size, background, status."""
    columns = ["TIME", "IMGSIZE", "IMGROW0", "IMGCOL0", "IMGFUNC1", "IMGSTAT", "BGDAVG", "IMGSCALE", "QUALITY"]
    with open_archive(archive, read_only=True) as site:
        _show(Table(aca_l0.get_slot_data(start, stop, slot, columns=columns, archive=site)))


@L0.command("movie")
def l0_movie(slot: Slot, start: Start, stop: Stop, output: Out, archive: Place = None) -> None:
    """Write the images of a slot as an animated GIF."""
    with open_archive(archive, read_only=True) as site:
        rows = aca_l0.get_slot_data(start, stop, slot, columns=["TIME", "IMGSIZE", "IMGRAW"], archive=site)
    images = np.ma.asarray(rows["IMGRAW"]).reshape(-1, 8, 8)
    _put(output, film(centred(images, np.ma.getdata(rows["IMGSIZE"]))))


def _show(table: Table) -> None:
    lines = table.pformat(max_lines=-1, max_width=-1, show_unit=False)
    typer.echo("\n".join(lines) if len(table) else "Nothing there.")


def _put(path: Path, data: bytes) -> None:
    if path.exists():
        raise BadQuery(f"{path} exists already and is not overwritten. Name another with -o.")
    path.write_bytes(data)
    typer.echo(str(path))
