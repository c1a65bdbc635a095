"""Scales: units in labels, times to dates, limits that show what matters."""

import numpy as np
import pytest
from astropy.time import Time

from longwatch.plots.figure import Axis
from longwatch.plots.scales import axis_label, drawn, filled, label_with_unit, limits_of

TIME = Axis(label="Date", time=True)
RATE = Axis(label="dark rate", unit="count / s")


def test_labels_show_units_as_people_write_them() -> None:
    assert axis_label(RATE) == "dark rate [ct s⁻¹]"
    assert axis_label(TIME) == "Date [UTC]"
    assert label_with_unit("gain", "") == "gain"


def test_masked_elements_are_drawn_as_gaps() -> None:
    assert np.isnan(filled(np.ma.masked_equal([1, 2, 3], 2))[1])


def test_times_are_drawn_as_days_of_utc_across_a_leap_second() -> None:
    utc = Time(["2016-12-31T23:59:59", "2017-01-01T00:00:01"], scale="utc")
    days = drawn(utc.unix_tai * 1e6, TIME)
    assert days == pytest.approx(utc.datetime64.astype("datetime64[us]").astype(np.int64) / 86_400e6, abs=1e-9)


def test_a_time_that_is_not_known_is_not_drawn() -> None:
    assert np.isnan(drawn(np.array([np.nan]), TIME)[0])


def test_a_logarithmic_axis_has_no_place_for_zero() -> None:
    assert list(np.isnan(drawn(np.array([0.0, -1.0, 1.0]), Axis(label="", log=True)))) == [True, True, False]


def test_bands_near_the_values_are_shown_and_far_ones_are_not() -> None:
    low, high = limits_of(np.array([0.0, 1.0]), RATE, edges=(2.0, 1000.0, -np.inf))
    assert high == pytest.approx(2.08)
    assert low == pytest.approx(-0.08)


@pytest.mark.parametrize("axis", [RATE, TIME, Axis(label="", log=True)])
def test_a_lone_value_gets_an_axis_around_it(axis: Axis) -> None:
    low, high = limits_of(np.array([7.0]), axis)
    assert low < 7.0 < high


def test_no_value_gives_no_limits() -> None:
    assert limits_of(np.array([np.nan]), RATE) is None
