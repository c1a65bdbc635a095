"""Laws of the dark current and warm pixels. Truth: spec/aca-dark-hdr3-l0.md 2.1, 2.2 and 6.1."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.errors import BadQuery
from longwatch.instruments.aca import dark_model as dm


def warm(threshold: float, year: int, t_ccd: float) -> int:
    return int(dm.get_warm_fracs(threshold, f"{year}:001:12:00:00", t_ccd) * dm.PIXELS)


@pytest.mark.parametrize(
    ("threshold", "year", "t_ccd", "pixels"),
    [
        (100, 2020, -11, 294302),
        (100, 2017, -11, 251865),
        (100, 2020, -15, 215096),
        (100, 2017, -15, 182365),
        (1000, 2017, -11, 1296),
        (1000, 2017, -15, 433),
        (1000, 2020, -15, 500),
        (1000, 2020, -11, 1536),
    ],
)
def test_warm_pixels_of_the_model(threshold: float, year: int, t_ccd: float, pixels: int) -> None:
    assert warm(threshold, year, t_ccd) == pytest.approx(pixels, rel=1e-5, abs=1)


def test_warm_pixels_at_many_thresholds() -> None:
    found = dm.get_warm_fracs([100, 200, 1000, 2000, 3000], "2017:010:12:00:00", -13.55) * dm.PIXELS
    assert found == pytest.approx([207845, 79207, 635, 86, 26], rel=1e-3, abs=2)


@pytest.mark.parametrize(
    ("date", "published", "modelled"),
    [
        ("2009:113", [65623, 14335, 16, 4], [65126, 13452, 24, 8]),
        ("2009:190", [70139, 15533, 20, 5], None),
        ("2009:279", [72454, 16316, 19, 6], [68269, 14069, 24, 8]),
    ],
)
def test_published_counts_agree_with_the_model_within_its_bounds(
    date: str, published: list[int], modelled: list[int] | None
) -> None:
    """6.2: dark calibrations of 2009 at -19 deg_C, N100 to 6 per cent and N200 to 14."""
    found = dm.get_warm_fracs([100, 200, 2000, 3000], date, -19.0) * dm.PIXELS
    assert found[0] == pytest.approx(published[0], rel=0.06)
    assert found[1] == pytest.approx(published[1], rel=0.14)
    assert found[2:] == pytest.approx(published[2:], abs=10)
    if modelled:
        assert found == pytest.approx(modelled, rel=2e-3, abs=1)


@pytest.mark.parametrize(
    ("date", "t_ccd", "fraction"),
    [
        ("2007:001", -19, 0.047),
        ("2012:001", -17, 0.104),
        ("2019:147", -11.086, 0.271),
        ("2023:297", -11.63, 0.325),
        ("2025:293", -6, 0.481),
    ],
)
def test_warm_fraction_over_the_mission(date: str, t_ccd: float, fraction: float) -> None:
    assert dm.get_warm_fracs(100, date, t_ccd) == pytest.approx(fraction, abs=6e-4)


def test_parameters_of_the_histogram() -> None:
    assert dm.get_sbp_pars("2012:001") == pytest.approx([0.075, 3.32, 2.40, 192.0, 18400.0], rel=1e-4)
    before, after = np.array(dm.get_sbp_pars(["2010:001", "2014:001"]))
    assert before == pytest.approx([0.075 + 2 * 0.00692, 3.32 - 2 * 0.0203, 2.278, 191.8, 15500], rel=1e-3)
    assert after == pytest.approx([0.075 - 2 * 0.0207, 3.32, 2.522, 192.2, 19884], rel=1e-3)


def test_one_break_is_two_of_which_the_second_changes_nothing() -> None:
    centres = np.geomspace(2.1, 9000, 74)
    one = dm.smooth_broken_pow((0.05, 3.15, 125.0, 50.0, 18000.0), centres)
    two = dm.smooth_twice_broken_pow([0.05, 3.15, 3.15, 125.0, 18000.0], centres)
    assert one == pytest.approx(two)


def test_bins_of_the_histogram() -> None:
    centres, edges, counts = dm.get_dark_hist("2012:001", -14.0)
    assert (len(centres), len(edges), len(counts)) == (74, 75, 74)
    assert edges[[0, -1]] == pytest.approx([2.0, 10023.745])
    assert counts.sum() == pytest.approx(808575.4, abs=0.1)
    assert dm.get_dark_hist("2012:001", -10.0)[1] == pytest.approx(edges / 0.7)
    with pytest.raises(BadQuery, match="2007"):
        dm.get_dark_hist("2005:001", -15)


def test_thresholds_beyond_the_histogram() -> None:
    assert dm.get_warm_fracs(1e6) == 0.0
    assert dm.get_warm_fracs(0.1) > dm.get_warm_fracs(3.0)


def test_global_law() -> None:
    assert dm.dark_temp_scale(-10, -14) == pytest.approx(0.70)
    assert dm.dark_temp_scale(-10, -14, 2.0) == 0.5
    assert dm.dark_temp_scale(-18, -10, 2.0) == 4.0
    with pytest.warns(DeprecationWarning, match="dark_temp_scale"):
        assert dm.temp_scalefac(-15.0) == pytest.approx(0.70**-1)


def test_law_of_each_pixel() -> None:
    assert dm.dark_temp_scale_img([100, 1000, 500], -10, -5) == pytest.approx([171.47, 1668.62, 852.79], abs=0.1)
    assert dm.dark_temp_scale_img([100, 1000, 500], -10, -15) == pytest.approx([58.31, 599.29, 293.15], abs=0.1)
    assert dm.dark_temp_scale_img([200, 2000, 600], -6, 2) == pytest.approx([478.16, 4299.02, 1399.40], abs=0.1)
    assert dm.dark_temp_scale_img(2000, -6, 2) == pytest.approx(4299.02, abs=0.1)
    assert np.isnan(dm.dark_temp_scale_img(np.nan, -6, 2))
    values = np.array([20, 50, 100, 200, 500, 1000, 2000, 5000, 10000])
    factors = dm.dark_temp_scale_img(values, -10, -6) / values
    assert factors == pytest.approx([1.469, 1.518, 1.539, 1.546, 1.533, 1.506, 1.466, 1.394, 1.328], abs=1e-3)
    k = np.log(factors) / 4
    assert k == pytest.approx([0.0962, 0.1044, 0.1079, 0.1090, 0.1068, 0.1024, 0.0957, 0.0831, 0.0709], abs=6e-5)


def test_levels_are_the_laws_turned_round() -> None:
    assert dm.level_at(100.0, -10.0, -14.0) == pytest.approx(100.0 / 0.7, rel=1e-4)
    assert dm.level_at(171.47, -10.0, -5.0, law="pixel-2023") == pytest.approx(100.0, abs=0.1)


def test_laws_by_name() -> None:
    img = np.array([[100.0]])
    assert dm.scaled_map(img, -10, -14)[0, 0] == pytest.approx(70.0)
    assert dm.scaled_map(img, -10, -5, law="pixel-2023")[0, 0] == pytest.approx(171.47, abs=0.1)
    with pytest.raises(BadQuery, match="pixel-2023"):
        dm.scaled_map(img, -10, -5, law="nobody-1900")


def test_synthetic_maps_follow_the_model() -> None:
    """The cool map stands in for that of 1999, so counts to which it adds are known to 4 per cent only."""
    rng = np.random.default_rng(100)
    cool = rng.lognormal(np.log(7.2), 0.3, (1024, 1024))
    dark = dm.synthetic_dark_image("2017:010:12:00:00", -13.55, cool=cool, rng=rng)
    counts = [np.count_nonzero(dark > threshold) for threshold in (100, 200, 1000, 2000, 3000)]
    assert counts[:2] == pytest.approx([229413, 89239], rel=0.04)
    for found, expected in zip(counts[2:], (675, 84, 27), strict=True):
        assert found == pytest.approx(expected, abs=3 * expected**0.5)
