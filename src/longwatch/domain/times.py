"""Times as people and instruments write them, turned into `astropy.time.Time` or TAI microseconds.

Owns the accepted forms. Must not know the clock: whoever accepts `"-30d"` passes `now`. Never goes on line.

One rule for every instrument: text is UTC, a date without a time of day is midnight, a bare number is Chandra mission
seconds (since 1998-01-01T00:00:00 TT), and a Modified Julian Date is named (`mjd`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from numbers import Real
from typing import TypeAlias, cast, overload

import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.domain.timetext import (
    AHEAD_OF_TAI_US,
    DAY_1970,
    FORMS,
    TT_US,
    Reading,
    relative_us,
    us_from_label,
    us_from_text,
)
from longwatch.domain.utc import DAY_US, Ints, day_length_us, settle_leap_seconds, us_from_utc, utc_from_us
from longwatch.errors import BadQuery

Instant: TypeAlias = str | float | date | np.datetime64 | Time
"""One time in any accepted form; a `datetime` is a `date`."""
TimeLike: TypeAlias = Instant | Sequence[Instant] | NDArray[np.generic]
"""One time or many."""
Now: TypeAlias = Time | Callable[[], Time]
"""A time, or the clock to ask for it if need be."""

_JD_1970 = 2_440_587.5
_MJD_1970 = 40_587
_CXC_US = 10_227 * DAY_US - TT_US
_MOST_S = MAX_US / 2 / 1_000_000
_EPOCH = re.compile(r"(?P<timeline>[A-Za-z][\w.]*):(?P<number>\d+)", re.ASCII)


def to_us(value: Instant, *, now: Now | None = None, legacy: bool = False, scale: str | None = None) -> int:
    """Give one time as TAI microseconds since 1970-01-01T00:00:00 TAI, exactly.

    Parameters
    ----------
    value
        A time in any accepted form; a `datetime` without a zone is UTC.
    now
        What relative forms (`"-30d"`, `"now"`) count from, or the clock to ask: `Time.now`.
    legacy
        True reads as Chandra.Time before 4.0 did: `YYYY:DDD` is noon, and ISO with a `T` is TT.
    scale
        Scale in which text, a date or a `datetime` is written: "utc" (None), "tai" or "tt".

    Returns
    -------
    int
        The instant, rounded to a microsecond.

    Raises
    ------
    BadQuery
        Raised if the value is in no accepted form, names no real time, or is relative and `now` is missing.
    """
    reading = Reading(legacy=legacy, scale=_known_scale(scale))
    match value:
        case bool():
            pass
        case Real() if -_MOST_S < cast("float", value) < _MOST_S:
            return round(float(value) * 1e6) + _CXC_US
        case str():
            distance = relative_us(value)
            return us_from_text(value, reading) if distance is None else _now_us(value, now) + distance
        case datetime():
            return _us_from_datetime(value, reading)
        case date():
            return us_from_label(value.toordinal() - DAY_1970, 0, reading.scale)
        case np.datetime64() if not np.isnat(value):
            return us_from_label(*divmod(int(value.astype("M8[us]").astype(np.int64)), DAY_US), reading.scale)
        case Time() if value.isscalar:
            return int(us_from_time(value))
        case _:
            pass
    raise BadQuery(f"{value!r} is not a time. {FORMS}")


def to_time(value: TimeLike, *, now: Now | None = None, legacy: bool = False, scale: str | None = None) -> Time:
    """Give one time or many as `astropy.time.Time`.

    Parameters
    ----------
    value
        A time in any accepted form, or a list or array of them; a `Time` comes back as it is.
    now, legacy, scale
        As in `to_us`.

    Returns
    -------
    Time
        UTC, in the shape of the argument, rounded to a microsecond.

    Raises
    ------
    BadQuery
        Raised if a value is in no accepted form, names no real time, or is relative and `now` is missing.
    """
    match value:
        case Time():
            settle_leap_seconds()
            return value
        case np.ndarray() if value.dtype.kind in "fiu":
            return from_us(us_from_cxc(value.astype(np.float64)))
        case list() | tuple() | np.ndarray():
            cells = np.asarray(value, dtype=object)
            each = [to_us(cell, now=now, legacy=legacy, scale=scale) for cell in cells.ravel()]
            return from_us(np.array(each, dtype=np.int64).reshape(cells.shape))
        case _:
            return from_us(to_us(value, now=now, legacy=legacy, scale=scale))


def parse_span(
    start: Instant | None,
    stop: Instant | None,
    *,
    now: Now | None = None,
    legacy: bool = False,
    scale: str | None = None,
) -> Timespan:
    """Give the half-open span between two times.

    Parameters
    ----------
    start, stop
        Times in any accepted form; None is an open end.
    now, legacy, scale
        As in `to_us`.

    Returns
    -------
    Timespan
        `[start, stop)`.

    Raises
    ------
    BadQuery
        Raised if a time cannot be read, or stop lies before start.
    """
    start_us = MIN_US if start is None else to_us(start, now=now, legacy=legacy, scale=scale)
    stop_us = MAX_US if stop is None else to_us(stop, now=now, legacy=legacy, scale=scale)
    if stop_us < start_us:
        raise BadQuery(f"The span from {start!s} to {stop!s} ends before it begins. Swap start and stop.")
    return Timespan(start_us, stop_us)


def is_epoch_form(text: str) -> tuple[str, int] | None:
    """Give timeline and number of an epoch form such as `"anneal:200"`, or None where the text is none."""
    found = _EPOCH.fullmatch(text.strip())
    return (found["timeline"], int(found["number"])) if found else None


def from_us(us: int | Ints, scale: str = "utc") -> Time:
    """Give TAI microseconds as `astropy.time.Time`.

    Parameters
    ----------
    us
        TAI microseconds since 1970-01-01T00:00:00 TAI, any shape.
    scale
        Scale of the result: "utc", "tai" or "tt".

    Returns
    -------
    Time
        In the shape of the argument; prints as ISO.

    Raises
    ------
    BadQuery
        Raised if the scale is none of the three.
    """
    if _known_scale(scale) == "utc":
        day, us_of_day = utc_from_us(us)
        length = day_length_us(day)
    else:
        day, us_of_day = np.divmod(np.asarray(us) + AHEAD_OF_TAI_US[scale], DAY_US)
        length = np.asarray(DAY_US)
    time = Time(_JD_1970 + day, us_of_day / length, format="jd", scale=scale)
    time.format = "isot"
    return time


def us_from_time(time: Time) -> Ints:
    """Give a `Time` as TAI microseconds since 1970-01-01T00:00:00 TAI.

    Parameters
    ----------
    time
        Any shape, any scale but UT1 and local.

    Returns
    -------
    Ints
        In the shape of the argument, rounded to a microsecond.

    Raises
    ------
    BadQuery
        Raised if the scale is UT1 (it would need Earth-rotation tables from the network) or local, or if a time is
        masked.
    """
    if time.scale in {"ut1", "local"}:
        raise BadQuery(f"A time in scale {time.scale!r} has no instant without outside tables. Give it in UTC or TT.")
    if np.any(time.mask):
        raise BadQuery("A masked time names no instant. Leave masked times out.")
    if time.scale == "utc":
        return _us_from_utc_days(time.jd1 - _JD_1970, time.jd2)
    tai = time.tai
    day = np.floor(tai.jd1 - _JD_1970)
    part = (tai.jd1 - _JD_1970 - day) + tai.jd2
    return np.asarray(day.astype(np.int64) * DAY_US + np.rint(part * DAY_US).astype(np.int64))


def mjd(value: float | NDArray[np.float64]) -> Time:
    """Give a UTC Modified Julian Date, or an array of them, as `Time`."""
    return from_us(us_from_mjd(value))


@overload
def us_from_mjd(value: float) -> int: ...
@overload
def us_from_mjd(value: NDArray[np.float64]) -> Ints: ...
def us_from_mjd(value: float | NDArray[np.float64]) -> int | Ints:
    """Give UTC Modified Julian Dates as TAI microseconds since 1970-01-01T00:00:00 TAI.

    Parameters
    ----------
    value
        Modified Julian Date in UTC [d], any shape; one float64 resolves about a microsecond.

    Returns
    -------
    int or Ints
        In the shape of the argument; an int for a float.

    Raises
    ------
    BadQuery
        Raised if a value is not finite.
    """
    days = _finite(value, "Modified Julian Date", unit_us=DAY_US)
    us = _us_from_utc_days(days - _MJD_1970, np.zeros_like(days))
    return us if np.ndim(value) else int(us)


def us_from_cxc(seconds: float | NDArray[np.float64]) -> Ints:
    """Give Chandra mission seconds as TAI microseconds since 1970-01-01T00:00:00 TAI.

    Parameters
    ----------
    seconds
        Seconds since 1998-01-01T00:00:00 TT, any shape.

    Returns
    -------
    Ints
        In the shape of the argument, rounded to a microsecond.

    Raises
    ------
    BadQuery
        Raised if a value is not finite.
    """
    return np.asarray(np.rint(_finite(seconds, "mission time", unit_us=1_000_000) * 1e6).astype(np.int64) + _CXC_US)


def cxc_from_us(us: int | Ints) -> NDArray[np.float64]:
    """Give TAI microseconds as Chandra mission seconds (since 1998-01-01T00:00:00 TT), in the argument's shape."""
    return np.asarray((np.asarray(us) - _CXC_US) / 1e6)


