"""The CCD temperature at three zooms: the whole mission, the newest 30 days, the newest day.

Owns which spans are shown. Must not know how many rows there are, or how they are drawn in few points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from longwatch.contracts.monitor import SeriesView
from longwatch.domain.times import Instant, from_us, to_us
from longwatch.domain.utc import DAY_US
from longwatch.instruments.aca.columns import KELVIN, TEMPCCD
from longwatch.plots.figure import Axis, Figure, Panel, Trace

_ZOOMS: Final = (("Whole mission", None), ("Newest 30 days", 30), ("Newest day", 1))


def temperature_zooms(name: str, series: SeriesView) -> Figure:
    """Give the picture.

    Parameters
    ----------
    name
        Of the figure.
    series
        Image telemetry of all slots.

    Returns
    -------
    Figure
        A panel for each zoom, in deg_C; empty panels where there is no row.
    """
    return Figure(
        name=name,
        title="ACA CCD temperature",
        panels=tuple(_panels(series)),
        caption="TEMPCCD from image telemetry of all slots, in steps of 0.4 degrees: the mean, and the range from the "
        "lowest to the highest value, of which none is lost however many years are shown.",
    )


def _panels(series: SeriesView) -> Iterator[Panel]:
    extent = series.extent
    for title, days in _ZOOMS:
        start: Instant | None = None
        if extent is not None and days is not None:
            start = from_us(to_us(extent[1]) - days * DAY_US)
        (drawn,) = series.plot(TEMPCCD.name, start).panels
        traces = tuple(_celsius(trace) for trace in drawn.traces)
        yield Panel(x=Axis(label=title, time=True), y=Axis(label="CCD", unit="deg_C"), traces=traces)


def _celsius(trace: Trace) -> Trace:
    low, high = (None if edge is None else edge - KELVIN for edge in (trace.low, trace.high))
    return replace(trace, y=trace.y - KELVIN, low=low, high=high)
