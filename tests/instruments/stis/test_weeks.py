"""Periods divided into weeks."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.weeks import week_lengths, week_of


@pytest.mark.parametrize(
    ("days", "lengths"),
    [
        (28, (7, 7, 7, 7)),
        (29, (8, 7, 7, 7)),
        (36, (9, 9, 9, 9)),
        (37, (8, 8, 7, 7, 7)),
        (11, (11,)),
        (12, (6, 6)),
        (1, (1,)),
    ],
)
def test_lengths_differ_by_a_day_at_most(days: int, lengths: tuple[int, ...]) -> None:
    assert week_lengths(days) == lengths


def test_the_fraction_of_a_day_belongs_to_the_last_week() -> None:
    mjd = np.array([0.0, 7.99, 8.0, 14.99, 15.0, 22.0, 29.4])
    assert week_of(mjd, start_mjd=0.0, stop_mjd=29.5).tolist() == [0, 0, 1, 1, 2, 3, 3]


def test_the_longest_period_has_weeks_too() -> None:
    assert len(week_lengths(1789)) == 199
    assert sum(week_lengths(1789)) == 1789
