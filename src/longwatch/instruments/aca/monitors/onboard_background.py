"""The background the ACA subtracts on board, day by day, and whether it can be computed again.

Owns the question, its numbers and its picture. Must not know where telemetry is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.background import onboard_background
from longwatch.plots.figure import Axis, Figure, Panel, Trace

LEVEL: Final = Metric(name="aca.onboard_background.level", unit="adu", description="Median background of a day, in DN")
AGREES: Final = Metric(
    name="aca.onboard_background.agrees",
    unit="",
    description="Share of 8x8 images whose background, computed again from their pixels, is within 2 DN of BGDAVG",
)

_SERIES: Final = "aca.l0"
_WITHIN_DN: Final = 2.0
_MOST_IMAGES: Final = 2000
_MOST_POINTS: Final = 20_000


class OnboardBackground:
    """Whether the background that the camera subtracts is what its pixels say.

    Question: how high is the background, and does the camera still compute it as it should?
    Inputs: BGDAVG and 8x8 images of all slots (`aca.l0`).
    Method: median of BGDAVG over a UTC day; for up to 2000 images of 8x8 pixels, spread over the day, the flat
    algorithm is run again. Images since the patch (BGDTYP 'DYNB') are left out of that, for it no longer holds there.
    Output: level [DN], and the share of images that agree; no measurement where there are no images.
    Cadence: a day.
    Limits: on the share, in `limits/onboard_background.toml`.
    Action: look at the slots that disagree: a hot pixel in a corner, or a change of the on-board software.
    """

    name: str = "aca.onboard_background"
    inputs: tuple[str, ...] = (_SERIES,)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (LEVEL, AGREES)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give level and agreement of a day."""
        span = from_us(window.start_us), from_us(window.stop_us)
        table = view.series[_SERIES].fetch(["bgdavg", "imgsize", "bgdtyp", "quality"], *span)
        if not len(table):
            return []
        level = float(np.median(np.asarray(table["bgdavg"], dtype=float)))
        found = [Measurement(metric=LEVEL.name, subject="detector=CCD", window=window, value=level)]
        flat = np.ma.filled(np.ma.asarray(table["bgdtyp"]), "") == "FLAT"
        chosen = np.flatnonzero(flat & (np.asarray(table["imgsize"]) == 8))
        if len(chosen):
            chosen = chosen[:: max(1, len(chosen) // _MOST_IMAGES)]
            images = np.ma.getdata(view.series[_SERIES].fetch(["imgraw"], *span)["imgraw"])[chosen]
            off = onboard_background(images).average - np.asarray(table["bgdavg"], dtype=float)[chosen]
            share = float(np.mean(np.abs(off) <= _WITHIN_DN))
            found.append(Measurement(metric=AGREES.name, subject="detector=CCD", window=window, value=share))
        return found

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the background of each slot."""
        table = view.series[_SERIES].fetch(["time", "slot", "bgdavg"])
        time = np.asarray(us_from_cxc(np.asarray(table["time"], dtype=float)), dtype=float)
        slot, level = np.asarray(table["slot"]), np.asarray(table["bgdavg"], dtype=float)
        traces = []
        for number in np.unique(slot):
            index = np.flatnonzero(slot == number)
            index = index[:: max(1, len(index) // _MOST_POINTS)]
            traces.append(Trace(x=time[index], y=level[index], label=f"slot {number}", style="points", marker="x"))
        return [
            Figure(
                name=self.name,
                title="ACA background subtracted on board",
                panels=(Panel(x=Axis(label="Date", time=True), y=Axis(label="BGDAVG, in DN"), traces=tuple(traces)),),
                caption="BGDAVG of the images of each slot.",
            )
        ]
