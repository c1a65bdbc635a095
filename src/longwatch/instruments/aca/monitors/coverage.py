"""Where image telemetry of the ACA is missing, day by day.

Owns the question, its numbers and its picture. Must not know where telemetry is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import cxc_from_us, from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.columns import SLOTS
from longwatch.plots.figure import Axis, Figure, Panel, Trace

PRESENT: Final = Metric(
    name="aca.coverage.present", unit="", description="Share of a day in which a slot's images follow without a gap"
)
LONGEST: Final = Metric(name="aca.coverage.longest_gap", unit="s", description="Longest gap of a slot in a day")

_SERIES: Final = "aca.l0"
_GAP_S: Final = 33.0
"""Longer than a major frame, so a change of image size is no gap."""
_USUAL: Final = 0.9


class Coverage:
    """Whether image telemetry is complete.

    Question: are there gaps, and are they the same in every slot?
    Inputs: times of all images (`aca.l0`).
    Method: between two images of a slot more than 33 s apart (a major frame) lies a gap, unless one in ten of them is a
    third as far apart, as in thinned data; also before the first and after the last image of a UTC day.
    Output: share of the day without gaps, and the longest gap [s], by slot; 0 and the whole day for a slot without
    images on a day on which another has some.
    Cadence: a day.
    Limits: on the share, in `limits/coverage.toml`.
    Action: fetch the files of the gap, see `longwatch aca l0 files`; a gap in all slots is one of the spacecraft.
    """

    name: str = "aca.coverage"
    inputs: tuple[str, ...] = (_SERIES,)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (PRESENT, LONGEST)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give share and longest gap of each slot."""
        table = view.series[_SERIES].fetch(["time", "slot"], from_us(window.start_us), from_us(window.stop_us))
        if not len(table):
            return []
        time, slot = np.asarray(table["time"], dtype=float), np.asarray(table["slot"])
        start, stop = (float(cxc_from_us(us)) for us in (window.start_us, window.stop_us))
        found = []
        for number in range(SLOTS):
            gaps = gaps_s(time[slot == number], start, stop)
            values = {PRESENT: 1.0 - gaps.sum() / (stop - start), LONGEST: gaps.max(initial=0.0)}
            found += [
                Measurement(metric=metric.name, subject=f"slot={number}", window=window, value=float(value))
                for metric, value in values.items()
            ]
        return found

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the spans in which each slot has images."""
        table = view.series[_SERIES].fetch(["time", "slot"])
        time, slot = np.asarray(table["time"], dtype=float), np.asarray(table["slot"])
        traces = [_runs(time[slot == number], int(number)) for number in np.unique(slot)]
        panel = Panel(x=Axis(label="Date", time=True), y=Axis(label="Slot"), traces=tuple(traces))
        return [
            Figure(
                name=self.name,
                title="ACA image telemetry present",
                panels=(panel,),
                caption="A line where images follow each other; broken where there is a gap of more than 33 s.",
            )
        ]


def _runs(time: NDArray[np.float64], slot: int) -> Trace:
    """Give a line at the height of the slot for each span without a gap."""
    at = np.flatnonzero(np.diff(time) > _shortest_gap_s(time))
    begin, end = time[np.append(0, at + 1)], time[np.append(at, len(time) - 1)]
    us = np.asarray(us_from_cxc(np.stack([begin, end], axis=1)), dtype=float)
    x = np.column_stack([us, np.full(len(us), np.nan)]).ravel()
    return Trace(x=x, y=np.where(np.isnan(x), np.nan, float(slot)), style="line")


def gaps_s(time: NDArray[np.float64], start: float, stop: float) -> NDArray[np.float64]:
    """Give the lengths of gaps between images, before the first and after the last [s].

    Parameters
    ----------
    time
        (n,) ascending times of images.
    start, stop
        Ends of the span looked at.
    """
    steps = np.diff(time, prepend=start, append=stop)
    return np.asarray(steps[steps > _shortest_gap_s(time)])


def _shortest_gap_s(time: NDArray[np.float64]) -> float:
    usual = float(np.quantile(np.diff(time), _USUAL)) if len(time) > 1 else 0.0
    return max(_GAP_S, 3.0 * usual)
