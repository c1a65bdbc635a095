"""The lives of pixels over many periods: when they turned hot, for how long, and whether they healed.

Owns states, events and predicates, image after image in bounded memory. Must not know files or archives.
See spec/stis.md 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Counts = NDArray[np.int16]
Places = NDArray[np.int64]

LEVEL: Final = 0.1
"""Dark rate at which a pixel turns hot [electron / s at 18 deg C]."""

OFF_SHARE: Final = 0.8
"""A hot pixel stays hot down to this share of the level."""

WARM_SHARE: Final = 0.5
"""A pixel above this share of the level, and not hot, is warm."""

SIGNIFICANCE: Final = 3.0
"""Standard deviations by which a rate must exceed what it is compared with."""

REMEMBERED: Final = 64
"""How many of the newest periods each pixel remembers one by one."""

UNKNOWN: Final = -1
COLD: Final = 0
WARM: Final = 1
HOT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """When a pixel is hot.

    Parameters
    ----------
    level
        It turns hot above this rate [electron / s].
    off_share
        It stays hot down to this share of the level.
    significance
        Standard deviations by which a rate must lie above zero to turn hot.
    """

    level: float = LEVEL
    off_share: float = OFF_SHARE
    significance: float = SIGNIFICANCE

    def next_hot(self, hot: Bools, rate: np.ndarray, error: np.ndarray | None = None) -> Bools:
        """Give which pixels are hot, from which were and how bright they are now; NaN is not hot."""
        with np.errstate(invalid="ignore"):
            above = rate > self.level
            if error is not None:
                above &= rate > self.significance * error
            return np.asarray(above | (hot & (rate > self.off_share * self.level)))


USUAL: Final = Threshold()
"""Hot above 0.1 electron / s, until below 0.08."""


def state_sequence(
    rate: np.ndarray, error: np.ndarray | None = None, *, threshold: Threshold = USUAL
) -> NDArray[np.int8]:
    """Give the state of pixels in each period.

    Parameters
    ----------
    rate
        (n_period, ...), dark rate [electron / s]; NaN: not known.
    error
        As `rate`, one standard deviation; None: every rate counts as significant.
    threshold
        When a pixel is hot.

    Returns
    -------
    NDArray
        (n_period, ...): `UNKNOWN`, `COLD`, `WARM` or `HOT`. An unknown period does not end a hot one.
    """
    hot = np.zeros(rate.shape[1:], dtype=bool)
    states = np.empty(rate.shape, dtype=np.int8)
    for number, image in enumerate(rate):
        known = ~np.isnan(image)
        hot = np.where(known, threshold.next_hot(hot, image, None if error is None else error[number]), hot)
        with np.errstate(invalid="ignore"):
            warm = image > WARM_SHARE * threshold.level
        states[number] = np.where(known, np.where(hot, HOT, np.where(warm, WARM, COLD)), UNKNOWN)
    return states


def told_rate(rate: np.ndarray, n_good: np.ndarray, n_sat: np.ndarray) -> np.ndarray:
    """Give the rate, infinite where a pixel was more often saturated than good: hot, one cannot say how much.

    Parameters
    ----------
    rate
        (n_row, n_col), dark rate [electron / s]; masked or NaN: not known.
    n_good, n_sat
        Frames in which the pixel counts, and in which it was saturated.
    """
    saturated = np.ma.filled(n_sat, 0) > np.ma.filled(n_good, 0)
    return np.where(saturated, np.float32(np.inf), np.ma.filled(rate, np.nan).astype(np.float32, copy=False))


def told_error(error: np.ndarray, chi2: np.ndarray) -> np.ndarray:
    """Give the error of a rate without what changes of the pixel itself add: a birth late in a period is significant.

    Parameters
    ----------
    error
        (n_row, n_col), scatter of the frames over sqrt(n_good) [electron / s].
    chi2
        Reduced chi-square of the frames about their mean.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(np.ma.filled(error, np.nan) / np.sqrt(np.maximum(np.ma.filled(chi2, np.nan), np.float32(1))))


