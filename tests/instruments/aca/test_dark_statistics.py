"""Published statistics against simulated maps, and maps from replicas. Truth: spec/aca-dark-hdr3-l0.md 6.2."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.errors import BadQuery
from longwatch.instruments.aca.dark_statistics import dark_from_replicas, dark_statistics
from longwatch.instruments.aca.simulate_dark import dark_cals


def test_a_map_of_2009_has_the_published_numbers() -> None:
    """Within the 15 per cent in which the model itself agrees; the peak within 1 electron / s."""
    (cal,) = dark_cals([("2009190", -19.0)], seed=1)
    found = dark_statistics(cal.image)
    assert found.mean == pytest.approx(27.7, rel=0.15)
    assert found.peak == pytest.approx(7.5, abs=1.5)
    assert found.mean_near_peak == pytest.approx(7.9, abs=2.0)
    assert found.warmer[:2] == (pytest.approx(70139, rel=0.06), pytest.approx(15533, rel=0.15))
    assert found.warmer[3] == pytest.approx(20, abs=15)


def test_numbers_of_a_known_map() -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(10.0, 2.0, (300, 300))
    image[:2, :5] = 250.0
    image[5, 5] = np.nan
    found = dark_statistics(image)
    assert found.peak == pytest.approx(10.0, abs=0.1)
    assert found.mean_near_peak == pytest.approx(10.0, abs=0.05)
    assert found.warmer == (10, 10, 0, 0, 0)


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
