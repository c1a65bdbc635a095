"""Times written as text: the forms, their patterns, and the instants they name.

Owns the patterns. Must not know the clock: of a relative form it gives the distance only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from longwatch.domain.utc import DAY_US, day_length_us, us_from_utc
from longwatch.errors import BadQuery

TT_US = 32_184_000
AHEAD_OF_TAI_US = {"tai": 0, "tt": TT_US}

DAY_1970 = date(1970, 1, 1).toordinal()
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
_RELATIVE = re.compile(rf"[+-]\s*{_TERM}(?:\s*{_TERM})*", re.ASCII)
_TERMS = re.compile(_TERM, re.ASCII)

FORMS = (
    "Accepted: '2016-12-31 23:59:60.5' or with a T (UTC), '2016-12-31', '2016:366', '2016:366:23:59:60.5', "
    "'2012001.123456789' (YYYYDDD.hhmmsssss), '2012001123456789' (YYYYDDDhhmmsssss), '-2d 12hr' (from now; units yr, "
    "d, hr, min, s), a number (seconds since 1998-01-01 TT), datetime, date, datetime64, astropy Time; "
    "a Modified Julian Date by `mjd(57753.5)`."
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How text is to be read.

    Parameters
    ----------
    legacy
        True reads as Chandra.Time before 4.0 did: `YYYY:DDD` is noon, and ISO with a `T` is TT.
    scale
        "utc", "tai" or "tt".
    """

    legacy: bool
    scale: str


def relative_us(text: str) -> int | None:
    """Give how far from now a relative form such as `"-2d 12hr"` lies [microseconds], or None where it is none."""
    stripped = text.strip()
    if stripped == "now":
        return 0
    if not _RELATIVE.fullmatch(stripped):
        return None
    distance = sum(round(Decimal(number) * _UNIT_US[unit]) for number, unit in _TERMS.findall(stripped))
    return -distance if stripped.startswith("-") else distance


def us_from_text(text: str, reading: Reading) -> int:
    """Give the instant that absolute text names.

    Parameters
    ----------
    text
        A date, with or without a time of day, in any written form.
    reading
        How to read it.

    Returns
    -------
    int
        TAI microseconds since 1970-01-01T00:00:00 TAI.

    Raises
    ------
    BadQuery
        Raised if the text has no accepted form, or names no real time.
    """
    stripped = _GRETA.sub(lambda found: found[1] + found[2].ljust(9, "0"), text.strip())
    for form in _WRITTEN:
        if found := form.fullmatch(stripped):
            return _us_from_fields(found.groupdict(), text, reading)
    raise BadQuery(f"{text!r} is not a time. {FORMS}")


def _us_from_fields(fields: dict[str, str | None], text: str, reading: Reading) -> int:
    day = _day(fields, text)
    hour, minute, second = (int(fields[name] or 0) for name in ("hour", "minute", "second"))
    fraction = fields.get("fraction") or ""
    us = (hour * 3600 + minute * 60 + second) * 1_000_000 + round(int(fraction or 0) * 10 ** (6 - len(fraction)))
    scale = "tt" if reading.legacy and fields.get("t") == "T" else reading.scale
    if reading.legacy and fields["hour"] is None and ":" in text:
        us = DAY_US // 2
    leap = (hour, minute, second) == (23, 59, 60) and scale == "utc" and us < day_length_us(day)
    if hour > 23 or minute > 59 or (second > 59 and not leap):
        raise BadQuery(f"{text!r} is not a time: its day has no {hour:02d}:{minute:02d}:{second:02d}. {FORMS}")
    return us_from_label(day, us, scale)


def _day(fields: dict[str, str | None], text: str) -> int:
    """Give days since 1970-01-01 of a year, month and day, or of a year and day of year."""
    year, of_year = int(fields["year"] or 0), fields.get("doy")
    try:
        if of_year is None:
            return date(year, int(fields["month"] or 0), int(fields["day"] or 0)).toordinal() - DAY_1970
        first = date(year, 1, 1).toordinal()
    except ValueError as error:
        raise BadQuery(f"{text!r} is not a time: {error}. {FORMS}") from error
    if not 1 <= int(of_year) <= date(year, 12, 31).toordinal() - first + 1:
        raise BadQuery(f"{text!r} is not a time: the year {year} has no day {of_year}. {FORMS}")
    return first + int(of_year) - 1 - DAY_1970


def us_from_label(day: int, us_of_day: int, scale: str) -> int:
    """Give the instant that has a date and a time of day as its label in a scale."""
    if scale == "utc":
        return int(us_from_utc(day, us_of_day))
    return day * DAY_US + us_of_day - AHEAD_OF_TAI_US[scale]
