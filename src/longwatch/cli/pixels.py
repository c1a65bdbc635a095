"""Asking for pixels and images: `pixel`, `image`.

Owns how cubes are asked for and shown. Must not know how planes are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from longwatch.cli.files import put
from longwatch.cli.options import (
    ASK,
    ArchiveOption,
    AsOfOption,
    CsvOption,
    EcsvOption,
    JsonOption,
    WhereOption,
    conditions,
    example,
)
from longwatch.cli.output import Shown, form_of, spelled, write_json, write_table
from longwatch.cli.output import write as write_line
from longwatch.cli.site import opened
from longwatch.errors import BadQuery

if TYPE_CHECKING:
    import numpy as np

    from longwatch.cubes.image import DetectorImage

APP = typer.Typer()

OPTIONS = {"properties", "epoch", "view", "as_of"}
"""Names that the commands themselves take, so that no part of a cube's key can have them."""


@APP.command(
    "pixel",
    rich_help_panel=ASK,
    epilog=example("longwatch pixel stis.ccd 412 733", "longwatch pixel aca.dark -- -512 -512"),
    context_settings={"ignore_unknown_options": True},
)
def pixel(
    cube: Annotated[str, typer.Argument(help="Name of the cube; `longwatch status` lists them.")],
    row: Annotated[int, typer.Argument(help="Native row.")],
    col: Annotated[int, typer.Argument(help="Native column.")],
    archive: ArchiveOption = None,
    epoch: Annotated[
        str | None, typer.Option("--epoch", help="Only this one: a number, a time in it, or anneal:200.")
    ] = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    as_csv: CsvOption = False,
    as_ecsv: EcsvOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give a pixel's life: its properties in every epoch."""
    form = form_of(as_json=as_json, as_csv=as_csv, as_ecsv=as_ecsv)
    at = None if epoch is None else epoch_of(epoch)
    with opened(archive) as site:
        found = site.cubes[cube].pixel(row, col, properties=None, epoch=at, as_of=as_of, **keys(where))
        nothing = f"No such epoch. The cube holds: {site.cubes[cube]!r}"
    write_table(found, form, Shown(nothing=nothing))


@APP.command(
    "image",
    rich_help_panel=ASK,
    epilog=example(
        "longwatch image stis.ccd sci_mean --epoch 200",
        "longwatch image stis.ccd sci_mean --epoch 200 -o anneal200.png",
        "longwatch image stis.ccd sci_mean --epoch 2014-03-01 -o fits",
    ),
)
def image(
    cube: Annotated[str, typer.Argument(help="Name of the cube.")],
    name: Annotated[str, typer.Argument(metavar="PROPERTY", help="Which property.")],
    epoch: Annotated[str, typer.Option("--epoch", help="A number, a time that lies in it, or anneal:200.")],
    archive: ArchiveOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="A file that ends in .fits or .png; or fits, or png."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Give one property of the whole detector.

    As FITS or PNG with -o; without, say what is in it.
    """
    with opened(archive) as site:
        found = site.cubes[cube].image(name, epoch_of(epoch), view=False, as_of=as_of, **keys(where))
    meta = cast("DetectorImage", found).meta
    if output is None:
        _say_what(found, meta, as_json=as_json)
        return
    path = Path(f"{cube}.{name}.{meta['epoch']}.{output}" if output in {"fits", "png"} else output)
    put(path, _picture(found, meta) if _suffix(path) == ".png" else _fits(found, meta))


def epoch_of(text: str) -> int | str:
    """Give an epoch's number where text is one; a time or `anneal:200` stays text."""
    return int(text) if text.removeprefix("-").isdigit() else text


def keys(where: list[str] | None) -> dict[str, str | int]:
    """Give the values of a cube's key."""
    found = conditions(where, taken=OPTIONS)
    return {name: value if isinstance(value, int) else str(value) for name, value in found.items()}


def _suffix(path: Path) -> str:
    if path.suffix not in {".fits", ".png"}:
        raise BadQuery(f"{path} ends in neither .fits nor .png, so it is not clear what to write. Name one of them.")
    return path.suffix


def _picture(found: np.ndarray, meta: Mapping[str, object]) -> bytes:
    from longwatch.cli.pictures import image_figure
    from longwatch.plots.render import render_png

    return render_png(image_figure(found, meta))


def _fits(found: np.ndarray, meta: Mapping[str, object]) -> bytes:
    from longwatch.cli.pictures import image_fits

    return image_fits(found, meta)


def _say_what(found: np.ndarray, meta: Mapping[str, object], *, as_json: bool) -> None:
    from longwatch.cli.pictures import summary

    known = summary(found, meta)
    if as_json:
        write_json(known)
        return
    for name, value in known.items():
        write_line(f"{name:<10} {spelled(value)}")
