"""Times as people and instruments write them, turned into `astropy.time.Time` or TAI microseconds.

Owns the accepted forms. Must not know the clock: whoever accepts `"-30d"` passes `now`. Never goes on line.

One rule for every instrument: text is UTC, a date without a time of day is midnight, a bare number is Chandra mission
seconds (since 1998-01-01T00:00:00 TT), and a Modified Julian Date is named (`mjd`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Real
from typing import TypeAlias, overload

import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.domain.utc import DAY_US, Ints, day_length_us, settle_leap_seconds, us_from_utc, utc_from_us
from longwatch.errors import BadQuery

Instant: TypeAlias = str | float | date | np.datetime64 | Time
"""One time in any accepted form; a `datetime` is a `date`."""
TimeLike: TypeAlias = Instant | Sequence[Instant] | NDArray[np.generic]
"""One time or many."""

_DAY_1970 = date(1970, 1, 1).toordinal()
_JD_1970 = 2_440_587.5
_MJD_1970 = 40_587
_TT_US = 32_184_000
_CXC_US = 10_227 * DAY_US - _TT_US
_AHEAD_OF_TAI_US = {"tai": 0, "tt": _TT_US}
_UNIT_US = {"yr": 31_557_600_000_000, "d": DAY_US, "hr": 3_600_000_000, "min": 60_000_000, "s": 1_000_000}

_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d*))?)?"
_WRITTEN = (
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:(?P<t>[T ]){_CLOCK}Z?)?", re.ASCII),
    re.compile(rf"(?P<year>\d{{4}}):(?P<doy>\d{{3}})(?::{_CLOCK})?", re.ASCII),
    re.compile(
        r"(?P<year>\d{4})(?P<doy>\d{3})(?:(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?P<fraction>\d{3}))?", re.ASCII
    ),
)
_GRETA = re.compile(r"(\d{7})\.(\d{1,9})", re.ASCII)
_TERM = r"(\d+\.?\d*|\.\d+)\s*(yr|d|hr|min|s)"
_RELATIVE = re.compile(rf"(?P<sign>[+-])\s*(?P<terms>{_TERM}(?:\s*{_TERM})*)", re.ASCII)
_TERMS = re.compile(_TERM, re.ASCII)
_EPOCH = re.compile(r"(?P<timeline>[A-Za-z][\w.]*):(?P<number>\d+)", re.ASCII)

_FORMS = (
    "Accepted: '2016-12-31 23:59:60.5' or with a T (UTC), '2016-12-31', '2016:366', '2016:366:23:59:60.5', "
    "'2012001.123456789' (YYYYDDD.hhmmsssss), '2012001123456789' (YYYYDDDhhmmsssss), '-2d 12hr' (from now; units yr, "
    "d, hr, min, s), a number (seconds since 1998-01-01 TT), datetime, date, datetime64, astropy Time; "
    "a Modified Julian Date by `mjd(57753.5)`."
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """How text is to be read; the keywords of `to_us`."""

    now: Time | None
    legacy: bool
    scale: str


def to_us(value: Instant, *, now: Time | None = None, legacy: bool = False, scale: str | None = None) -> int:
    """Give one time as TAI microseconds since 1970-01-01T00:00:00 TAI, exactly.

    Parameters
    ----------
    value
        A time in any accepted form; a `datetime` without a zone is UTC.
    now
        What relative forms (`"-30d"`, `"now"`) count from.
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
    reading = _Reading(now, legacy, _known_scale(scale))
    match value:
        case str():
            return _us_from_text(value, reading)
        case datetime():
            return _us_from_datetime(value, reading)
        case date():
            return _us_from_label(value.toordinal() - _DAY_1970, 0, reading.scale)
        case np.datetime64() if not np.isnat(value):
            return _us_from_label(*divmod(int(value.astype("M8[us]").astype(np.int64)), DAY_US), reading.scale)
        case Time() if value.isscalar:
            return int(us_from_time(value))
        case bool():
            pass
        case Real() if math.isfinite(value):
            return int(us_from_cxc(float(value)))
        case _:
            pass
    raise BadQuery(f"{value!r} is not a time. {_FORMS}")


def to_time(value: TimeLike, *, now: Time | None = None, legacy: bool = False, scale: str | None = None) -> Time:
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
    now: Time | None = None,
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
        day, us_of_day = np.divmod(np.asarray(us) + _AHEAD_OF_TAI_US[scale], DAY_US)
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
    days = _finite(value, "Modified Julian Date")
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
    return np.asarray(np.rint(_finite(seconds, "mission time") * 1e6).astype(np.int64) + _CXC_US)


