"""Which pixels of the ACA's CCD turn hot from one dark calibration to the next.

Owns the question, its numbers and its picture. Must not know where maps are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.monitor import View
from longwatch.cubes.lives import watch
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.dark_files import CONDITIONS, CUBE, DARK_RATE, day_of
from longwatch.instruments.aca.dark_model import REFERENCE_C
from longwatch.instruments.aca.warm import hot_levels
from longwatch.plots.figure import Axis, Figure, Panel, Trace

BORN: Final = Metric(
    name="aca.hot_pixels.born", unit="pix", description="Pixels that turned hot since the calibration before"
)
RATE: Final = Metric(name="aca.hot_pixels.rate", unit="pix / yr", description="The same over the time between the two")

HOT: Final = 1000.0
"""A pixel above this at -14 deg_C is hot [electron / s]; it stays so down to 0.8 of it."""

_YEAR_US: Final = 365.25 * 86_400e6


class HotPixels:
    """How many pixels turn hot.

    Question: how fast does radiation make new hot pixels, and did a storm make many at once?
    Inputs: the dark maps (`aca.dark`) and the CCD temperatures (`aca.dark_conditions`).
    Method: a pixel turns hot above 1000 electron / s, brought to -14 deg_C by the law global-2016, and stays so down to
    0.8 of that; births are counted from one calibration with a temperature to the next.
    Output: births, and births a year; the window is the day of the later calibration. A pixel that flickers about the
    level may be born more than once.
    Cadence: mission.
    Limits: on the births, in `limits/hot_pixels.toml`.
    Action: `longwatch aca dark births` names the pixels; star catalogues avoid them.
    """

    name: str = "aca.hot_pixels"
    inputs: tuple[str, ...] = (CUBE, CONDITIONS)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (BORN, RATE)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the births of each calibration in the window but the first of all."""
        days, born, years = _births(view)
        return [
            Measurement(metric=metric.name, subject="detector=CCD", window=day, value=float(value))
            for day, count, elapsed in zip(days, born, years, strict=True)
            if window.contains(day.start_us)
            for metric, value in ((BORN, count), (RATE, count / elapsed))
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the births over the mission, one by one and in all."""
        days, born, _ = _births(view)
        time = np.array([day.start_us for day in days], dtype=float)
        date = Axis(label="Date", time=True)
        return [
            Figure(
                name=self.name,
                title="ACA hot pixels born",
                panels=(
                    Panel(
                        x=date, y=Axis(label="Pixels since the last"), traces=(Trace(x=time, y=born, style="points"),)
                    ),
                    Panel(
                        x=date, y=Axis(label="Pixels in all"), traces=(Trace(x=time, y=np.cumsum(born), style="steps"),)
                    ),
                ),
                caption=f"Pixels that turned hot: above {HOT:g} electron / s at {REFERENCE_C:g} deg_C.",
            )
        ]


def _births(view: View) -> tuple[list[Timespan], NDArray[np.float64], NDArray[np.float64]]:
    """Give days, births and years since the calibration before, from the second calibration on."""
    levels = hot_levels(view, HOT)
    if len(levels) < 2:
        return [], np.zeros(0), np.zeros(0)
    epochs = list(levels)
    events = watch(view.cubes[CUBE], DARK_RATE.name, levels).events
    days = [day_of(str(epoch)) for epoch in epochs]
    born = np.array([np.count_nonzero(events["epoch"] == epoch) for epoch in epochs[1:]], dtype=float)
    return days[1:], born, np.diff([day.start_us for day in days]) / _YEAR_US
