"""How warm the ACA's CCD is, day by day.

Owns the question, its numbers and its picture. Must not know where telemetry is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import DAY_US, us_from_utc, utc_from_us
from longwatch.instruments.aca.columns import KELVIN, TEMPCCD, TIME
from longwatch.plots.figure import Axis, Figure, Panel, Trace

MEAN: Final = Metric(name="aca.ccd_temperature.mean", unit="deg_C", description="Mean CCD temperature of a day")
MINIMUM: Final = Metric(name="aca.ccd_temperature.min", unit="deg_C", description="Lowest CCD temperature of a day")
MAXIMUM: Final = Metric(name="aca.ccd_temperature.max", unit="deg_C", description="Highest CCD temperature of a day")

_SERIES = "aca.l0"
_REDUCE: Final[dict[Metric, Callable[[np.ndarray], float]]] = {MEAN: np.mean, MINIMUM: np.min, MAXIMUM: np.max}


class CcdTemperature:
    """How warm the CCD is.

    Question: does the thermo-electric cooler still hold the CCD, on which dark current and star acquisition depend?
    Inputs: TEMPCCD of every image of 6x6 or 8x8 pixels, all slots (`aca.l0`); 4x4 images do not carry it.
    Method: mean, lowest and highest value of a UTC day; the telemetry steps by 0.4 degrees.
    Output: three metrics [deg_C]; no value for a day without such images.
    Cadence: a day.
    Limits: by era of the set point, in `limits/ccd_temperature.toml`.
    Action: above the limit, compare with the planning model and with the next dark calibration.
    """

    name: str = "aca.ccd_temperature"
    inputs: tuple[str, ...] = (_SERIES,)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (MEAN, MINIMUM, MAXIMUM)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give mean, lowest and highest temperature of a day."""
        table = view.series[_SERIES].fetch([TEMPCCD.name], from_us(window.start_us), from_us(window.stop_us))
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
        """Give the temperature over all days."""
        table = view.series[_SERIES].fetch([TIME.name, TEMPCCD.name])
        kelvin = np.ma.asarray(table[TEMPCCD.name])
        known = ~np.ma.getmaskarray(kelvin)
        time = us_from_cxc(np.asarray(table[TIME.name], dtype=float)[known])
        days, mean, low, high = _daily(time, kelvin.data[known].astype(float) - KELVIN)
        return [
            Figure(
                name=self.name,
                title="ACA CCD temperature",
                panels=(
                    Panel(
                        x=Axis(label="Date", time=True),
                        y=Axis(label="CCD temperature", unit="deg_C"),
                        traces=(
                            Trace(x=days, y=high, label="highest of the day", style="line"),
                            Trace(x=days, y=mean, label="mean of the day", style="line"),
                            Trace(x=days, y=low, label="lowest of the day", style="line"),
                        ),
                    ),
                ),
                caption="TEMPCCD from image telemetry, in steps of 0.4 degrees; a point a UTC day, at its noon.",
            )
        ]


def _daily(time: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give noon [microseconds of TAI], mean, lowest and highest value of each UTC day that has any.

    Parameters
    ----------
    time
        (n,) microseconds of TAI, sorted.
    value
        (n,) values; none is missing.
    """
    if not len(time):
        return (np.array([]),) * 4
    day, _ = utc_from_us(time)
    days, first, count = np.unique(day, return_index=True, return_counts=True)
    noon = us_from_utc(days, np.full(len(days), DAY_US // 2))
    mean = np.add.reduceat(value, first) / count
    return noon, mean, np.minimum.reduceat(value, first), np.maximum.reduceat(value, first)
