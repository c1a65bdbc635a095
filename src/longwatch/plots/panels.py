"""Panels: one set of axes, drawn from its specification.

Owns how traces, bands, images and legends look. Must not know how panels are arranged or written to a file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from longwatch.plots.figure import Axis, Band, Image, Panel, Trace
from longwatch.plots.scales import axis_label, drawn, filled, label_with_unit, limits_of, linear, show_dates
from longwatch.plots.style import BANDS, COLOURS, FAINT, MISSING
from longwatch.plots.thinning import thin_line, thin_points

NO_DATA = "no data yet"
_ROW_ENTRIES = 4
_ROW_LETTERS = 60
_ELONGATED = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A trace in drawn numbers.

    Parameters
    ----------
    x, y, y_err
        (n,) float64; NaN where there is none.
    low, high
        (n,) edges of a shaded range.
    """

    x: np.ndarray
    y: np.ndarray
    y_err: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None


def x_limits(panels: tuple[Panel, ...]) -> tuple[float, float] | None:
    """Give the limits of an x axis that several panels share.

    Parameters
    ----------
    panels
        Panels whose x axes are equal.

    Returns
    -------
    tuple[float, float] | None
        Lower and upper limit in drawn numbers; None where no panel has a point.
    """
    ends = [np.empty(0)]
    for panel in panels:
        for trace in panel.traces:
            x = filled(trace.x)
            known = x[np.isfinite(linear(x, panel.x)) & np.isfinite(linear(trace.y, panel.y))]
            if len(known):
                ends.append(drawn(np.array([known.min(), known.max()]), panel.x))
    return limits_of(np.concatenate(ends), panels[0].x)


def draw_panel(axes: Axes, panel: Panel, *, x_limits: tuple[float, float] | None, x_label: bool = True) -> None:
    """Draw a panel.

    Parameters
    ----------
    axes
        Where; empty axes of about their final size.
    panel
        What.
    x_limits
        Limits of the x axis in drawn numbers; None where there is no point.
    x_label
        Whether to name the x axis: not where the panel below has the same.
    """
    axes.set(title=panel.title, xlabel=axis_label(panel.x) if x_label else "", ylabel=axis_label(panel.y))
    if panel.image is not None:
        _draw_image(axes, panel.image)
    elif x_limits is None:
        draw_no_data(axes)
    else:
        _draw_traces(axes, panel, x_limits)


def draw_no_data(axes: Axes) -> None:
    """Say in the middle of the axes that there is nothing to draw yet."""
    axes.grid(visible=False)
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    axes.text(0.5, 0.5, NO_DATA, ha="center", va="center", fontsize=13, color=FAINT, transform=axes.transAxes)


def _draw_traces(axes: Axes, panel: Panel, x_limits: tuple[float, float]) -> None:
    traces = [_thinned(axes, trace, panel) for trace in panel.traces]
    y_limits = limits_of(_heights(traces), panel.y, edges=_edges(panel))
    if y_limits is None:
        draw_no_data(axes)
        return
    axes.set(xscale=_scale(panel.x), yscale=_scale(panel.y), xlim=x_limits, ylim=y_limits)
    for target, axis in ((axes.xaxis, panel.x), (axes.yaxis, panel.y)):
        if axis.time:
            show_dates(target)
    if panel.y.words:
        axes.set_yticks(range(len(panel.y.words)), panel.y.words)
    for number, (trace, points) in enumerate(zip(panel.traces, traces, strict=True)):
        _draw_trace(axes, trace, points, COLOURS[number % len(COLOURS)])
    for number, band in enumerate(panel.bands):
        _draw_band(axes, band, panel, BANDS[number % len(BANDS)])
    _draw_legend(axes)


def _thinned(axes: Axes, trace: Trace, panel: Panel) -> _Drawn:
    x, y = filled(trace.x), filled(trace.y)
    if not len(x):
        return _Drawn(x=x, y=y)
    n_columns, n_rows = (int(size) for size in axes.get_window_extent().size)
    seen = _seen(trace)
    places = linear(x, panel.x)[seen], linear(y, panel.y)[seen]
    keep = thin_points(*places, n_columns, n_rows) if trace.style == "points" else thin_line(*places, n_columns)
    edges = [] if trace.low is None or trace.high is None else [trace.low, trace.high]
    for edge in edges:
        keep = np.union1d(keep, thin_line(places[0], linear(edge, panel.y)[seen], n_columns))
    keep = keep + seen.start
    y_err = None if trace.y_err is None else filled(trace.y_err)[keep]
    low, high = (drawn(edge[keep], panel.y) for edge in edges) if edges else (None, None)
    return _Drawn(x=drawn(x[keep], panel.x), y=drawn(y[keep], panel.y), y_err=y_err, low=low, high=high)


