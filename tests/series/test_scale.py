"""Native times and instants, to the microsecond."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.series import TimeScale
from longwatch.domain.times import to_us
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.series.scale import instants, native_bounds, native_range, to_times

SCALES = [TimeScale.CXC, TimeScale.MJD_UTC, TimeScale.TAI_US]
LEAP_US = to_us("2016-12-31T23:59:60")


@pytest.mark.parametrize("scale", SCALES)
@given(
    us=st.one_of(st.integers(to_us("1980-01-01"), to_us("2060-01-01")), st.integers(LEAP_US - 9, LEAP_US + 1_000_009))
)
def test_a_bound_is_the_first_native_time_of_an_instant(scale: TimeScale, us: int) -> None:
    (bound,) = native_bounds(np.array([us]), scale)
    before = bound - 1 if scale is TimeScale.TAI_US else np.nextafter(bound, -np.inf)
    assert instants(np.array([before, bound]), scale)[0] < us <= instants(np.array([before, bound]), scale)[1]


@pytest.mark.parametrize("scale", SCALES)
def test_open_ends_meet_everything(scale: TimeScale) -> None:
    low, high = native_bounds(np.array([MIN_US, MAX_US]), scale)
    first, last = native_range(scale)
    assert low <= first < last <= high


@pytest.mark.parametrize("scale", SCALES)
def test_native_times_become_times(scale: TimeScale) -> None:
    native = native_bounds(np.array([LEAP_US]), scale)
    assert to_times(native, scale).utc.isot[0].startswith("2016-12-31T23:59:60.00")
