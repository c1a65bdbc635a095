"""How many pixels of the STIS CCD are hot, anneal period by anneal period.

Owns the question, its numbers and its picture. Must not know where images are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import pictures
from longwatch.instruments.stis.anneals import LEVELS
from longwatch.instruments.stis.dated import held
from longwatch.instruments.stis.lives import Book
from longwatch.plots.figure import Axis, Figure, Panel, Trace

COUNT: Final = Metric(name="stis.hot_pixels.count", unit="pix", description="Pixels above a dark rate in a period")
FRACTION: Final = Metric(
    name="stis.hot_pixels.fraction", unit="", description="Share of the observed pixels that is above a dark rate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hot:
    """Hot pixels of one period.

    Parameters
    ----------
    window
        The period.
    counts
        Pixels above each of `LEVELS`.
    n_observed
        Pixels with a dark signal.
    """

    window: Timespan
    counts: tuple[int, ...]
    n_observed: int


class HotPixels:
    """How many pixels of the CCD are hot.

    Question: do the monthly anneals still keep pace with the radiation damage?
    Inputs: `sci_mean` of every anneal period (`stis.ccd`).
    Method: pixels whose mean dark signal, divided by 1100 s, is above 0.1, 1 and 10 electron / s (gain 1).
    Output: count [pix] and share of the observed pixels, for each level; the window is the anneal period. A pixel
    that was not observed, or has no signal (NaN), is not counted. Periods without dates are left out.
    Cadence: mission; all periods are counted again when one changes.
    Limits: on the share, in `limits/hot_pixels.toml`.
    Action: look at the images before and after, and at the temperature of the anneal.
    """

    name: str = "stis.hot_pixels"
    inputs: tuple[str, ...] = (c.CUBE,)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (COUNT, FRACTION)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give count and share for each level and each period that begins in the window."""
        return [
            measurement
            for hot in _periods(view)
            if window.contains(hot.window.start_us)
            for measurement in _measurements(hot)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the counts over all periods, and how long pixels that turned hot stayed so."""
        hot = list(_periods(view))
        start = np.array([period.window.start_us for period in hot], dtype=float)
        traces = tuple(
            Trace(
                x=start,
                y=np.array([period.counts[index] for period in hot], dtype=float),
                label=f"above {level:g} electron / s",
                style="line",
            )
            for index, level in enumerate(LEVELS)
        )
        return [
            Figure(
                name=self.name,
                title="STIS CCD hot pixels",
                panels=(Panel(x=Axis(label="Date", time=True), y=Axis(label="Pixels", log=True), traces=traces),),
                caption="Pixels above a dark rate at 18 degrees; a point an anneal period, at its start.",
            ),
            *_survival(view),
        ]


def count_hot(sci_mean: np.ndarray) -> tuple[tuple[int, ...], int]:
    """Count pixels above each of `LEVELS`.

    Parameters
    ----------
    sci_mean
        (n_row, n_col), mean dark signal [DN in 1100 s]; masked: not observed, NaN: could not be derived.

    Returns
    -------
    tuple
        Count above each level, and number of pixels that have a signal.
    """
    rate = np.ma.compressed(np.ma.masked_invalid(sci_mean)) / c.EXPOSURE_S
    return tuple(int(np.count_nonzero(rate > level)) for level in LEVELS), len(rate)


def _survival(view: View) -> Iterator[Figure]:
    """Give the survival of pixels that turned hot, where there are periods."""
    book: Book | None = None
    for period in held(view, c.CUBE):
        rate = view.cubes[c.CUBE].image(c.SCI_MEAN.name, epoch=period.number) / np.float32(c.EXPOSURE_S)
        book = book or Book(shape=(rate.shape[0], rate.shape[1]))
        book.enter(rate)
    if book is not None:
        label = f"above {book.threshold.level:g} electron / s"
        yield pictures.survival([(label, book.survival(), book.survival_error())])


def _periods(view: View) -> Iterator[Hot]:
    """Give the hot pixels of each period whose dates are known."""
    for period in held(view, c.CUBE):
        counts, n_observed = count_hot(view.cubes[c.CUBE].image(c.SCI_MEAN.name, epoch=period.number))
        yield Hot(window=period.window, counts=counts, n_observed=n_observed)


def _measurements(hot: Hot) -> Iterator[Measurement]:
    """Give the measurements of one period."""
    for level, count in zip(LEVELS, hot.counts, strict=True):
        subject = f"level={level:g}"
        share = count / hot.n_observed if hot.n_observed else None
        yield Measurement(metric=COUNT.name, subject=subject, window=hot.window, value=float(count))
        yield Measurement(metric=FRACTION.name, subject=subject, window=hot.window, value=share)
