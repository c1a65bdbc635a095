"""Scales: from an axis' own values to the numbers that are drawn, and its ticks and label.

Owns units in labels, dates on time axes and the limits of an axis. Must not know what stands on the axis.
"""

from __future__ import annotations

import numpy as np
from astropy import units
from matplotlib import dates
from matplotlib.axis import Axis as DrawnAxis

from longwatch.domain.utc import DAY_US, utc_from_us
from longwatch.plots.figure import Axis

_MARGIN = 0.04
_LONE_DAYS = 0.5


def filled(values: np.ndarray) -> np.ndarray:
    """Give the values as float64, masked elements as NaN."""
    return np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)


def drawn(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Give the numbers that are drawn: days since 1970 (UTC) for times, else the values themselves.

    Parameters
    ----------
    values
        (n,) values of the axis; NaN where there is none.
    axis
        The axis they belong to.

    Returns
    -------
    np.ndarray
        (n,) float64; NaN where there is none, or where a logarithmic axis has no place for it.
    """
    values = filled(values)
    if axis.time:
        known = np.isfinite(values)
        day, us_of_day = utc_from_us(np.where(known, values, 0.0).astype(np.int64))
        return np.where(known, day + us_of_day / DAY_US, np.nan)
    if axis.log:
        return np.where(values > 0, values, np.nan)
    return values


def linear(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Give what is proportional to pixels: the logarithm on a logarithmic axis, else the values themselves."""
    return np.log10(np.where(filled(values) > 0, filled(values), np.nan)) if axis.log else filled(values)


def label_with_unit(label: str, unit: str) -> str:
    """Give `CCD temperature [°C]`; without a unit, the label alone."""
    shown = units.Unit(unit).to_string("unicode") if unit else ""
    return f"{label} [{shown}]" if shown else label


def limits_of(values: np.ndarray, axis: Axis, *, edges: tuple[float, ...] = ()) -> tuple[float, float] | None:
    """Give the limits of an axis: the values with a margin, and those edges of bands that do not squeeze them.

    Parameters
    ----------
    values
        (n,) drawn numbers.
    axis
        The axis they belong to.
    edges
        Drawn bounds of bands; those within twice the values' own range of them are shown.

    Returns
    -------
    tuple[float, float] | None
        Lower and upper limit; None where there is no value.
    """
    finite = linear(values, axis)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return None
    low, high = float(finite.min()), float(finite.max())
    reach = 2 * (high - low) or np.inf
    bounds = linear(np.array(edges), axis)
    shown = bounds[np.isfinite(bounds) & (bounds >= low - reach) & (bounds <= high + reach)]
    low, high = min(low, *shown, high), max(high, *shown, low)
    margin = _MARGIN * (high - low) or (_LONE_DAYS if axis.time else _MARGIN * abs(high) or _MARGIN)
    low, high = low - margin, high + margin
    return (10**low, 10**high) if axis.log else (low, high)


def axis_label(axis: Axis) -> str:
    """Give the text beside an axis."""
    return f"{axis.label} [UTC]" if axis.time else label_with_unit(axis.label, axis.unit)


def show_dates(target: DrawnAxis) -> None:
    """Write dates at the ticks of an axis that shows times: as fine as its range asks for, the rest said once."""
    locator = dates.AutoDateLocator(minticks=4, maxticks=9)
    target.set_major_locator(locator)
    target.set_major_formatter(dates.ConciseDateFormatter(locator))
