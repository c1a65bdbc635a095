"""The numbers of a figure as a table, so that every picture has its data beside it.

Owns the layout of that table. Must not know how the figure is drawn.
"""

from __future__ import annotations

import io

import numpy as np
from astropy.table import MaskedColumn, Table, vstack

from longwatch.domain.times import from_us
from longwatch.plots.figure import Axis, Figure, Panel, Trace
from longwatch.plots.scales import filled

_EDGES = ("low", "high")


def figure_data(figure: Figure) -> Table:
    """Give all points of all traces of a figure; images are products or planes and stay out.

    Parameters
    ----------
    figure
        The figure.

    Returns
    -------
    Table
        One row a point: `panel` (0 is the top one), `trace` (its label), `x`, `y`, `y_err` (masked: none is known), and
        `low` and `high` where a trace has a shaded range, in the units of their axes; then `x_utc` and `y_utc` (ISO,
        UTC) where an axis shows times, masked elsewhere.
        A column has a unit where all panels agree on it; `meta` says what each axis is, and the figure's attributes.
    """
    parts = [_trace_table(number, panel, trace) for number, panel in enumerate(figure.panels) for trace in panel.traces]
    table = vstack(parts, metadata_conflicts="silent") if parts else _empty()
    for name in ("x", "y"):
        axes = [panel.x if name == "x" else panel.y for panel in figure.panels if panel.traces]
        _add_unit(table, name, axes)
    for name in ("y_err", *(edge for edge in _EDGES if edge in table.colnames)):
        table[name].unit = table["y"].unit
    table.meta = {
        "name": figure.name,
        "title": figure.title,
        "caption": figure.caption,
        "panels": [_panel_meta(panel) for panel in figure.panels],
        **figure.attributes,
    }
    return table


def figure_ecsv(figure: Figure) -> str:
    """Give the points of a figure as an ECSV document."""
    text = io.StringIO()
    figure_data(figure).write(text, format="ascii.ecsv")
    return text.getvalue()


def _empty() -> Table:
    return Table(names=("panel", "trace", "x", "y", "y_err"), dtype=("i4", "U1", "f8", "f8", "f8"))


def _trace_table(number: int, panel: Panel, trace: Trace) -> Table:
    x, y = filled(trace.x), filled(trace.y)
    y_err = np.full(len(x), np.nan) if trace.y_err is None else filled(trace.y_err)
    table = Table(
        {
            "panel": np.full(len(x), number, dtype=np.int32),
            "trace": np.full(len(x), trace.label),
            "x": x,
            "y": y,
            "y_err": MaskedColumn(y_err, mask=~np.isfinite(y_err)),
        }
    )
    for name, edge in zip(_EDGES, (trace.low, trace.high), strict=True):
        if edge is not None:
            table[name] = filled(edge)
    for name, axis, values in (("x_utc", panel.x, x), ("y_utc", panel.y, y)):
        if axis.time:
            known = np.isfinite(values)
            times = from_us(np.where(known, values, 0.0).astype(np.int64))
            table[name] = MaskedColumn(np.asarray(times.isot, dtype=str), mask=~known)
    return table


def _add_unit(table: Table, name: str, axes: list[Axis]) -> None:
    found = {"us" if axis.time else axis.unit for axis in axes}
    if len(found) == 1:
        table[name].unit = found.pop()


def _panel_meta(panel: Panel) -> dict[str, str]:
    """Say what the axes of a panel are."""
    return {"title": panel.title, "x": _axis_text(panel.x), "y": _axis_text(panel.y)}


def _axis_text(axis: Axis) -> str:
    return f"{axis.label} [us of TAI since 1970]" if axis.time else f"{axis.label} [{axis.unit}]"
