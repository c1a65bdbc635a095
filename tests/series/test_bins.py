"""Bins of time: numbered, begun and ended without a gap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from longwatch.domain.series import TimeScale
from longwatch.domain.times import to_us, us_from_cxc
from longwatch.domain.timespan import Timespan, month_span
from longwatch.errors import BadQuery
from longwatch.series.bins import Level, bin_of, bin_start, bins_begun_in, bins_within, cut, level_named

SCALES = [TimeScale.CXC, TimeScale.TAI_US]


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("scale", SCALES)
def test_every_instant_lies_in_the_bin_of_its_number(level: Level, scale: TimeScale, rng: np.random.Generator) -> None:
    us = np.sort(rng.integers(to_us("1972-01-01"), to_us("2030-01-01"), 2000))
    us = np.append(us, [to_us("2016-12-31T23:59:60.5"), to_us("2016-12-31T23:59:59"), to_us("2017-01-01")])
    number = bin_of(level, us, scale)
    assert np.all(bin_start(level, number, scale) <= us)
    assert np.all(us < bin_start(level, number + 1, scale))


def test_five_minutes_count_from_the_zero_point_of_chandra_time() -> None:
    seconds = np.array([0.0, 327.9, 328.0, 7.9e8])
    assert bin_of(Level.FIVE_MINUTES, us_from_cxc(seconds), TimeScale.CXC).tolist() == [0, 0, 1, 7.9e8 // 328]
    assert bin_of(Level.FIVE_MINUTES, np.array([0, 328_000_000]), TimeScale.MJD_UTC).tolist() == [0, 1]


@pytest.mark.parametrize("level", list(Level))
def test_months_share_out_all_bins(level: Level) -> None:
    ends = [bins_begun_in(level, month_span(month), TimeScale.CXC) for month in (202311, 202312, 202401, 202402)]
    assert all(before[1] == after[0] for before, after in pairwise(ends))
    assert bins_within(level, Timespan(5, 5), TimeScale.CXC)[0] >= bins_within(level, Timespan(5, 5), TimeScale.CXC)[1]


@pytest.mark.parametrize("step_s", [3.0, 40_000.0])
def test_rows_are_cut_alike_whether_few_or_many(step_s: float) -> None:
    us = (np.arange(500) * step_s * 1e6).astype(np.int64)
    for level in Level:
        number, begin = cut(level, us, TimeScale.TAI_US)
        want, at = np.unique(bin_of(level, us, TimeScale.TAI_US), return_index=True)
        assert (number.tolist(), begin.tolist()) == (want.tolist(), at.tolist())


def test_levels_have_names() -> None:
    assert level_named("5min") is Level.FIVE_MINUTES
    with pytest.raises(BadQuery, match="no statistics 'week'"):
        level_named("week")
