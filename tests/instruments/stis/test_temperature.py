"""The law of reference files, its guard, and the sensitivity measured by rate."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.temperature import factor, is_known, sensitivity

SIDE_1, SIDE_2 = 51000.0, 58000.0


def test_t7_unknown_temperatures_are_used_as_they_are_and_flagged() -> None:
    temp_c = np.array([-1.0, np.nan, 0.0, 20.0, 18.0, 20.0])
    mjd = np.array([SIDE_2] * 5 + [SIDE_1])
    assert factor(temp_c, mjd).tolist() == [1, 1, 1, pytest.approx(1.14), 1, 1]
    assert is_known(temp_c, mjd).tolist() == [False, False, False, True, True, False]


def test_no_housing_temperature_turns_the_sign() -> None:
    temp_c = np.linspace(-5, 40, 91)
    assert (factor(temp_c, np.full(91, SIDE_2)) > 0).all()


def test_an_image_of_growth_gives_an_image_a_frame() -> None:
    found = factor(np.array([20.0, -1.0]), np.array([SIDE_2, SIDE_2]), k=np.array([[0.05, 0.1, 0.0]]))
    assert found.shape == (2, 1, 3)
    assert np.allclose(found, [[[1.1, 1.2, 1.0]], [[1.0, 1.0, 1.0]]])


def test_published_mean_factor_of_anneal_200() -> None:
    assert factor(np.array([19.993]), np.array([SIDE_2]))[0] == pytest.approx(1.1395, abs=1e-4)


@pytest.mark.parametrize(
    ("log_rate", "year", "expected"),
    [(-2.5, 2004, 0.038), (-1.5, 2009.8, 0.086), (1.0, 2016, 0.059), (2.0, 2030, 0.059), (-4.0, 2012, 0.071)],
)
def test_measured_sensitivity(log_rate: float, year: float, expected: float) -> None:
    assert sensitivity(10.0**log_rate, year=year) == pytest.approx(expected)


def test_sensitivity_without_a_rate_is_that_of_the_law() -> None:
    assert sensitivity(np.array([np.nan, 0.0, -1.0]), year=2016).tolist() == [0.07, 0.055, 0.055]
