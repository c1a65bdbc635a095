"""The published anneal reports, from their counts."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.anneals import count_above, creation_rate, percent_annealed, recovery


@pytest.mark.parametrize(
    ("after_last", "per_day", "days", "after", "percent", "within"),
    [
        (15800, 25.2, 26, 15803, 99.5, 0.1),
        (17151, 12.8, 27, 17042, 131.5, 0.1),
        (15801, 48.1, 25, 15800, 100.1, 0.1),
        (15839, 31.0, 26, 15801, 104.7, 0.1),
    ],
)
def test_t6_published_percentages(
    after_last: int, per_day: float, days: int, after: int, percent: float, within: float
) -> None:
    before = after_last + per_day * days
    assert percent_annealed(before, after, after_last) == pytest.approx(percent, abs=within)
    assert creation_rate(before, after_last, days) == pytest.approx(per_day)


def test_february_2002_line_by_line() -> None:
    assert round(15800 + 25.2 * 26) == 16455
    assert percent_annealed(16455, 15803, 15800) == pytest.approx(99.5, abs=0.1)


def test_percentages_may_be_negative_and_are_nan_where_nothing_was_created() -> None:
    assert percent_annealed(16000, 16100, 15900) == -100
    assert percent_annealed(16000, 15000, 15500) == 200
    assert np.isnan(percent_annealed(3330, 3300, 3330))
    assert np.isnan(creation_rate(10, 5, 0))


def test_recovery_counts_pixels_and_not_totals() -> None:
    before = np.array([[0.2, 0.2, 0.05, np.nan, 0.3]])
    after = np.ma.MaskedArray([[0.05, 0.2, 0.2, 0.2, 0.2]], mask=[[0, 0, 0, 0, 1]])
    found = recovery(before, after)
    assert (found.n_before, found.n_after, found.n_healed, found.n_new) == (2, 2, 1, 1)
    assert found.fraction == 0.5
    assert np.isnan(recovery(np.zeros((2, 2)), np.zeros((2, 2))).fraction)


def test_nan_and_masked_pixels_are_not_hot() -> None:
    assert count_above(np.ma.MaskedArray([0.2, np.nan, 0.3, 0.1], mask=[0, 0, 1, 0]), 0.1) == 1
