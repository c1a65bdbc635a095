"""Periods with dates, and the side they were on."""

from __future__ import annotations

from longwatch.domain.times import to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.dated import Dated


def test_side_2_begins_in_july_2001() -> None:
    spans = [Timespan(to_us(start), to_us(start) + 1) for start in ("2001-04-30", "2001-07-10")]
    assert [Dated(number=0, window=span).side for span in spans] == ["side=1", "side=2"]
