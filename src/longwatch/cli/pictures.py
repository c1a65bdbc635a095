"""Pictures of answers: rows over time, and images of a detector.

Owns what is drawn of them. Must not know how drawing works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from astropy.table import Table
from astropy.time import Time

from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import us_from_time
from longwatch.errors import BadQuery
from longwatch.fits.write import NamedImage, image_file
from longwatch.plots.figure import Axis, Figure, Image, Panel, Trace

PANELS = 8
"""A picture has at most so many panels, and a panel so many traces."""


def series_figure(spec: SeriesSpec, found: Table, times: Time) -> Figure:
    """Give the picture of fetched rows: a panel a column, a trace for each value of the key.

    Raises
    ------
    BadQuery
        Raised if none of the columns can be drawn, or too many are asked for.
    """
    beside = {found.meta["time"], spec.time, spec.exposure, *spec.key}
    names = [name for name in found.colnames if name not in beside and is_drawable(found, name)]
    if not 0 < len(names) <= PANELS:
        raise BadQuery(
            f"A picture of {spec.name!r} can show 1 to {PANELS} columns of plain numbers; {len(names)} were asked for. "
            f"Name some: {', '.join(c.name for c in spec.columns if c.dtype != 'str' and not c.shape)}."
        )
    x = us_from_time(times)
    groups = list(_groups(spec, found))
    panels = tuple(_panel(found, name, x, groups) for name in names)
    return Figure(name=spec.name, title=f"{spec.name}: {', '.join(names)}", panels=panels, caption=spec.description)


def is_drawable(found: Table, name: str) -> bool:
    """Tell whether a column holds one plain number a row."""
    return found[name].dtype.kind in "iufb" and found[name].ndim == 1


def image_figure(image: np.ndarray, meta: Mapping[str, object]) -> Figure:
    """Give the picture of a detector image."""
    row, col = (int(str(at)) for at in _pair(meta["origin"]))
    shown = Image(values=image, label=str(meta["property"]), unit=str(meta["unit"]), origin=(row, col))
    panel = Panel(x=Axis(label="column", unit="pix"), y=Axis(label="row", unit="pix"), image=shown)
    title = f"{meta['cube']}: {meta['property']}, epoch {meta['epoch']}"
    return Figure(name=str(meta["cube"]), title=title, panels=(panel,))


def _pair(origin: object) -> tuple[object, object]:
    match origin:
        case (row, col):
            return row, col
        case _:
            return 0, 0


def _panel(found: Table, name: str, x: np.ndarray, groups: list[tuple[str, np.ndarray]]) -> Panel:
    column = found[name]
    traces = tuple(Trace(x=x[rows], y=column[rows], label=label, style="points") for label, rows in groups)
    unit = "" if column.unit is None else str(column.unit)
    return Panel(x=Axis(label="Date", time=True), y=Axis(label=name, unit=unit), traces=traces)


def _groups(spec: SeriesSpec, found: Table) -> Iterator[tuple[str, np.ndarray]]:
    """Part rows by the first key column that is there and has few values; else all in one."""
    everything = np.arange(len(found))
    for name in spec.key:
        if name in found.colnames and 1 < len(values := np.unique(np.asarray(found[name]))) <= PANELS:
            for value in values:
                yield f"{name} {value}", np.flatnonzero(np.asarray(found[name]) == value)
            return
    yield "", everything


def image_fits(image: np.ndarray, meta: Mapping[str, object]) -> bytes:
    """Give a detector image as a FITS file; where pixels are missing the values become floats, and NaN.

    The native (row, col) of its first pixel stand in ROW0 and COL0.
    """
    row, col = (int(str(at)) for at in _pair(meta["origin"]))
    cards: dict[str, str | int] = {"BUNIT": str(meta["unit"]), "CUBE": str(meta["cube"])}
    cards |= {"EPOCH": int(str(meta["epoch"])), "ROW0": row, "COL0": col}
    match meta["key"]:
        case dict() as key:
            cards |= {str(name)[:8].upper(): str(value) for name, value in key.items()}
        case _:
            pass
    name = str(meta["property"])
    return image_file([NamedImage(name=name.upper(), values=_with_nan(image), cards=cards)], cards={})[0]


def summary(image: np.ndarray, meta: Mapping[str, object]) -> dict[str, str | int | float | None]:
    """Say what is in a detector image: shape, unit, epoch, and the range of its finite values."""
    values = np.ma.masked_invalid(np.ma.asarray(image, dtype=np.float64))
    missing = int(np.ma.getmaskarray(image).sum())
    known = values.compressed()
    facts: dict[str, str | int | float | None] = {"cube": str(meta["cube"]), "property": str(meta["property"])}
    facts |= {"unit": str(meta["unit"]), "epoch": int(str(meta["epoch"]))}
    facts |= {"shape": f"{image.shape[0]} x {image.shape[1]}", "missing": missing}
    facts["nan"] = image.size - missing - known.size
    for name, number in (("min", np.min), ("median", np.median), ("max", np.max)):
        facts[name] = float(number(known)) if known.size else None
    return facts


def _with_nan(image: np.ndarray) -> np.ndarray:
    plain = np.asarray(np.ma.getdata(image))
    mask = np.ma.getmaskarray(image)
    if not mask.any():
        return plain
    return np.where(mask, np.nan, plain.astype(plain.dtype if plain.dtype.kind == "f" else np.float64))
