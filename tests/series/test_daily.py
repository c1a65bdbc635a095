"""Statistics of UTC days."""

from __future__ import annotations

import numpy as np

from longwatch.domain.times import to_us
from longwatch.series.daily import day_stats, joined


def test_a_leap_second_belongs_to_its_day() -> None:
    us = np.array([to_us(text) for text in ("2016-12-31T12:00", "2016-12-31T23:59:60.9", "2017-01-01")])
    stats = day_stats(us, np.array([1, 3, 7]))
    assert stats.n_good.tolist() == [2, 1]
    assert stats.mean.tolist() == [2, 7]
    assert stats.day.astype("M8[D]").astype(str).tolist() == ["2016-12-31", "2017-01-01"]


def test_a_day_without_a_good_value_has_nan_and_never_zero() -> None:
    us = np.array([to_us("2026-01-01"), to_us("2026-01-02")])
    stats = day_stats(us, np.ma.MaskedArray([np.nan, 5.0], [False, True]))
    assert stats.n_good.tolist() == [0, 0]
    assert np.isnan([*stats.mean, *stats.low, *stats.high]).all()
    (twice,) = joined([[stats], [stats]], 1)
    assert len(twice.day) == 4
