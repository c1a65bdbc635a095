"""How dark signal of the STIS CCD grows with temperature.

Owns the question, its numbers and its picture. Must not know where images are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import pictures
from longwatch.instruments.stis.dated import Dated, held
from longwatch.instruments.stis.monitors.dark_rate import robust_median
from longwatch.plots.figure import Axis, Figure, Trace

MEDIAN: Final = Metric(
    name="stis.temperature.coefficient", unit="1 / K", description="Median growth of dark signal per degree"
)
BINS: Final = ((0.01, 0.03), (0.03, 0.1), (0.1, 1.0), (1.0, 10.0))
"""Dark rates that are looked at apart [electron / s]."""


class TemperatureCoefficient:
    """How dark signal grows with the temperature of the housing.

    Question: does the law that darks are scaled by (7 per cent a degree) still hold, for faint and for hot pixels?
    Inputs: `temp_coef` and `dark_rate` of every derived period (`stis.life`); Side-2 only, Side-1 has no temperatures.
    Method: median of the pixels' own coefficients in four ranges of dark rate.
    Output: coefficient [1 / K] with its uncertainty for each range, named `rate=low..high`.
    Cadence: mission; the window is the anneal period.
    Limits: in `limits/temperature.toml`.
    Action: derive with another law, or look for frames whose housing temperature is wrong.
    """

    name: str = "stis.temperature"
    inputs: tuple[str, ...] = (c.LIFE,)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (MEDIAN,)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the coefficients of each period that begins in the window."""
        return [
            Measurement(
                metric=MEDIAN.name,
                subject=f"rate={low:g}..{high:g} {period.side}",
                window=period.window,
                value=found[0] if found else None,
                uncertainty=found[1] if found else None,
            )
            for period, (low, high), found in _medians(view)
            if window.contains(period.window.start_us)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the trend of each range."""
        medians = list(_medians(view))
        traces = []
        for low, high in BINS:
            chosen = [(period, found or (np.nan,) * 3) for period, rates, found in medians if rates == (low, high)]
            start = np.array([period.window.start_us for period, _ in chosen], dtype=float)
            value, error = (np.array([found[i] for _, found in chosen], dtype=float) for i in (0, 1))
            traces.append(Trace(x=start, y=value, y_err=error, label=f"{low:g} to {high:g} electron / s"))
        return [
            pictures.trend(
                self.name,
                "STIS CCD growth of dark signal per degree",
                traces,
                y=Axis(label="Growth at 18 deg C", unit="1 / K"),
                caption="Median of the pixels' own coefficients by dark rate; a point an anneal period.",
            )
        ]


Found = tuple[float, float, float] | None


def _medians(view: View) -> Iterator[tuple[Dated, tuple[float, float], Found]]:
    for period in held(view, c.LIFE):
        growth, rate = (
            np.ma.filled(np.ma.asarray(view.cubes[c.LIFE].image(p.name, epoch=period.number)), np.nan)
            for p in (c.TEMP_COEF, c.DARK_RATE)
        )
        for low, high in BINS:
            with np.errstate(invalid="ignore"):
                yield period, (low, high), robust_median(growth[(rate >= low) & (rate < high)])
