"""How many pixels of the ACA's CCD are warm, over the mission.

Owns the question, its numbers and its picture. Must not know where calibrations are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import DAY_US
from longwatch.instruments.aca.dark_files import CALS, CONDITIONS, WARM
from longwatch.instruments.aca.dark_model import REFERENCE_C
from longwatch.instruments.aca.warm import modelled, warm_pixels
from longwatch.plots.figure import Axis, Figure, Panel, Trace

FRACTION: Final = Metric(
    name="aca.warm_pixels.fraction", unit="", description="Share of pixels above 100 electron / s as measured"
)
CORRECTED: Final = Metric(
    name="aca.warm_pixels.corrected",
    unit="",
    description="Share of pixels above 100 electron / s at -14 deg_C, by the law global-2016",
)
RATIO: Final = Metric(
    name="aca.warm_pixels.to_model",
    unit="",
    description="Share of warm pixels as measured, over that of the histogram model for day and temperature",
)


class WarmPixels:
    """How many pixels are warm.

    Question: how does radiation damage the CCD, apart from what its temperature does?
    Inputs: the counts and temperature of every dark calibration (`aca.dark_cals`, `aca.dark_conditions`).
    Method: pixels above 100 electron / s, over all 1024 x 1024; as measured, and with the map brought to -14 deg_C.
    From 2007 on the measured share is also divided by that of the histogram model.
    Output: three shares without unit; the window is the day of the calibration. Without a CCD temperature only the
    share as measured.
    Cadence: mission.
    Limits: on the ratio to the model, in `limits/warm_pixels.toml`.
    Action: look at the map and its temperature; if the model is off for several calibrations, fit it anew.
    """

    name: str = "aca.warm_pixels"
    inputs: tuple[str, ...] = (CALS, CONDITIONS)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (FRACTION, CORRECTED, RATIO)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the shares of each calibration in the window."""
        found = []
        table = warm_pixels(view)
        table["to_model"] = np.ma.asarray(table["measured"]) / modelled(table)
        for row in table:
            start_us = int(row["time"])
            if not window.contains(start_us):
                continue
            values = {FRACTION: row["measured"], CORRECTED: row["corrected"], RATIO: row["to_model"]}
            day = Timespan(start_us, start_us + DAY_US)
            found += [
                Measurement(metric=metric.name, subject="detector=CCD", window=day, value=float(value))
                for metric, value in values.items()
                if not np.ma.is_masked(value)
            ]
        return found

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the shares over the mission, with the CCD temperature below."""
        return [trend_figure(warm_pixels(view))]


def trend_figure(table: Table, *, above: float = WARM, t_ccd_ref: float = REFERENCE_C) -> Figure:
    """Give the picture of what `warm.warm_pixels` gives, with the CCD temperature below."""
    time = np.asarray(table["time"], dtype=float)
    date = Axis(label="Date", time=True)
    shares = (
        Trace(x=time, y=np.asarray(table["measured"]), label="as measured", style="line"),
        Trace(x=time, y=np.ma.asarray(table["corrected"]), label=f"at {t_ccd_ref:g} deg_C", style="line", marker="s"),
    )
    temperature = Trace(x=time, y=np.ma.asarray(table["ccd_temp"]), style="points")
    return Figure(
        name=WarmPixels.name,
        title="ACA warm pixels",
        panels=(
            Panel(x=date, y=Axis(label=f"Share above {above:g} electron / s"), traces=shares),
            Panel(x=date, y=Axis(label="CCD temperature", unit="deg_C"), traces=(temperature,)),
        ),
        caption="A point a dark calibration; corrected to one temperature by a law of the dark current.",
    )