def _now_us(text: str, now: Now | None) -> int:
    if now is None:
        raise BadQuery(f"{text!r} counts from now, and it was not said when that is. Pass now=Time.now.")
    return int(us_from_time(now() if callable(now) else now))


def _known_scale(scale: str | None) -> str:
    if scale in {None, "utc", "tai", "tt"}:
        return scale or "utc"
    raise BadQuery(f"Text is read and written in scale 'utc', 'tai' or 'tt', not {scale!r}. Convert with astropy Time.")


def _finite(value: float | NDArray[np.float64], what: str, *, unit_us: int) -> NDArray[np.float64]:
    numbers = np.asarray(value, dtype=np.float64)
    if not np.all(np.abs(numbers) < MAX_US / 2 / unit_us):
        raise BadQuery(f"A {what} that is NaN, infinite or beyond all dates names no instant. Leave such rows out.")
    return numbers


def _us_from_utc_days(days: NDArray[np.float64], more: NDArray[np.float64]) -> Ints:
    """Give instants of UTC days since 1970, in two parts; a day with a leap second is longer, as astropy counts."""
    whole = np.floor(days)
    part = (days - whole) + more
    carry = np.floor(part)
    day = (whole + carry).astype(np.int64)
    return us_from_utc(day, np.rint((part - carry) * day_length_us(day)).astype(np.int64))


def _us_from_datetime(value: datetime, reading: Reading) -> int:
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return us_from_label(since.days, since.seconds * 1_000_000 + since.microseconds, reading.scale)
