"""How much dark signal the STIS CCD has, anneal period by anneal period.

Owns the question, its numbers and its pictures. Must not know where images are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import pictures
from longwatch.instruments.stis.anneals import LEVELS
from longwatch.instruments.stis.dated import Dated, held
from longwatch.plots.figure import Axis, Figure, Trace

MEDIAN: Final = Metric(
    name="stis.dark_rate.median", unit="electron / s", description="Median dark rate of the detector at 18 deg C"
)
MEAN: Final = Metric(
    name="stis.dark_rate.mean", unit="electron / s", description="Mean dark rate of the detector at 18 deg C"
)
_SHOWN = 4
_USUAL_FRAMES = 55
"""Darks of a usual period, for the error of a mean whose frames are not known."""


class DarkRate:
    """How much dark signal the CCD has.

    Question: does the dark rate grow as it did, and faint pixels as much as hot ones?
    Inputs: `sci_mean` of every anneal period (`stis.ccd`).
    Method: median and mean over the observed pixels of the mean signal at 18 deg C, over 1100 s (gain 1). The mean
    holds the hot pixels, the median does not. Side-1 signals are not scaled by temperature, for want of telemetry.
    Output: both [electron / s] with the side of the electronics as subject; the uncertainty of the median is 1.25
    robust standard deviations over the square root of the number of pixels. The window is the anneal period.
    Cadence: mission.
    Limits: on the median, by era, in `limits/dark_rate.toml`.
    Action: look at the housing temperature, then at the map and the histogram for what has changed.
    """

    name: str = "stis.dark_rate"
    inputs: tuple[str, ...] = (c.CUBE,)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (MEDIAN, MEAN)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give median and mean of each period that begins in the window."""
        return [
            measurement
            for period in held(view, c.CUBE)
            if window.contains(period.window.start_us)
            for measurement in _measurements(period, _rate(view, period))
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the trend, the newest map, what changed since the period before, histograms, and one pixel's life."""
        periods = held(view, c.CUBE)
        if not periods:
            return []
        newest, before = periods[-1], periods[max(len(periods) - 2, 0)]
        rate, unit = _rate(view, newest), c.DARK_RATE.unit
        change = rate - _rate(view, before)
        shown = [periods[i] for i in sorted(set(np.linspace(0, len(periods) - 1, _SHOWN).astype(int).tolist()))]
        return [
            _trend(view, periods),
            pictures.detector_map(
                "stis.dark_map", f"STIS CCD dark rate, period {newest.number}", rate, label="Dark rate", unit=unit
            ),
            pictures.change_map(
                "stis.dark_change",
                f"STIS CCD: period {newest.number} less period {before.number}",
                change,
                label="Change of the dark rate",
                unit=unit,
            ),
            pictures.histograms(
                "stis.dark_histogram",
                "STIS CCD pixels by dark rate",
                [(f"period {period.number}", _rate(view, period)) for period in shown],
            ),
            _life(view, periods),
        ]


def robust_median(rate: np.ndarray) -> tuple[float, float, float] | None:
    """Give median, its standard deviation, and mean of the pixels that have a rate; None where none has."""
    values = np.ma.masked_invalid(rate).compressed().astype(np.float64)
    if not values.size:
        return None
    low, middle, high = np.percentile(values, (15.87, 50, 84.13))
    return float(middle), float(1.25 * (high - low) / 2 / np.sqrt(values.size)), float(values.mean())


def _rate(view: View, period: Dated) -> np.ndarray:
    return np.asanyarray(view.cubes[c.CUBE].image(c.SCI_MEAN.name, epoch=period.number) / c.EXPOSURE_S)


def _measurements(period: Dated, rate: np.ndarray) -> list[Measurement]:
    found = robust_median(rate)
    median, error, mean = found or (None, None, None)
    subject, window = period.side, period.window
    return [
        Measurement(metric=MEDIAN.name, subject=subject, window=window, value=median, uncertainty=error),
        Measurement(metric=MEAN.name, subject=subject, window=window, value=mean),
    ]


def _trend(view: View, periods: Sequence[Dated]) -> Figure:
    found = [robust_median(_rate(view, period)) or (np.nan,) * 3 for period in periods]
    median, error, mean = np.array(found, dtype=float).T
    start = np.array([period.window.start_us for period in periods], dtype=float)
    return pictures.trend(
        "stis.dark_rate",
        "STIS CCD dark rate",
        (Trace(x=start, y=mean, label="mean"), Trace(x=start, y=median, y_err=error, label="median", marker="s")),
        y=Axis(label="Dark rate at 18 deg C", unit=MEDIAN.unit),
        caption="Mean and median over the detector; a point an anneal period, at its start.",
    )


def _life(view: View, periods: Sequence[Dated]) -> Figure:
    """Show the pixel that changed most between first and last period, of those that can be drawn beside the level."""
    change = np.ma.filled(np.ma.masked_invalid(_rate(view, periods[-1]) - _rate(view, periods[0])), 0.0)
    told = np.where(np.abs(change) < LEVELS[1], np.abs(change), 0.0)
    row, col = (int(at) for at in np.unravel_index(np.argmax(told), told.shape))
    cube, rates, errors = view.cubes[c.CUBE], [], []
    for period in periods:
        rates.append(_value(cube.image(c.SCI_MEAN.name, epoch=period.number), row, col))
        errors.append(_value(cube.image(c.ERR_MEAN.name, epoch=period.number), row, col))
    return pictures.pixel_life(
        pictures.Life(
            row=row,
            col=col,
            start_us=np.array([period.window.start_us for period in periods]),
            stop_us=np.array([period.window.stop_us for period in periods]),
            rate=np.array(rates) / c.EXPOSURE_S,
            error=np.array(errors) / c.EXPOSURE_S / np.sqrt(_USUAL_FRAMES),
        ),
        level=LEVELS[0],
    )


def _value(image: np.ndarray, row: int, col: int) -> float:
    return float(np.ma.filled(np.ma.asarray(image, dtype=np.float64), np.nan)[row, col])
