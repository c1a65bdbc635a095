"""Spans of time: half-open, in integer microseconds of TAI since 1970-01-01T00:00:00 TAI.

Owns their arithmetic and the calendar windows in UTC. Must not know how a time is written, nor the clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, overload

import numpy as np

from longwatch.domain.utc import DAY_US, HOUR_US, Ints, us_from_utc, utc_from_us
from longwatch.errors import BadQuery

Cadence: TypeAlias = Literal["hour", "day", "week", "month", "year"]
"""Calendar windows, in UTC; a week begins on Monday."""

MIN_US = -719_162 * DAY_US
"""Stands for "since ever": 0001-01-01T00:00:00 TAI."""
MAX_US = 2_932_897 * DAY_US
"""Stands for "for ever": the end of 9999-12-31 TAI. Both fit a BIGINT and print as a date."""

_SECOND_US = 1_000_000
_MAX_CLASS = 40


@dataclass(frozen=True, slots=True, order=True)
class Timespan:
    """A half-open span `[start, stop)`; an empty one stands for the instant (the microsecond) that begins there.

    Parameters
    ----------
    start_us, stop_us
        First instant inside and first instant after [microseconds of TAI since 1970-01-01T00:00:00 TAI].
        An open end is `MIN_US` or `MAX_US`.
    """

    start_us: int = MIN_US
    stop_us: int = MAX_US

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins."""
        if self.stop_us < self.start_us:
            raise BadQuery(
                f"A time span from {self.start_us} to {self.stop_us} (microseconds of TAI) ends before it begins. "
                "Swap start and stop."
            )

    @property
    def duration_s(self) -> float:
        """Length [s]; 0 for an instant."""
        return (self.stop_us - self.start_us) / _SECOND_US

    @property
    def duration_class(self) -> int:
        """The smallest k >= 0 with length <= 2**k seconds, at most 40: what overlap queries are indexed by."""
        return min(((max(self.stop_us - self.start_us, 1) - 1) // _SECOND_US).bit_length(), _MAX_CLASS)

    @property
    def _end_us(self) -> int:
        return max(self.stop_us, self.start_us + 1)

    def contains(self, instant_us: int) -> bool:
        """Whether an instant [microseconds of TAI] lies inside."""
        return self.start_us <= instant_us < self._end_us

    def overlaps(self, other: Timespan) -> bool:
        """Whether the two share an instant; spans that only touch do not."""
        return self.start_us < other._end_us and other.start_us < self._end_us  # same class

    def intersection(self, other: Timespan) -> Timespan | None:
        """Give what both cover, or None where they share no instant."""
        if not self.overlaps(other):
            return None
        return Timespan(max(self.start_us, other.start_us), min(self.stop_us, other.stop_us))

    def union(self, other: Timespan) -> Timespan | None:
        """Give the span that both cover together, or None where there is a gap between them."""
        if self.start_us > other.stop_us or other.start_us > self.stop_us:
            return None
        return Timespan(min(self.start_us, other.start_us), max(self.stop_us, other.stop_us))

    def windows(self, cadence: Cadence) -> Iterator[Timespan]:
        """Give the whole calendar windows that meet this span, in order; they begin and end on the calendar, in UTC.

        Parameters
        ----------
        cadence
            "hour", "day", "week" (from Monday), "month" or "year".

        Yields
        ------
        Timespan
            The first holds `start_us`, the last reaches `stop_us`; a day with a leap second lasts 86,401 s.

        Raises
        ------
        BadQuery
            Raised if there is no such cadence.
        """
        number = _window_number(cadence, self.start_us)
        begin = _window_start(cadence, number)
        while begin < self._end_us:
            number += 1
            end = _window_start(cadence, number)
            yield Timespan(begin, end)
            begin = end


def _window_number(cadence: Cadence, us: int) -> int:
    """Give the number of the window an instant lies in, counted from the one that holds 1970-01-01."""
    days, us_of_day = utc_from_us(us)
    day = int(days)
    match cadence:
        case "hour":
            return day * 24 + min(int(us_of_day) // HOUR_US, 23)
        case "day":
            return day
        case "week":
            return (day + 3) // 7
        case "month":
            return int(_recount(day, "D", "M"))
        case "year":
            return int(_recount(day, "D", "Y"))
    raise BadQuery(f"There is no cadence {cadence!r}. Use 'hour', 'day', 'week', 'month' or 'year'.")


def _window_start(cadence: Cadence, number: int) -> int:
    """Give the instant a window begins; the inverse of `_window_number`."""
    match cadence:
        case "hour":
            return int(us_from_utc(number // 24, number % 24 * HOUR_US))
        case "day":
            return int(us_from_utc(number, 0))
        case "week":
            return int(us_from_utc(number * 7 - 3, 0))
        case "month":
            return int(us_from_utc(int(_recount(number, "M", "D")), 0))
        case "year":
            return int(us_from_utc(int(_recount(number, "Y", "D")), 0))


def _recount(number: int | Ints, unit: str, other: str) -> Ints:
    """Give a count of calendar units since 1970 as a count of other calendar units, rounded down."""
    counted = np.asarray(number, dtype=np.int64).astype(f"M8[{unit}]").astype(f"M8[{other}]")
    return counted.astype(np.int64)


@overload
def month_of(us: int) -> int: ...
@overload
def month_of(us: Ints) -> Ints: ...
def month_of(us: int | Ints) -> int | Ints:
    """Give the UTC calendar month of instants as one number, 201610 for October 2016.

    Parameters
    ----------
    us
        TAI microseconds since 1970-01-01T00:00:00 TAI, any shape.

    Returns
    -------
    int or Ints
        `year * 100 + month`, in the shape of the argument; an int for an int.
    """
    months = _recount(utc_from_us(us)[0], "D", "M")
    named = (1970 + months // 12) * 100 + months % 12 + 1
    return named if np.ndim(us) else int(named)


def month_span(month: int) -> Timespan:
    """Give the span of a UTC calendar month.

    Parameters
    ----------
    month
        `year * 100 + month`, as `month_of` gives it.

    Returns
    -------
    Timespan
        From its first midnight to the next month's.

    Raises
    ------
    BadQuery
        Raised if there is no such month.
    """
    year, of_year = divmod(month, 100)
    if not 1 <= of_year <= 12:
        raise BadQuery(f"There is no month {month}. Write year and month as one number, such as 201610.")
    number = (year - 1970) * 12 + of_year - 1
    return Timespan(_window_start("month", number), _window_start("month", number + 1))
