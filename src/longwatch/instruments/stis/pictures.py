"""Pictures of the CCD and its pixels.

Owns what is drawn. Must not know where numbers come from, nor how drawing works.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.lives import WARM_SHARE
from longwatch.plots.figure import Axis, Band, Figure, Image, Panel, Trace

_COLUMN: Final = Axis(label="Column", unit="pix")
_ROW: Final = Axis(label="Row", unit="pix")
_PERCENTILES: Final = (1.0, 95.0)
"""One pixel in twenty is hot: they would leave no colours to the others."""

_CHANGES: Final = (2.0, 98.0)

_BINS: Final = np.geomspace(0.003, 30.0, 81)


def detector_map(name: str, title: str, image: np.ndarray, *, label: str, unit: str) -> Figure:
    """Show one property of the part of the detector that was observed.

    Parameters
    ----------
    name, title
        Of the picture.
    image
        (n_row, n_col); masked: not observed, NaN: no value.
    label, unit
        Of the values.
    """
    cut, origin = observed_part(image)
    shown = Image(values=cut, label=label, unit=unit, origin=origin, percentiles=_PERCENTILES)
    return Figure(name=name, title=title, panels=(Panel(x=_COLUMN, y=_ROW, image=shown),))


def change_map(name: str, title: str, image: np.ndarray, *, label: str, unit: str, ratio: bool = False) -> Figure:
    """Show a difference of two images about 0, or a ratio about 1; parameters as in `detector_map`."""
    cut, origin = observed_part(image)
    centre = 1.0 if ratio else 0.0
    shown = Image(values=cut, label=label, unit=unit, origin=origin, percentiles=_CHANGES, centre=centre)
    return Figure(name=name, title=title, panels=(Panel(x=_COLUMN, y=_ROW, image=shown),))


def survival(curves: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> Figure:
    """Show how long hot pixels stay hot.

    Parameters
    ----------
    curves
        Label, share still hot so many periods after birth (from 1 at 0 periods) and its standard deviation.
    """
    traces = [
        Trace(x=np.arange(len(share), dtype=float), y=share, y_err=error, label=label, style="steps")
        for label, share, error in curves
    ]
    panel = Panel(
        x=Axis(label="Anneal periods since birth"),
        y=Axis(label="Share still hot"),
        traces=tuple(traces),
    )
    caption = "Share of the hot pixels born while they were watched that is still hot (product-limit estimate)."
    title = "STIS CCD: how long hot pixels stay hot"
    return Figure(name="stis.survival", title=title, panels=(panel,), caption=caption)


def observed_part(image: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Cut the smallest rectangle that holds every observed pixel; gives it with the (row, col) of its first pixel."""
    seen = ~np.ma.getmaskarray(image)
    rows, cols = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return image, (0, 0)
    return image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1], (int(rows[0]), int(cols[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Life:
    """What is shown of a pixel.

    Parameters
    ----------
    row, col
        The pixel.
    start_us, stop_us
        (n,), spans of the periods [microseconds of TAI].
    rate, error
        (n,), dark rate and one standard deviation [electron / s]; NaN: not known.
    """

    row: int
    col: int
    start_us: np.ndarray
    stop_us: np.ndarray
    rate: np.ndarray
    error: np.ndarray


def pixel_life(life: Life, *, level: float) -> Figure:
    """Show the life of a pixel: value, uncertainty and state; above `level` [electron / s] it is hot."""
    known = life.rate[np.isfinite(life.rate)]
    top = max(float(known.max()) if known.size else level, level) * 1.3
    bottom = min(float(known.min()) if known.size else 0.0, 0.0)
    start = np.asarray(life.start_us, dtype=float)
    middle = (start + np.asarray(life.stop_us, dtype=float)) / 2
    foot = np.full(len(middle), bottom - 0.03 * (top - bottom))
    date, unit = Axis(label="Date", time=True), c.DARK_RATE.unit
    value = Panel(
        x=date,
        y=Axis(label="Dark rate at 18 deg C", unit=unit),
        traces=(
            Trace(x=middle, y=life.rate, y_err=life.error, label="mean of a period"),
            Trace(x=start, y=foot, label="anneals", marker="+"),
        ),
        bands=(
            Band(low=level, high=top, label=f"hot: above {level:g}"),
            Band(low=WARM_SHARE * level, high=level, label="warm"),
        ),
    )
    uncertainty = Panel(x=date, y=Axis(label="Uncertainty", unit=unit), traces=(Trace(x=middle, y=life.error),))
    return Figure(
        name="stis.pixel_life",
        title=f"STIS CCD: the life of pixel row {life.row}, column {life.col}",
        panels=(value, uncertainty),
        caption="Mean dark rate of each anneal period and its standard deviation; crosses mark the anneals.",
    )


def trend(name: str, title: str, traces: Sequence[Trace], *, y: Axis, caption: str) -> Figure:
    """Show numbers over time; x of the traces is microseconds of TAI."""
    return Figure(
        name=name,
        title=title,
        panels=(Panel(x=Axis(label="Date", time=True), y=y, traces=tuple(traces)),),
        caption=caption,
    )


def histograms(name: str, title: str, rates: Sequence[tuple[str, np.ndarray]]) -> Figure:
    """Show how many pixels have which dark rate, a line a period.

    Parameters
    ----------
    name, title
        Of the picture.
    rates
        Label and (n_row, n_col) dark rate [electron / s] of each period.
    """
    centres = np.sqrt(_BINS[1:] * _BINS[:-1])
    traces = []
    for label, rate in rates:
        counts = np.histogram(np.ma.masked_invalid(rate).compressed(), _BINS)[0].astype(float)
        traces.append(Trace(x=centres, y=np.where(counts > 0, counts, np.nan), label=label, style="steps"))
    panel = Panel(
        x=Axis(label="Dark rate at 18 deg C", unit=c.DARK_RATE.unit, log=True),
        y=Axis(label="Pixels", log=True),
        traces=tuple(traces),
    )
    return Figure(name=name, title=title, panels=(panel,), caption="Pixels by dark rate, in bins of equal log rate.")
