"""A monitor of LANTERN: does the cooler still hold?"""

from collections.abc import Sequence

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us, us_from_mjd
from longwatch.domain.timespan import Timespan
from longwatch.plots.figure import Axis, Figure, Panel, Trace

WARMEST = Metric(name="lantern.cooling.warmest", unit="deg_C", description="Highest CCD temperature of a day")


class Cooling:
    """How warm the CCD gets.

    Question: does the cooler still hold the CCD cold enough for darks?
    Inputs: the temperature readings of every dark (`lantern.ccd_temp`).
    Method: the highest reading of a UTC day.
    Output: one metric [deg_C]; no value for a day without readings.
    Cadence: a day.
    Limits: 3 degrees (caution) and 5 degrees (alarm) above the set point, in `limits/cooling.toml`.
    Action: look at the pump; take the darks of that night out of the reference.
    """

    name = "lantern.cooling"
    inputs = ("lantern.ccd_temp",)
    cadence = "day"
    metrics = (WARMEST,)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the highest temperature of a day."""
        rows = view.series["lantern.ccd_temp"].fetch(["ccd_temp"], from_us(window.start_us), from_us(window.stop_us))
        value = float(np.max(rows["ccd_temp"])) if len(rows) else None
        return [Measurement(metric=WARMEST.name, subject="detector=CCD", window=window, value=value)]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the temperature over all nights."""
        rows = view.series["lantern.ccd_temp"].fetch(["ccd_temp"])
        trace = Trace(x=us_from_mjd(np.asarray(rows["mjd"])), y=np.asarray(rows["ccd_temp"]), style="points")
        x, y = Axis(label="Date", time=True), Axis(label="CCD temperature", unit="deg_C")
        panel = Panel(x=x, y=y, traces=(trace,))
        return [
            Figure(name=self.name, title="LANTERN cooling", panels=(panel,), caption="Every reading of every dark.")
        ]
