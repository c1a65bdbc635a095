"""Rendering: figure specifications to PNG bytes.

Owns sheets of panels and files of pixels. Must not know where numbers come from, nor keep anything between two calls.
"""

from __future__ import annotations

import io
import threading
from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from matplotlib import RcParams, rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Sheet

from longwatch.plots.figure import Axis, Band, Figure, Trace
from longwatch.plots.panels import draw_no_data, draw_panel, x_limits
from longwatch.plots.scales import filled, limits_of
from longwatch.plots.style import BANDS, COLOURS, DPI, FAINT, INK, SHEET
from longwatch.plots.thinning import thin_line

_Layout: TypeAlias = Literal["constrained", "compressed"] | None

_RENDERING = threading.Lock()
"""Matplotlib's settings belong to the process, so one picture is drawn at a time."""

_HEADING_PX = 60
_TRACES_PX = (440, 300)
_IMAGE_SHARE = 0.62


def render_png(figure: Figure, *, width_px: int = 1000, height_px: int | None = None) -> bytes:
    """Draw a figure.

    Parameters
    ----------
    figure
        What to draw. A panel without any finite point says "no data yet".
    width_px
        Width of the picture [pixel].
    height_px
        Its height [pixel]; None: what its panels need.

    Returns
    -------
    bytes
        A PNG file. The same figure gives the same bytes: nothing in it tells when it was drawn.
    """
    with _RENDERING, rc_context(_look()):
        images = all(panel.image is not None for panel in figure.panels)
        size = width_px, height_px or _height_px(figure, width_px)
        sheet = _blank(*size, layout="compressed" if images else "constrained")
        sheet.suptitle(figure.title, x=0.01, ha="left", fontweight="bold")
        grid = sheet.subplots(max(len(figure.panels), 1), 1, squeeze=False)[:, 0]
        for number, panel in enumerate(figure.panels):
            alike = tuple(other for other in figure.panels if other.x == panel.x and other.image is None)
            below = figure.panels[number + 1 :][:1]
            draw_panel(
                grid[number],
                panel,
                x_limits=x_limits(alike) if alike else None,
                x_label=all(other.x != panel.x or other.image is not None for other in below),
            )
        if not figure.panels:
            draw_no_data(grid[0])
        return _png(sheet, title=figure.title, description=figure.caption)


def thumbnail_png(trace: Trace, *, band: Band | None = None, width_px: int = 160, height_px: int = 36) -> bytes:
    """Draw a trend as small as a word, for a row of a table.

    Parameters
    ----------
    trace
        The trend; its newest point is marked, and stands out when it lies outside the band.
    band
        The range in which the trend should stay, or None.
    width_px, height_px
        Size of the picture [pixel].

    Returns
    -------
    bytes
        A PNG file, empty but for a grey line where there is no finite point.
    """
    with _RENDERING, rc_context(_look()):
        sheet = _blank(width_px, height_px, layout=None)
        axes = sheet.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        _draw_trend(axes, trace, band, width_px)
        return _png(sheet, title=trace.label, description="")


@cache
def _look() -> RcParams:
    return rc_params_from_file(SHEET)


def _blank(width_px: int, height_px: int, *, layout: _Layout) -> Sheet:
    sheet = Sheet(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, layout=layout, facecolor="white")
    FigureCanvasAgg(sheet)
    return sheet


def _png(sheet: Sheet, *, title: str, description: str) -> bytes:
    file = io.BytesIO()
    sheet.savefig(file, format="png", metadata={"Software": None, "Title": title, "Description": description})
    return file.getvalue()


def _height_px(figure: Figure, width_px: int) -> int:
    """Give the height the panels need: less for each where there are many."""
    traces_px = _TRACES_PX[0] if len(figure.panels) <= 1 else _TRACES_PX[1]
    heights = [int(_IMAGE_SHARE * width_px) if panel.image else traces_px for panel in figure.panels]
    return _HEADING_PX + sum(heights or [traces_px])


def _draw_trend(axes: Axes, trace: Trace, band: Band | None, width_px: int) -> None:
    x, y = filled(trace.x), filled(trace.y)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known):
        axes.axhline(0.5, color=FAINT, lw=0.8, ls=(0, (2, 3)))
        return
    order = known[np.argsort(x[known], kind="stable")]
    x, y = x[order], y[order]
    keep = thin_line(x, y, width_px)
    edges = (band.low, band.high) if band else ()
    shown = limits_of(y, Axis(label=""), edges=edges) or (0.0, 1.0)
    axes.set(xlim=_with_margin(x, 0.04), ylim=_with_margin(np.array(shown), 0.15))
    if band:
        axes.axhspan(*np.clip(edges, *axes.get_ylim()), color=BANDS[0], alpha=0.14, lw=0)
    outside = bool(band and not band.low <= y[-1] <= band.high)
    axes.plot(x[keep], y[keep], color=COLOURS[0], lw=1.1)
    axes.plot(x[-1:], y[-1:], color=COLOURS[1] if outside else INK, marker="o", ms=4.0 if outside else 3.0)


def _with_margin(x: np.ndarray, share: float) -> tuple[float, float]:
    """Give the first and last of rising values with a margin on both sides."""
    margin = share * float(x[-1] - x[0]) or 1.0
    return float(x[0]) - margin, float(x[-1]) + margin
