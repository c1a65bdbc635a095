"""Figures as data: what is drawn, before anything is drawn.

Owns the specification. Must not know where the numbers come from or which library draws them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from longwatch.domain.epoch import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis of a panel.

    Parameters
    ----------
    label
        The quantity's name, without the unit.
    unit
        `astropy.units` string shown in brackets; empty shows none.
    time
        True where the values are microseconds of TAI and dates are to be shown (UTC).
    log
        Logarithmic scale.
    words
        Names of the values 0, 1, 2 ..., shown in place of numbers; empty: numbers.
    """

    label: str
    unit: str = ""
    time: bool = False
    log: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One set of points or lines.

    Parameters
    ----------
    x, y
        (n,) arrays; NaN and masked break a line.
    label
        Shown in the legend; empty: not there.
    style
        Points, a line, or steps.
    y_err
        (n,) one standard deviation, or None.
    marker
        One of `o s ^ v D x +`.
    low, high
        (n,) edges of a shaded range about the line, such as the smallest and largest value; None: there is none.
    """

    x: np.ndarray
    y: np.ndarray
    label: str = ""
    style: Literal["points", "line", "steps"] = "points"
    y_err: np.ndarray | None = None
    marker: str = "o"
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A horizontal range (limits, search range) or a vertical one (an era).

    Parameters
    ----------
    low, high
        Bounds in the axis' values.
    label
        What it means.
    axis
        `y`: horizontal band; `x`: vertical band.
    """

    low: float
    high: float
    label: str = ""
    axis: Literal["x", "y"] = "y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image shown with percentile scaling and a colour bar.

    Parameters
    ----------
    values
        (n_row, n_col); NaN and masked are shown grey.
    label, unit
        Name and unit at the colour bar.
    percentiles
        Bounds of the colour scale, in per cent of the pixels that have a value.
    origin
        Native (row, col) of the first pixel; the axes count from there.
    centre
        Value in the middle of a scale of two colours, for differences; None: a scale of one direction.
    """

    values: np.ndarray
    label: str
    unit: str = ""
    percentiles: tuple[float, float] = (1.0, 99.0)
    origin: tuple[int, int] = (0, 0)
    centre: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One set of axes.

    Parameters
    ----------
    x, y
        The axes.
    traces, bands
        What is drawn, in this order.
    image
        An image instead of traces.
    title
        Short.
    """

    x: Axis
    y: Axis
    traces: tuple[Trace, ...] = ()
    bands: tuple[Band, ...] = ()
    image: Image | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture: panels one under the other, sharing nothing unless their x axes are equal.

    Parameters
    ----------
    name
        File name without suffix, `cos.osm_shift.trend`.
    title
        What one sees.
    panels
        From top to bottom.
    caption
        One or two sentences under it.
    attributes
        What the picture's data file says of itself (commit, run, span).
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    caption: str = ""
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