def _seen(trace: Trace) -> slice:
    """Give the points from the first to the last that is drawn: the axis ends there, and so do its pixel columns."""
    values = [filled(given) for given in (trace.y, trace.low, trace.high) if given is not None]
    there = np.flatnonzero(np.isfinite(values).any(axis=0) & np.isfinite(filled(trace.x)))
    return slice(int(there[0]), int(there[-1]) + 1) if len(there) else slice(0, len(trace.x))


def _heights(traces: list[_Drawn]) -> np.ndarray:
    """Give every y that is to be seen, ends of error bars among them."""
    parts = [np.empty(0)]
    for trace in traces:
        y = np.where(np.isfinite(trace.x), trace.y, np.nan)
        parts += [y] if trace.y_err is None else [y, y - trace.y_err, y + trace.y_err]
        parts += [edge for edge in (trace.low, trace.high) if edge is not None]
    return np.concatenate(parts)


def _scale(axis: Axis) -> Literal["linear", "log"]:
    return "log" if axis.log else "linear"


def _edges(panel: Panel) -> tuple[float, ...]:
    return tuple(edge for band in panel.bands if band.axis == "y" for edge in (band.low, band.high))


def _draw_band(axes: Axes, band: Band, panel: Panel, colour: str) -> None:
    if band.axis == "x":
        low, high = np.clip(drawn(np.array([band.low, band.high]), panel.x), *axes.get_xlim())
        axes.axvspan(low, high, color=colour, alpha=0.13, lw=0, label=band.label, zorder=0.5)
        return
    low, high = np.clip((band.low, band.high), *axes.get_ylim())
    axes.axhspan(low, high, color=colour, alpha=0.13, lw=0, label=band.label, zorder=0.5)
    for edge in (band.low, band.high):
        if np.isfinite(edge):
            axes.axhline(edge, color=colour, lw=0.9, ls=(0, (4, 3)), zorder=0.6)


def _draw_trace(axes: Axes, trace: Trace, points: _Drawn, colour: str) -> None:
    if points.y_err is not None:
        axes.errorbar(points.x, points.y, points.y_err, fmt="none", ecolor=colour, elinewidth=0.9, alpha=0.6)
    if points.low is not None and points.high is not None:
        axes.fill_between(points.x, points.low, points.high, color=colour, alpha=0.35, lw=0.8, zorder=1.5)
    if trace.style == "points":
        size = float(np.clip(7.0 - 1.4 * np.log10(max(len(points.x), 10)), 1.0, 5.5))
        axes.plot(points.x, points.y, trace.marker, color=colour, label=trace.label, markersize=size)
    else:
        course = "steps-mid" if trace.style == "steps" else "default"
        lone = trace.marker if np.isfinite(points.y).sum() < 2 else None  # a line through one point shows nothing
        axes.plot(points.x, points.y, color=colour, label=trace.label, drawstyle=course, marker=lone)


def _draw_legend(axes: Axes) -> None:
    """Name the traces and bands above the axes, or beside them where there are many: never over the data."""
    handles, labels = axes.get_legend_handles_labels()
    if not handles:
        return
    row = len(labels) <= _ROW_ENTRIES and sum(map(len, labels)) <= _ROW_LETTERS
    axes.legend(
        handles,
        labels,
        loc="lower right" if row else "upper left",
        bbox_to_anchor=(1.0, 1.0) if row else (1.005, 1.0),
        ncols=len(labels) if row else 1,
        borderaxespad=0.3,
        handlelength=1.4,
        columnspacing=1.2,
    )


def _draw_image(axes: Axes, image: Image) -> None:
    """Draw an image with a colour scale between two percentiles, missing pixels grey."""
    values = np.ma.masked_invalid(image.values)
    if not values.count():
        draw_no_data(axes)
        return
    low, high = _scale_ends(values.compressed(), image)
    (row, col), (n_row, n_col) = image.origin, values.shape
    shown = axes.imshow(
        values,
        origin="lower",
        aspect="auto" if max(n_row / n_col, n_col / n_row) > _ELONGATED else "equal",
        cmap=colormaps["viridis" if image.centre is None else "RdBu_r"].with_extremes(bad=MISSING),
        vmin=low,
        vmax=high if high > low else low + 1.0,
        extent=(col - 0.5, col + n_col - 0.5, row - 0.5, row + n_row - 0.5),
    )
    axes.grid(visible=False)
    axes.figure.colorbar(
        shown, ax=axes, extend=_extend(values, low, high), label=label_with_unit(image.label, image.unit), aspect=30
    )


def _scale_ends(values: np.ndarray, image: Image) -> tuple[float, float]:
    """Give the ends of the colour scale: as far to both sides of its centre, where it has one."""
    low, high = (float(end) for end in np.percentile(values, image.percentiles))
    if image.centre is None:
        return low, high
    reach = max(high - image.centre, image.centre - low) or 1.0
    return image.centre - reach, image.centre + reach


def _extend(values: np.ma.MaskedArray, low: float, high: float) -> str:
    """Say whether some pixels lie beyond the colour scale, for the arrows of the colour bar."""
    below, above = bool((values < low).any()), bool((values > high).any())
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]
