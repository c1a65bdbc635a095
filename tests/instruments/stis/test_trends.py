"""Trends and steps that were put in come out, with honest errors."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.trends import find_step, temperature_coefficient, time_trend

N, SHAPE = 58, (40, 40)
MJD = 58000.0 + np.arange(N) / 2


def noisy(mean: np.ndarray, sigma: float) -> np.ndarray:
    rng = np.random.default_rng(8)
    return (mean[:, None, None] + rng.normal(0, sigma, (N, *SHAPE))).astype(np.float32)


def everything() -> np.ndarray:
    return np.ones((N, *SHAPE), dtype=bool)


def test_a_trend_in_time() -> None:
    rate = noisy(0.03 + 0.001 * (MJD - MJD[0]), 0.01)
    found = time_trend(rate, everything(), np.full(rate.shape, 1e-4, np.float32), MJD)
    assert found.value.mean() == pytest.approx(0.001, rel=0.01)
    assert ((found.value - 0.001) / found.error).std() == pytest.approx(1, abs=0.06)


def test_growth_with_temperature_in_spite_of_outliers() -> None:
    temp_c = np.random.default_rng(1).normal(20, 0.8, N)
    rate = noisy(1.0 * (1 + 0.08 * (temp_c - 18)), 0.01)
    rate[5] += 1.0
    found = temperature_coefficient(rate, everything(), temp_c)
    assert np.median(found.value) == pytest.approx(0.08, rel=0.02)
    assert 0.9 < ((found.value - 0.08) / found.error).std() < 1.2


def test_frames_of_unknown_temperature_do_not_count() -> None:
    temp_c = np.full(N, np.nan)
    temp_c[:2] = 18, 20
    found = temperature_coefficient(noisy(np.ones(N), 0.01), everything(), temp_c)
    assert np.isnan(found.value).all()


@pytest.mark.parametrize("first", [5, 30, 50])
def test_a_step_is_dated(first: int) -> None:
    rate = noisy(np.where(np.arange(N) >= first, 0.3, 0.03), 0.01)
    found = find_step(rate, everything(), np.full(rate.shape, 1e-4, np.float32), MJD)
    assert (found.p < 1e-6).all()
    assert found.mjd == pytest.approx((MJD[first - 1] + MJD[first]) / 2)
    assert found.size.mean() == pytest.approx(0.27, abs=0.002)


def test_noise_has_no_steps() -> None:
    rate = noisy(np.full(N, 0.03), 0.01)
    found = find_step(rate, everything(), np.full(rate.shape, 1e-4, np.float32), MJD)
    assert (found.p < 0.01).mean() < 0.02


def test_too_few_samples_tell_nothing() -> None:
    rate, good = noisy(np.full(N, 0.03), 0.01), everything()
    good[2:] = False
    variance = np.full(rate.shape, 1e-4, np.float32)
    assert np.isnan(time_trend(rate, good, variance, MJD).value).all()
    step = find_step(rate, good, variance, MJD)
    assert np.isnan(step.p).all()
    assert np.isnan(step.mjd).all()
