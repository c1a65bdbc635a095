"""Published statistics against simulated maps, and maps from replicas. Truth: spec/aca-dark-hdr3-l0.md 6.2."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.errors import BadQuery
from longwatch.instruments.aca.dark_statistics import THRESHOLDS, dark_from_replicas, dark_statistics, pixels_above
from longwatch.instruments.aca.simulate_dark import dark_cals, replica_frames

PUBLISHED = [
    ("1999223", -10.0, 11.9, 10.3, 10.2, {100: 3495, 3000: 3}),
    ("2000326", -10.0, 22.2, 11.5, 11.8, {100: 34346, 3000: 10}),
    ("2001060", -10.0, 23.9, 12.5, 12.8, {100: 37381, 3000: 13}),
    ("2002057", -10.0, 29.2, 12.5, 13.6, {100: 56671, 3000: 19}),
    ("2002137", -10.0, 29.8, 12.2, 13.6, {100: 59754, 3000: 21}),
    ("2002237", -10.0, 31.0, 11.9, 13.6, {100: 64023, 3000: 21}),
    ("2002338", -10.0, 31.7, 11.9, 13.6, {100: 66850, 3000: 21}),
    ("2009113", -19.0, 25.7, 6.3, 6.8, {100: 65623, 200: 14335, 2000: 16, 3000: 4}),
    ("2009190", -19.0, 27.7, 7.5, 7.9, {100: 70139, 200: 15533, 2000: 20, 3000: 5}),
    ("2009279", -19.0, 27.7, 6.7, 7.1, {100: 72454, 200: 16316, 2000: 19, 3000: 6}),
]


@pytest.mark.parametrize(("dark_id", "t_ccd", "mean", "peak", "near", "counts"), PUBLISHED)
def test_simulated_maps_have_the_published_numbers(
    dark_id: str, t_ccd: float, mean: float, peak: float, near: float, counts: dict[int, int]
) -> None:
    """Means and warm pixels within 15 per cent; the peak within 2.5 electron / s; the few hottest within 4 sigma."""
    (cal,) = dark_cals([(dark_id, t_ccd)], seed=1)
    found = dark_statistics(cal.image)
    assert found.mean == pytest.approx(mean, rel=0.15)
    assert found.peak == pytest.approx(peak, abs=2.5)
    assert found.mean_near_peak == pytest.approx(near, abs=3.2)
    for threshold, count in counts.items():
        allowed = 0.15 * count if count > 1000 else 4 * count**0.5 + 2
        assert found.warmer[THRESHOLDS.index(threshold)] == pytest.approx(count, abs=allowed)


def test_a_map_of_2017_has_the_measured_counts() -> None:
    (cal,) = dark_cals([("2017185", -13.55)], seed=1)
    n100, n200, _, n2000, n3000 = dark_statistics(cal.image).warmer
    assert [n100, n200] == pytest.approx([218214, 83902], rel=0.15)
    assert [n2000, n3000] == [pytest.approx(88, abs=3 * 88**0.5), pytest.approx(32, abs=3 * 32**0.5)]


def test_numbers_of_a_known_map() -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(10.0, 2.0, (300, 300))
    image[:2, :5] = 250.0
    image[5, 5] = np.nan
    found = dark_statistics(image)
    assert found.peak == pytest.approx(10.0, abs=0.1)
    assert found.mean_near_peak == pytest.approx(10.0, abs=0.05)
    assert found.warmer == (10, 10, 0, 0, 0)
    assert [pixels_above(found.above, level) for level in (100.0, 200.0)] == pytest.approx([10.0, 10.0])
    assert pixels_above(found.above, 300.0) == pytest.approx(0.1)
    assert np.isnan(pixels_above(found.above, 5.0))


def test_counts_between_levels() -> None:
    (cal,) = dark_cals([("2017185", -13.55)], seed=1)
    above = dark_statistics(cal.image).above
    for level in (37.0, 71.3, 100.0, 123.4, 517.0):
        assert pixels_above(above, level) == pytest.approx(np.count_nonzero(cal.image > level), rel=2e-3)


def test_replicas_lose_their_stars() -> None:
    rng = np.random.default_rng(2)
    rate = rng.uniform(5, 200, (40, 40))
    frames = {t: np.stack([rate * t / 5.0 + 30.0] * 5) for t in (5.0, 10.0)}
    for replica in range(5):
        for t, stack in frames.items():
            stack[replica, 3 * replica : 3 * replica + 3, 10:13] += 1000.0 * t
    assert dark_from_replicas(frames[5.0], frames[10.0]) == pytest.approx(rate, rel=1e-5)
    with pytest.raises(BadQuery, match="as many"):
        dark_from_replicas(frames[5.0][:2], frames[10.0])


def test_a_map_from_the_frames_of_its_replicas() -> None:
    """Stars, charge of the readout and offsets of quadrants go; what is left is the dark current and its noise."""
    (cal,) = dark_cals([("2009190", -19.0)], seed=1)
    found = dark_from_replicas(*replica_frames(cal, seed=2, replicas=3))
    off = found - cal.truth
    assert abs(np.median(off)) < 0.1
    assert np.median(np.abs(off)) < 4.0
    assert np.count_nonzero(np.abs(off) > 100) < 100
    n200 = np.count_nonzero(cal.truth > 200)
    assert np.count_nonzero(found > 200) == pytest.approx(n200, rel=0.03)