@dataclass(slots=True, kw_only=True, eq=False)
class Book:
    """What is known of every pixel after the periods entered so far, in order of time.

    Parameters
    ----------
    shape
        Rows and columns.
    threshold
        When a pixel is hot.
    n_periods
        Periods entered.
    hot
        Hot when last seen.
    began_hot
        Hot when first seen.
    seen, hot_in, births, deaths
        Periods in which a pixel was seen; was hot; turned hot; ceased to be. Hot when first seen is no birth.
    at_risk, died
        By periods since birth: how many could cease to be hot, and did.
    first_birth, last_birth
        Number (from 0, in the order entered) of the period of birth; -1: none.
    run, longest
        Periods in a row for which it has been hot until now; the longest such time.
    recent
        Bit i: hot i periods ago.
    """

    shape: tuple[int, int]
    threshold: Threshold = field(default_factory=Threshold)
    n_periods: int = 0
    hot: Bools = field(init=False)
    began_hot: Bools = field(init=False)
    seen: Counts = field(init=False)
    hot_in: Counts = field(init=False)
    births: Counts = field(init=False)
    deaths: Counts = field(init=False)
    first_birth: Counts = field(init=False)
    last_birth: Counts = field(init=False)
    run: Counts = field(init=False)
    longest: Counts = field(init=False)
    recent: NDArray[np.uint64] = field(init=False)
    at_risk: NDArray[np.int64] = field(init=False)
    died: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing known."""
        self.hot, self.began_hot = np.zeros(self.shape, dtype=bool), np.zeros(self.shape, dtype=bool)
        self.seen, self.hot_in, self.births, self.deaths, self.run, self.longest = (
            np.zeros(self.shape, dtype=np.int16) for _ in range(6)
        )
        self.first_birth, self.last_birth = (np.full(self.shape, -1, dtype=np.int16) for _ in range(2))
        self.recent = np.zeros(self.shape, dtype=np.uint64)
        self.at_risk, self.died = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)

    def enter(self, rate: np.ndarray, error: np.ndarray | None = None) -> None:
        """Enter the next period.

        Parameters
        ----------
        rate
            (n_row, n_col), dark rate [electron / s]; masked or NaN: not known, the pixel keeps its state.
        error
            One standard deviation; None: every rate counts as significant.
        """
        values = np.ma.filled(rate, np.nan)
        known = ~np.isnan(values)
        now = self.threshold.next_hot(self.hot, values, error)
        now |= self.hot & ~known
        changed = np.flatnonzero(now != self.hot)
        born = changed[now.reshape(-1)[changed]]
        dead = changed[~now.reshape(-1)[changed]]
        fresh = self.seen.reshape(-1)[born] == 0
        self.began_hot.reshape(-1)[born[fresh]] = True
        self._count_survival(np.flatnonzero(self.hot & known), dead)
        self._count_events(born[~fresh], dead)
        self.seen += known
        self._count_hot(np.flatnonzero(now), known, dead)
        self.hot = now
        self.n_periods += 1

    def survival(self) -> NDArray[np.float64]:
        """Give the share of pixels, born while they were watched, still hot so many periods after their birth.

        Returns
        -------
        NDArray
            (n_period + 1,), from 1 at birth; the product-limit estimate, so that pixels still hot count for as long as
            they were watched. NaN beyond the longest life watched.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            stay = 1.0 - self.died / np.where(self.at_risk > 0, self.at_risk, np.nan)
        return np.concatenate([[1.0], np.cumprod(stay)])

    def survival_error(self) -> NDArray[np.float64]:
        """Give the standard deviation of `survival` (Greenwood's formula), 0 at birth; NaN where it is NaN."""
        with np.errstate(invalid="ignore", divide="ignore"):
            at_risk = np.where(self.at_risk > 0, self.at_risk, np.nan)
            share = np.where(self.died > 0, self.died / (at_risk * (at_risk - self.died)), 0.0 * at_risk)
            spread = np.concatenate([[0.0], np.sqrt(np.cumsum(share))])
            survival = self.survival()
            return np.where(survival == 0, 0.0, survival * spread)

    def _count_events(self, born: Places, dead: Places) -> None:
        """Count births and deaths; a pixel is in each at most once, and few pixels are."""
        self.births.reshape(-1)[born] += 1
        self.deaths.reshape(-1)[dead] += 1
        first = born[self.first_birth.reshape(-1)[born] < 0]
        self.first_birth.reshape(-1)[first] = self.n_periods
        self.last_birth.reshape(-1)[born] = self.n_periods

    def _count_hot(self, hot: Places, known: Bools, dead: Places) -> None:
        """Count a period for the pixels hot in it."""
        self.run.reshape(-1)[dead] = 0
        runs = self.run.reshape(-1)[hot] + np.int16(1)
        self.run.reshape(-1)[hot] = runs
        self.longest.reshape(-1)[hot] = np.maximum(self.longest.reshape(-1)[hot], runs)
        seen_hot = hot[known.reshape(-1)[hot]]
        self.hot_in.reshape(-1)[seen_hot] += 1
        np.left_shift(self.recent, np.uint64(1), out=self.recent)
        self.recent.reshape(-1)[seen_hot] |= np.uint64(1)

    def _count_survival(self, watched: Places, dead: Places) -> None:
        """Count, by periods since birth, who could die now and who did."""
        length = max(self.n_periods, len(self.at_risk))
        self.at_risk = _added(self.at_risk, self._ages(watched), length)
        self.died = _added(self.died, self._ages(dead), length)

    def _ages(self, places: Places) -> NDArray[np.int64]:
        """Give the periods since birth of those pixels whose birth was seen."""
        birth = self.last_birth.reshape(-1)[places].astype(np.int64)
        return np.asarray(self.n_periods - birth[birth >= 0] - 1)


def hot_in(book: Book, *, at_least: int, last: int = REMEMBERED) -> Bools:
    """Give the pixels hot in at least so many of the last periods.

    Parameters
    ----------
    book
        Their lives.
    at_least
        How many periods.
    last
        Of how many, at most `REMEMBERED`.

    Returns
    -------
    Bools
        (n_row, n_col).
    """
    mask = np.uint64(2**last - 1 if last < REMEMBERED else 2**REMEMBERED - 1)
    return np.asarray(np.bitwise_count(book.recent & mask) >= at_least)


def spells(book: Book) -> Counts:
    """Give at how many separate times each pixel was hot: one more than its re-births, 0 where it never was."""
    return np.asarray(book.births + book.began_hot, dtype=np.int16)


def mean_dwell(book: Book) -> NDArray[np.float64]:
    """Give for how many periods a pixel stayed hot, on average over its spells; NaN where it never was.

    Spells that were under way when the watch began or ended count with what was seen of them.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(book.hot_in / spells(book).astype(np.float64))


def intermittent(book: Book, *, times: int = 2) -> Bools:
    """Give the pixels that were hot at so many separate times: born again after they had healed."""
    return np.asarray(spells(book) >= times)


def persistent(book: Book, *, periods: int) -> Bools:
    """Give the pixels hot in so many consecutive periods, at any time."""
    return np.asarray(book.longest >= periods)


def _added(counts: NDArray[np.int64], ages: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    found = np.bincount(ages, minlength=length)
    found[: len(counts)] += counts
    return found