def cxc_from_us(us: int | Ints) -> NDArray[np.float64]:
    """Give TAI microseconds as Chandra mission seconds (since 1998-01-01T00:00:00 TT), in the argument's shape."""
    return np.asarray((np.asarray(us) - _CXC_US) / 1e6)


def _known_scale(scale: str | None) -> str:
    if scale in {None, "utc", "tai", "tt"}:
        return scale or "utc"
    raise BadQuery(f"Text is read and written in scale 'utc', 'tai' or 'tt', not {scale!r}. Convert with astropy Time.")


def _finite(value: float | NDArray[np.float64], what: str) -> NDArray[np.float64]:
    numbers = np.asarray(value, dtype=np.float64)
    if not np.all(np.isfinite(numbers)):
        raise BadQuery(f"A {what} that is NaN or infinite names no instant. Leave such rows out.")
    return numbers


def _us_from_utc_days(days: NDArray[np.float64], more: NDArray[np.float64]) -> Ints:
    """Give instants of UTC days since 1970, in two parts; a day with a leap second is longer, as astropy counts."""
    whole = np.floor(days)
    part = (days - whole) + more
    carry = np.floor(part)
    day = (whole + carry).astype(np.int64)
    return us_from_utc(day, np.rint((part - carry) * day_length_us(day)).astype(np.int64))


def _us_from_label(day: int, us_of_day: int, scale: str) -> int:
    """Give the instant that has a date and a time of day as its label in a scale."""
    if scale == "utc":
        return int(us_from_utc(day, us_of_day))
    return day * DAY_US + us_of_day - _AHEAD_OF_TAI_US[scale]


def _us_from_datetime(value: datetime, reading: _Reading) -> int:
    since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return _us_from_label(since.days, since.seconds * 1_000_000 + since.microseconds, reading.scale)


def _us_from_text(text: str, reading: _Reading) -> int:
    stripped = _GRETA.sub(lambda found: found[1] + found[2].ljust(9, "0"), text.strip())
    for form in _WRITTEN:
        if found := form.fullmatch(stripped):
            return _us_from_fields(found.groupdict(), text, reading)
    if stripped == "now" or _RELATIVE.fullmatch(stripped):
        return _us_from_relative(stripped, reading.now)
    raise BadQuery(f"{text!r} is not a time. {_FORMS}")


def _us_from_fields(fields: dict[str, str | None], text: str, reading: _Reading) -> int:
    day = _day(fields, text)
    hour, minute, second = (int(fields[name] or 0) for name in ("hour", "minute", "second"))
    fraction = fields.get("fraction") or ""
    us = (hour * 3600 + minute * 60 + second) * 1_000_000 + round(int(fraction or 0) * 10 ** (6 - len(fraction)))
    scale = "tt" if reading.legacy and fields.get("t") == "T" else reading.scale
    if reading.legacy and fields["hour"] is None and ":" in text:
        us = DAY_US // 2
    leap = (hour, minute, second) == (23, 59, 60) and scale == "utc" and us < day_length_us(day)
    if hour > 23 or minute > 59 or (second > 59 and not leap):
        raise BadQuery(f"{text!r} is not a time: its day has no {hour:02d}:{minute:02d}:{second:02d}. {_FORMS}")
    return _us_from_label(day, us, scale)


def _day(fields: dict[str, str | None], text: str) -> int:
    """Give days since 1970-01-01 of a year, month and day, or of a year and day of year."""
    year, of_year = int(fields["year"] or 0), fields.get("doy")
    try:
        if of_year is None:
            return date(year, int(fields["month"] or 0), int(fields["day"] or 0)).toordinal() - _DAY_1970
        first = date(year, 1, 1).toordinal()
    except ValueError as error:
        raise BadQuery(f"{text!r} is not a time: {error}. {_FORMS}") from error
    if not 1 <= int(of_year) <= date(year, 12, 31).toordinal() - first + 1:
        raise BadQuery(f"{text!r} is not a time: the year {year} has no day {of_year}. {_FORMS}")
    return first + int(of_year) - 1 - _DAY_1970


def _us_from_relative(text: str, now: Time | None) -> int:
    if now is None:
        raise BadQuery(f"{text!r} counts from now, and it was not said when that is. Pass now=Time.now().")
    terms = _TERMS.findall(text)
    delta = sum(round(Decimal(number) * _UNIT_US[unit]) for number, unit in terms)
    return int(us_from_time(now)) + (-delta if text.startswith("-") else delta)
