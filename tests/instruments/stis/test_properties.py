"""Properties of simulated periods against their truth, and the laws that 42 published pixels obey."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.detector import BIAS_DN, READNOISE_DN, Detector, Period, Ways
from longwatch.instruments.stis.frames import Frames, Stack
from longwatch.instruments.stis.properties import (
    count_negative,
    has_flags,
    life_properties,
    old_properties,
    read_noise_of_pairs,
    with_measured_growth,
    with_own_growth,
)
from longwatch.instruments.stis.temperature import factor, sensitivity

PUBLISHED = """
30.850187301635746 8.74200439453125 6.77666711807251
18.37711524963379 7.904343128204347 6.668571949005128
75.86537170410156 11.355701446533205 7.313119411468506
22.82162857055664 8.244080543518066 6.757133960723878
39.81331253051758 9.389081001281738 6.967615604400635
1170.380859375 37.08609008789063 14.061666488647461
21.751541137695312 8.192551612854004 6.800668716430664
40.333656311035156 9.354437828063963 6.926795482635497
32.710662841796875 8.819293022155762 6.816052436828612
24.16140365600586 8.239629745483397 6.7012577056884775
"""


def old(period: Period) -> dict[str, np.ndarray]:
    return old_properties(period.stack, period.frames, period.stack.good())


def life(period: Period) -> dict[str, np.ndarray]:
    return life_properties(period.stack, period.frames, period.stack.good())


@pytest.fixture(scope="module")
def clean_old(clean: Period) -> dict[str, np.ndarray]:
    return old(clean)


@pytest.fixture(scope="module")
def clean_life(clean: Period) -> dict[str, np.ndarray]:
    return life(clean)


def test_t3_the_simulation_obeys_the_laws_of_the_published_pixels(clean: Period) -> None:
    detector = Detector(
        rows=slice(440, 584),
        cols=slice(440, 584),
        rng=np.random.default_rng(2),
        ways=Ways(halos=False, one_law=True, births=0, telegraph=0),
    )
    period = detector.observe(58022.0, 58050.0, n_frames=58)
    found = old(period)
    sci, err, noise = (found[name].astype(float) for name in ("sci_mean", "err_mean", "readnoise"))
    faint = (found["stability"] < 5) & (sci < 150) & (sci > 5)
    assert np.abs(np.sqrt(err[faint] ** 2 - sci[faint]) - noise[faint]).max() <= 0.05
    calm = (sci > 5) & (sci < 3000)
    slope, floor = np.polyfit(sci[calm], err[calm] ** 2, 1, w=1 / (err[calm] ** 2))
    assert slope == pytest.approx(period.frames.factor.mean(), rel=0.01)
    assert floor == pytest.approx(READNOISE_DN**2 + BIAS_DN**2, rel=0.02)


def test_published_pixels_obey_the_laws() -> None:
    sci, err, noise = np.array([line.split() for line in PUBLISHED.split("\n")[1:-1]], dtype=float).T
    difference = np.sqrt(err**2 - sci) - noise
    assert np.abs(difference[[0, 1, 2, 3, 4]]).max() <= 0.04
    slope, floor = np.polyfit(sci, err**2, 1, w=1 / err**2)
    assert slope == pytest.approx(1.1395, rel=0.02)
    assert floor == pytest.approx(41.86, rel=0.02)


def test_t4_rates_are_unbiased_and_errors_honest(clean: Period, clean_life: dict[str, np.ndarray]) -> None:
    told = np.isfinite(clean_life["dark_rate"]) & ~clean.born & (clean.rate < 0.1)
    rate, truth = clean_life["dark_rate"][told].astype(float), clean.rate[told]
    assert rate.mean() / truth.mean() == pytest.approx(1, abs=0.005)
    error = np.hypot(clean_life["dark_rate_err"], clean_life["dark_rate_syst"])[told]
    assert ((rate - truth) / error).std() == pytest.approx(1, abs=0.05)
    assert np.median(clean_life["readnoise_true"][told]) == pytest.approx(READNOISE_DN, rel=0.02)


def test_t4_holds_with_unflagged_halos_and_without_any_flags(halos: Period) -> None:
    bare = replace(halos, stack=replace(halos.stack, dq=halos.stack.dq & ~np.int16(8192)))
    for period in (halos, bare):
        found = life(period)
        told = np.isfinite(found["dark_rate"]) & (period.rate < 0.1)
        assert found["dark_rate"][told].mean() / period.rate[told].mean() == pytest.approx(1, abs=0.005)
    assert has_flags(halos.stack.dq)
    assert not has_flags(bare.stack.dq)


def test_hot_pixels_are_told_with_the_growth_measured_at_their_rate() -> None:
    square = slice(448, 576)
    ways = Ways(telegraph=0, births=0, halos=False)
    period = Detector(rows=square, cols=square, rng=np.random.default_rng(7), ways=ways).observe(
        58022, 58050, n_frames=30
    )
    first = life(period)["dark_rate"]
    exact = life(replace(period, frames=replace(period.frames, k=sensitivity(first, year=2017.7))))["dark_rate"]
    hot = (period.rate > 0.1) & (period.rate < 20) & np.isfinite(first)
    assert np.median(exact[hot] / period.rate[hot]) == pytest.approx(1, abs=0.002)
    faint = (period.rate < 0.1) & np.isfinite(first)
    assert exact[faint].mean() / period.rate[faint].mean() == pytest.approx(1, abs=0.005)
    assert abs(first[faint].mean() / period.rate[faint].mean() - 1) > 0.01


def test_pixels_with_a_growth_of_their_own_are_told_by_it() -> None:
    square = slice(448, 512)
    ways = Ways(telegraph=0, births=0, halos=False, own_growth=0.02)
    detector = Detector(rows=square, cols=square, rng=np.random.default_rng(7), ways=ways)
    period = detector.observe(58022, 58050, n_frames=58)
    good = period.stack.good()
    usual = with_measured_growth(period.frames, old_properties(period.stack, period.frames, good)["sci_mean"])
    own = with_own_growth(period.stack, usual, good)
    for low, high, better in ((0.5, 20, 0.3), (0, 0.1, 1.05)):
        chosen = (period.rate > low) & (period.rate < high) & (period.rate < 1.1 * period.own)
        off = [np.std(frames.k[chosen] - period.growth[chosen]) for frames in (usual, own)]
        assert off[0] == pytest.approx(0.02, rel=0.2)
        assert off[1] < better * off[0]
        rates = [life_properties(period.stack, frames, good)["dark_rate"][chosen] for frames in (usual, own)]
        spread = [np.nanstd(rate / period.rate[chosen] - 1) for rate in rates]
        assert spread[1] < 1.02 * spread[0]


def test_pairs_of_biases_tell_the_read_noise_and_not_the_pattern() -> None:
    rng = np.random.default_rng(3)
    pattern = np.repeat(rng.normal(0, 5, (3, 32, 32)), 20, axis=0)
    sci = (pattern + rng.normal(0, READNOISE_DN, pattern.shape)).astype(np.float32)
    good = np.ones(sci.shape, dtype=bool)
    sci[7, 3, 3], good[7, 3, 3] = 1e6, False
    good[3:, 4, 4] = False
    good[4:, 5, 5] = False
    noise = read_noise_of_pairs(sci, good)
    assert np.sqrt(np.nanmean(np.square(noise))) == pytest.approx(READNOISE_DN, rel=0.01)
    assert noise[3, 3] < 10
    assert np.isnan(noise[4, 4])
    assert np.isfinite(noise[5, 5])
    assert np.isnan(read_noise_of_pairs(sci[:1], good[:1])).all()


def test_births_are_dated(clean: Period, clean_life: dict[str, np.ndarray]) -> None:
    bright = clean.born & (clean.birth_mjd < 58048) & (clean.birth_mjd > 58024)
    assert bright.any()
    assert clean_life["t_jump"][bright] == pytest.approx(clean.birth_mjd[bright], abs=0.5)
    assert (clean_life["p_jump"][bright] < 1e-6).all()


def test_counts(clean: Period, clean_old: dict[str, np.ndarray], clean_life: dict[str, np.ndarray]) -> None:
    assert clean_old["nan_count"].mean() == pytest.approx(1.17, abs=0.05)
    assert set(clean_life["n_frames"].ravel().tolist()) == {58}
    assert (clean_life["n_good"] <= 58 - clean_old["nan_count"]).all()
    assert list(clean_old) == [column.name for column in c.PROPERTIES]
    assert set(clean_life) == {column.name for column in c.LIFE_PROPERTIES}
    negative = count_negative(clean.stack, clean.frames, clean.stack.good())
    assert negative.min() >= 0


def one_pixel(sci: list[float], dq: list[int]) -> tuple[Stack, Frames]:
    n = len(sci)
    frames = Frames(
        exptime_s=np.full(n, 1100.0),
        gain=np.ones(n),
        temp_c=np.full(n, -1.0),
        mjd=58000.0 + np.arange(n),
        start_mjd=58000.0,
        stop_mjd=58028.0,
        readnoise_dn=np.full(n, 6.0),
        bias=np.zeros(n, dtype=np.int64),
    )
    values = np.float32(sci).reshape(-1, 1, 1)
    flags = np.array(dq, np.int16).reshape(-1, 1, 1)
    return Stack(sci=values, err=np.full(values.shape, 9, np.float32), dq=flags), frames


def test_a_pixel_without_good_frames_is_nan_and_never_zero() -> None:
    stack, frames = one_pixel([5, 6, 7], [8192, 256, 4])
    found = old_properties(stack, frames, stack.good()) | life_properties(stack, frames, stack.good())
    counts = {"nan_count": 3, "n_frames": 3, "n_good": 0, "n_sat": 1}
    assert {name: image.item() for name, image in found.items() if image.dtype.kind == "i"} == counts
    assert all(np.isnan(image.item()) for image in found.values() if image.dtype.kind == "f")


def test_a_single_good_frame_has_a_mean_and_no_variance() -> None:
    stack, frames = one_pixel([22, 6, 7], [0, 256, 4])
    found = old_properties(stack, frames, stack.good()) | life_properties(stack, frames, stack.good())
    told = {name for name, image in found.items() if np.isfinite(image.item())}
    assert found["sci_mean"].item() == 22
    assert found["dark_rate"].item() == pytest.approx(0.02)
    assert not told & {"stability", "dark_rate_err", "chi2_frame", "slope", "temp_coef", "readnoise_true", "p_jump"}


def test_t7_frames_without_temperature_are_used_as_they_are() -> None:
    stack, frames = one_pixel([22.0, 22.0, 22.0, 22.0], [0, 0, 0, 0])
    assert factor(frames.temp_c, frames.mjd).tolist() == [1, 1, 1, 1]
    found = life_properties(stack, frames, stack.good())
    assert found["dark_rate"].item() == pytest.approx(0.02)
    assert np.isnan(found["temp_coef"].item())
