"""Native time columns: to the catalogue's instants and back, exactly.

Owns the conversion for each `TimeScale`. Must not know rows or segments.

Segments are searched by their native time column, so that no second one is stored and decoded: `native_bounds` gives
the very first native number that belongs to an instant, and every conversion here is monotone.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.domain.series import TimeScale
from longwatch.domain.times import cxc_from_us, from_us, us_from_cxc, us_from_mjd
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.domain.utc import Ints, day_length_us, utc_from_us

_MJD_1970 = 40_587
_BISECTIONS = 64
_SLACK_S = 8e-6
_SECOND_US = 1_000_000
_HALF_US_S = 5e-7
_NEIGHBOURS = np.arange(-4, 5)

ZERO_POINT = {
    TimeScale.CXC: "seconds of TT since 1998-01-01T00:00:00 TT",
    TimeScale.MJD_UTC: "Modified Julian Date, UTC",
    TimeScale.TAI_US: "microseconds of TAI since 1970-01-01T00:00:00 TAI",
    TimeScale.RELATIVE_S: "seconds since the start of the exposure",
}
"""What a native time counts, in words."""

UNIT = {TimeScale.CXC: "s", TimeScale.MJD_UTC: "d", TimeScale.TAI_US: "us", TimeScale.RELATIVE_S: "s"}
"""Unit of a native time."""


def instants(native: NDArray[np.generic], scale: TimeScale) -> Ints:
    """Give native times as instants [microseconds of TAI], rounded; a relative time as microseconds."""
    match scale:
        case TimeScale.CXC:
            return np.asarray(us_from_cxc(native.astype(np.float64)))
        case TimeScale.MJD_UTC:
            return np.asarray(us_from_mjd(native.astype(np.float64)))
        case TimeScale.TAI_US:
            return native.astype(np.int64)
        case TimeScale.RELATIVE_S:
            return np.rint(native.astype(np.float64) * _SECOND_US).astype(np.int64)


def native_bounds(us: Ints, scale: TimeScale) -> NDArray[np.float64] | Ints:
    """Give for each instant the smallest native time that is at or after it.

    Parameters
    ----------
    us
        (n,), instants [microseconds of TAI].
    scale
        Of the native times sought; not a relative one.

    Returns
    -------
    ndarray
        (n,), so that `native >= bound` exactly where `instants(native) >= us`; an open end is infinite.
    """
    if scale is TimeScale.TAI_US:
        return us
    closed = (us > MIN_US) & (us < MAX_US)
    bounds = np.where(us <= MIN_US, -np.inf, np.inf)
    if closed.any():
        near = _among_neighbours(us[closed], scale)
        bounds[closed] = _bisect(us[closed], scale) if near is None else near
    return bounds


@cache
def native_range(scale: TimeScale) -> tuple[float, float]:
    """Give the first and last native time an archive can hold: the years 1 to 9999."""
    if scale is TimeScale.RELATIVE_S:
        return -1e12, 1e12
    first, last = (float(_near(np.array([us]), scale)[0]) for us in (MIN_US, MAX_US))
    return first, last


def natives(us: Ints, scale: TimeScale) -> NDArray[np.float64] | Ints:
    """Give instants [microseconds of TAI] as native times, the nearest there are; exact where those are instants."""
    return us if scale in {TimeScale.TAI_US, TimeScale.RELATIVE_S} else _near(us, scale)


def to_times(native: NDArray[np.generic], scale: TimeScale) -> Time:
    """Give native times as `Time` in their own scale: TT for Chandra time, else UTC."""
    match scale:
        case TimeScale.CXC:
            return Time(native, format="cxcsec")
        case TimeScale.MJD_UTC:
            return Time(native, format="mjd", scale="utc")
        case _:
            return from_us(native.astype(np.int64))


def times_of(table: Table) -> Time:
    """Give the times of a fetched table in their own scale; masked where there is none."""
    native = np.ma.asanyarray(table[table.meta["time"]].data)
    times = to_times(native.data, TimeScale(table.meta["scale"]))
    unknown = np.ma.getmaskarray(native)
    if unknown.any():
        times[unknown] = np.ma.masked
    return times


def _near(us: Ints, scale: TimeScale) -> NDArray[np.float64]:
    """Give native times that round to instants, or to their neighbours."""
    match scale:
        case TimeScale.CXC:
            return cxc_from_us(us)
        case TimeScale.MJD_UTC:
            day, us_of_day = utc_from_us(us)
            return np.asarray(_MJD_1970 + day + us_of_day / day_length_us(day))
        case _:
            return us.astype(np.float64)


def _among_neighbours(us: Ints, scale: TimeScale) -> NDArray[np.float64] | None:
    """Find the first native time of each instant among the numbers next to it; None if one is not there."""
    near = _near(us, scale) - _HALF_US_S / (86_400 if scale is TimeScale.MJD_UTC else 1)
    if near.min() <= 1:
        return None
    numbers = (near.view(np.int64)[:, None] + _NEIGHBOURS).view(np.float64)  # ascending, as positive numbers lie
    reached = instants(numbers, scale) >= us[:, None]
    if reached[:, 0].any() or not reached[:, -1].all():
        return None
    return np.asarray(numbers[np.arange(len(us)), reached.argmax(axis=1)])


def _bisect(us: Ints, scale: TimeScale) -> NDArray[np.float64]:
    """Narrow down the first native time of each instant until no number lies between."""
    near, slack = _near(us, scale), _SLACK_S / (86_400 if scale is TimeScale.MJD_UTC else 1)
    low, high = near - slack, near + slack
    for _ in range(_BISECTIONS):
        middle = low + (high - low) / 2
        if np.all((middle <= low) | (middle >= high)):
            break
        before = instants(middle, scale) < us
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return high
