"""Cosmic rays are found, noise is not, and hot pixels born inside a period stay."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.detector import READNOISE_DN, Detector, Period, Ways
from longwatch.instruments.stis.frames import SATURATED, Frames, sample_variance, scaled
from longwatch.instruments.stis.rejection import HALO, masked_median, reject

N, SIZE, LEVEL = 58, 64, 31.0
SIGMA = np.sqrt(READNOISE_DN**2 + LEVEL)


def flat_frames(n: int = N) -> Frames:
    return Frames(
        exptime_s=np.full(n, 1100.0),
        gain=np.ones(n),
        temp_c=np.full(n, 18.0),
        mjd=58000.0 + np.arange(n) / 2,
        start_mjd=58000.0,
        stop_mjd=58028.0,
        readnoise_dn=np.full(n, READNOISE_DN),
        bias=np.zeros(n, dtype=np.int64),
    )


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).normal(LEVEL, SIGMA, (N, SIZE, SIZE)).astype(np.float32)


def all_good(x: np.ndarray) -> np.ndarray:
    return np.ones(x.shape, dtype=bool)


def test_few_samples_of_pure_noise_are_rejected(noise: np.ndarray) -> None:
    assert (~reject(noise, all_good(noise), flat_frames()).good).mean() <= 0.005


@pytest.mark.parametrize("sigmas", [10, 30, 200])
def test_hits_are_found(noise: np.ndarray, sigmas: float) -> None:
    hit = np.random.default_rng(4).random(noise.shape) < 0.02
    noise[hit] += np.float32(sigmas * SIGMA)
    left = reject(noise, all_good(noise), flat_frames()).good
    assert (~left[hit]).mean() >= 0.99
    assert (~left[~hit]).mean() <= 0.01


def test_events_of_several_pixels_are_found_with_their_faint_ends(noise: np.ndarray) -> None:
    noise[10, 20, 20:24] += np.float32([800, 900, 2.5 * SIGMA, 0])
    left = reject(noise, all_good(noise), flat_frames()).good
    assert not left[10, 20, 20:22].any()
    assert not left[10, 20, 22] or noise[10, 20, 22] - LEVEL < 1.5 * SIGMA


def test_tracks_of_cosmic_rays_are_found_where_no_file_flags_them() -> None:
    square = slice(480, 544)
    ways = Ways(births=0, telegraph=0, halos=False, tracks=True, flagged=False, one_law=True)
    detector = Detector(rows=square, cols=square, rng=np.random.default_rng(9), ways=ways)
    period = detector.observe(58022.0, 58050.0, n_frames=N)
    x, expected = scaled(period.stack, period.frames), (period.rates * 1100).astype(np.float32)
    left = reject(x, period.stack.good(), period.frames).good
    sigma = np.sqrt(sample_variance(period.frames, expected))
    hit = period.cosmic & (x > expected + 10 * sigma)
    assert abs(period.cosmic.mean() - 0.02) < 0.001
    assert (~left[hit]).mean() >= 0.99


@pytest.mark.parametrize("first", [3, 15, 29, 45, 55])
@pytest.mark.parametrize("rate_dn", [110, 1100, 11000])
def test_hot_pixels_born_inside_a_period_are_kept(noise: np.ndarray, first: int, rate_dn: float) -> None:
    noise[first:, 7, ::8] = np.random.default_rng(5).normal(rate_dn, np.sqrt(rate_dn + 40), (N - first, 8))
    left = reject(noise, all_good(noise), flat_frames()).good
    assert left[first:, 7, ::8].mean() > 0.97
    assert left[:first, 7, ::8].mean() > 0.97


def test_two_samples_at_the_end_are_a_birth_and_one_is_not(noise: np.ndarray) -> None:
    noise[-2:, 7, 7] += np.float32([2000, 2100])
    noise[-2:, 9, 9] += np.float32([2000, 900])
    noise[-1, 11, 11] += 2000
    noise[:2, 13, 13] += 2000
    left = reject(noise, all_good(noise), flat_frames()).good
    assert left[-2:, 7, 7].all()
    assert not left[-2:, 9, 9].any()
    assert not left[-1, 11, 11]
    assert not left[:2, 13, 13].any()


def test_a_pixel_that_jumps_from_frame_to_frame_keeps_both_levels_and_loses_its_cosmic_rays(noise: np.ndarray) -> None:
    upper = np.arange(N) // 2 % 2 == 1
    noise[upper, 7, 7] += 400
    noise[[4, 31], 7, 7] += 3000
    left = reject(noise, all_good(noise), flat_frames()).good[:, 7, 7]
    assert not left[[4, 31]].any()
    assert left.sum() >= N - 4


def test_a_step_is_kept_through_a_frame_that_is_flagged_already(noise: np.ndarray) -> None:
    noise[54:, 9, 9] += 500
    good = all_good(noise)
    good[55, 9, 9] = False
    left = reject(noise, good, flat_frames()).good
    assert left[[54, 56, 57], 9, 9].all()
    assert not left[55, 9, 9]


def test_a_pixel_of_which_nothing_would_be_left_keeps_the_sample_nearest_its_median() -> None:
    x = np.float32([0, 5000]).reshape(2, 1, 1)
    found = reject(x, all_good(x), flat_frames(2))
    assert found.restored.all()
    assert found.good.ravel().tolist() == [True, False]
    never = reject(x, ~all_good(x), flat_frames(2))
    assert not never.good.any()
    assert not never.restored.any()


def test_a_band_with_its_halo_gives_what_the_whole_gives(halos: Period) -> None:
    x, good = scaled(halos.stack, halos.frames), halos.stack.good(SATURATED)
    whole = reject(x, good, halos.frames).good
    band = np.s_[:, 20 - HALO : 40 + HALO]
    part = reject(x[band], good[band], halos.frames).good[:, HALO:-HALO]
    assert (part == whole[:, 20:40]).all()


def test_the_median_counts_only_what_counts() -> None:
    x = np.float32([[1, 9, 3, 7], [np.nan, 4, 6, 8]]).T.reshape(4, 1, 2)
    good = np.isfinite(x)
    assert masked_median(x, good).tolist() == [[5, 6]]
    assert np.isnan(masked_median(x, ~all_good(x))).all()
