"""Bins of time for statistics: 5 minutes, an hour, a day.

Owns which bins there are, how they are numbered and where they begin. Must not know rows or statistics.

A bin of 5 minutes lasts 328 s, ten major frames of Chandra telemetry; its number counts from the zero point of the
series' own time: 1998-01-01T00:00:00 TT for Chandra time, else 1970-01-01T00:00:00 TAI. Hours and days are those of
UTC, so that a leap second belongs to the last hour of its day.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from longwatch.domain.series import TimeScale
from longwatch.domain.times import us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import DAY_US, HOUR_US, Ints, us_from_utc, utc_from_us
from longwatch.errors import BadQuery

FIVE_MINUTES_US = 328_000_000
"""Length of a bin of "5 minutes" [microseconds]."""


class Level(StrEnum):
    """Widths of bins, the finest first."""

    FIVE_MINUTES = "5min"
    HOUR = "hour"
    DAY = "daily"

    @property
    def width_us(self) -> int:
        """Usual length of a bin [microseconds]."""
        return {Level.FIVE_MINUTES: FIVE_MINUTES_US, Level.HOUR: HOUR_US, Level.DAY: DAY_US}[self]


def level_named(text: str) -> Level:
    """Give the level of a name; raises `BadQuery` naming those there are."""
    for level in Level:
        if level == text:
            return level
    raise BadQuery(f"There are no statistics {text!r}. Use {', '.join(repr(str(level)) for level in Level)}.")


def bin_of(level: Level, us: Ints, scale: TimeScale) -> Ints:
    """Give the number of the bin an instant lies in.

    Parameters
    ----------
    level
        Width of the bins.
    us
        Instants [microseconds of TAI], any shape.
    scale
        Of the series' native time.

    Returns
    -------
    Ints
        In the shape of the instants.
    """
    if level is Level.FIVE_MINUTES:
        return np.asarray((us - _zero_us(scale)) // FIVE_MINUTES_US)
    day, us_of_day = utc_from_us(us)
    return day if level is Level.DAY else day * 24 + np.minimum(us_of_day // HOUR_US, 23)


def bin_start(level: Level, number: Ints, scale: TimeScale) -> Ints:
    """Give the instant at which bins begin [microseconds of TAI]; a bin ends where the next one begins."""
    if level is Level.FIVE_MINUTES:
        return np.asarray(number * FIVE_MINUTES_US + _zero_us(scale))
    if level is Level.DAY:
        return us_from_utc(number, 0)
    return us_from_utc(number // 24, number % 24 * HOUR_US)


def bins_within(level: Level, span: Timespan, scale: TimeScale) -> tuple[int, int]:
    """Give the first bin that begins within a span, and the first that does not end within it."""
    ends = np.array([span.start_us, span.stop_us])
    numbers = bin_of(level, ends, scale)
    begun = bin_start(level, numbers, scale)
    return int(numbers[0] + (begun[0] < ends[0])), int(numbers[1])


def bins_begun_in(level: Level, span: Timespan, scale: TimeScale) -> tuple[int, int]:
    """Give the first bin that begins within a span, and the first that begins after it."""
    first, stop = bins_within(level, span, scale)
    return first, stop + int(bin_start(level, np.array([stop]), scale)[0] < span.stop_us)


def bins_span(level: Level, first: int, stop: int, scale: TimeScale) -> Timespan:
    """Give the span of the bins from one number up to another, which is not in it."""
    start_us, stop_us = bin_start(level, np.array([first, stop]), scale)
    return Timespan(int(start_us), int(stop_us))


def cut(level: Level, us: Ints, scale: TimeScale) -> tuple[Ints, Ints]:
    """Give the bins that rows lie in, and at which row each begins.

    Parameters
    ----------
    level, scale
        As for `bin_of`.
    us
        (n_row,), ascending instants [microseconds of TAI].

    Returns
    -------
    tuple of Ints
        (n_bin,) numbers, ascending, of bins that have a row; (n_bin,) their first rows.
    """
    if not len(us):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first, last = (int(number) for number in bin_of(level, us[[0, -1]], scale))
    if last - first > len(us):
        numbers, begin = np.unique(bin_of(level, us, scale), return_index=True)
        return numbers, begin
    numbers = np.arange(first, last + 1)
    begin = np.searchsorted(us, bin_start(level, numbers, scale))
    held = np.diff(begin, append=len(us)) > 0
    return numbers[held], begin[held]


def _zero_us(scale: TimeScale) -> int:
    return int(us_from_cxc(0.0)) if scale is TimeScale.CXC else 0
