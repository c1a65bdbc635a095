"""The UTC calendar as integer microseconds of TAI, leap seconds included.

Owns the leap-second arithmetic. Must not know how a time is written, nor the clock.

The zero point of TAI microseconds (`_us`) is 1970-01-01T00:00:00 TAI. The leap-second table is the one that comes
with astropy; it is read once, with astropy's download switched off, so nothing here ever goes on line. A new leap
second arrives by updating the package `astropy-iers-data`.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
from astropy.time import Time
from astropy.utils import iers
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Whole: TypeAlias = int | Ints

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
_BEFORE_ALL = -1_000_000
_AFTER_ALL = 10_000_000


class _Steps(NamedTuple):
    """The stretches between steps of TAI - UTC; every field is an array of one element a stretch."""

    day: Ints
    last_day: Ints
    tai_us: Ints
    jump_us: Ints
    drift: NDArray[np.float64]


@cache
def _steps() -> _Steps:
    """Give the stretches; before 1960 UTC is TAI, and until 1972 it also drifts."""
    with iers.conf.set_temp("auto_download", value=False):
        table = iers.LeapSeconds.from_erfa()
        dates = [f"{row['year']}-{row['month']:02d}-01" for row in table]
        begin = Time(dates, scale="utc")
        noon = Time([f"{text}T12:00:00" for text in dates], scale="utc")
        offsets, at_noon = _ahead(begin.tai, begin), _ahead(noon.tai, noon)
    day = np.concatenate([[_BEFORE_ALL], np.rint(begin.mjd).astype(np.int64) - 40_587])
    offset = np.concatenate([[0], np.rint(offsets).astype(np.int64)])
    drift = np.concatenate([[0.0], np.round((at_noon - offsets) * 2, 1) / DAY_US])
    last_day = np.concatenate([day[1:] - 1, [_AFTER_ALL]])
    reached = offset + np.rint((last_day + 1 - day) * DAY_US * drift).astype(np.int64)
    jump = np.concatenate([offset[1:] - reached[:-1], [0]])
    return _Steps(day, last_day, day * DAY_US + offset, jump, drift)


def _ahead(tai: Time, utc: Time) -> NDArray[np.float64]:
    """Give how far the TAI labels are ahead of the UTC labels [microseconds]."""
    ahead: NDArray[np.float64] = ((tai.jd1 - utc.jd1) + (tai.jd2 - utc.jd2)) * DAY_US
    return ahead


def settle_leap_seconds() -> None:
    """Let astropy load its own leap seconds now, without the network, so that no later conversion looks for more."""
    _steps()


def us_from_utc(day: Whole, us_of_day: Whole) -> Ints:
    """Give the instant of a UTC date and time of day.

    Parameters
    ----------
    day
        Days since 1970-01-01, any shape.
    us_of_day
        Microseconds since midnight UTC; runs past 86,400,000,000 inside a leap second.

    Returns
    -------
    Ints
        TAI microseconds since 1970-01-01T00:00:00 TAI, in the shape of the arguments.
    """
    steps = _steps()
    at = np.searchsorted(steps.day, day, side="right") - 1
    elapsed = (day - steps.day[at]) * DAY_US + us_of_day
    return np.asarray(steps.tai_us[at] + elapsed + np.rint(elapsed * steps.drift[at]).astype(np.int64))


def utc_from_us(us: Whole) -> tuple[Ints, Ints]:
    """Give the UTC date and time of day of an instant; the inverse of `us_from_utc`.

    Parameters
    ----------
    us
        TAI microseconds since 1970-01-01T00:00:00 TAI, any shape.

    Returns
    -------
    tuple of Ints
        Days since 1970-01-01, and microseconds since midnight UTC.
    """
    steps = _steps()
    at = np.searchsorted(steps.tai_us, us, side="right") - 1
    elapsed_tai = us - steps.tai_us[at]
    drift = steps.drift[at] / (1 + steps.drift[at])
    elapsed = elapsed_tai - np.rint(elapsed_tai * drift).astype(np.int64)
    day = np.minimum(steps.day[at] + elapsed // DAY_US, steps.last_day[at])
    return np.asarray(day), np.asarray(elapsed - (day - steps.day[at]) * DAY_US)


def day_length_us(day: Whole) -> Ints:
    """Give the length of a UTC day [microseconds of UTC]: 86,401 s on a day that ends with a leap second.

    Parameters
    ----------
    day
        Days since 1970-01-01, any shape.

    Returns
    -------
    Ints
        Length, in the shape of the argument.
    """
    steps = _steps()
    at = np.searchsorted(steps.day, day, side="right") - 1
    return np.asarray(DAY_US + np.where(day == steps.last_day[at], steps.jump_us[at], 0))
