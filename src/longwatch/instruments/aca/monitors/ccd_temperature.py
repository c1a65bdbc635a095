"""How warm the ACA's CCD is, day by day.

Owns the question, its numbers and its picture. Must not know where telemetry is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.series import BAD_TIMES
from longwatch.domain.times import from_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.columns import KELVIN, TEMPCCD
from longwatch.instruments.aca.monitors.temperature_zooms import temperature_zooms
from longwatch.plots.figure import Figure

MEAN: Final = Metric(name="aca.ccd_temperature.mean", unit="deg_C", description="Mean CCD temperature of a day")
MINIMUM: Final = Metric(name="aca.ccd_temperature.min", unit="deg_C", description="Lowest CCD temperature of a day")
MAXIMUM: Final = Metric(name="aca.ccd_temperature.max", unit="deg_C", description="Highest CCD temperature of a day")

_SERIES = "aca.l0"
_REDUCE: Final[dict[Metric, Callable[[np.ndarray], float]]] = {MEAN: np.mean, MINIMUM: np.min, MAXIMUM: np.max}


class CcdTemperature:
    """How warm the CCD is.

    Question: does the thermo-electric cooler still hold the CCD, on which dark current and star acquisition depend?
    Inputs: TEMPCCD of every good image of 6x6 or 8x8 pixels, all slots (`aca.l0`), outside registered bad times; 4x4
    images do not carry it.
    Method: mean, lowest and highest value of a UTC day; the telemetry steps by 0.4 degrees.
    Output: three metrics [deg_C]; no value for a day without such images.
    Cadence: a day.
    Limits: by era of the set point, in `limits/ccd_temperature.toml`.
    Action: above the limit, compare with the planning model and with the next dark calibration.
    """

    name: str = "aca.ccd_temperature"
    inputs: tuple[str, ...] = (_SERIES, BAD_TIMES)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (MEAN, MINIMUM, MAXIMUM)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give mean, lowest and highest temperature of a day."""
        table = view.series[_SERIES].fetch(
            [TEMPCCD.name], from_us(window.start_us), from_us(window.stop_us), filter_bad=True
        )
        celsius = np.ma.compressed(np.ma.asarray(table[TEMPCCD.name])).astype(float) - KELVIN
        return [
            Measurement(
                metric=metric.name,
                subject="detector=CCD",
                window=window,
                value=float(reduce(celsius)) if len(celsius) else None,
            )
            for metric, reduce in _REDUCE.items()
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the temperature over the whole mission, the newest 30 days and the newest day."""
        return [temperature_zooms(self.name, view.series[_SERIES])]
