"""What statistics of a month are made from, as a digest: segments, rows that do not answer, the declaration.

Owns the digest. Must not know statistics, nor how they are kept.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from longwatch.catalog.segments import SegmentInfo
from longwatch.domain.column import Column
from longwatch.domain.series import TimeScale
from longwatch.domain.timespan import Timespan, month_span
from longwatch.series.bins import FIVE_MINUTES_US, Level, bins_begun_in
from longwatch.series.plan import Plan

FORMAT: Final = 3
"""Changed whenever statistics would be computed or kept in another way."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What the statistics of a series depend on, at one commit.

    Parameters
    ----------
    months
        By month (`year * 100 + month`) that has rows, ascending. The last bin of 5 minutes reaches into the next
        month, so rows that lie there count.
    years
        By year, those of its months together.
    """

    months: Mapping[int, str]
    years: Mapping[int, str]

    @classmethod
    def of(cls, plan: Plan) -> Digests:
        """Give the digests of a series; not of a relative one."""
        by_month: dict[int, list[SegmentInfo]] = defaultdict(list)
        for segment in plan.segments:
            by_month[segment.month].append(segment)
            if segment.span[0] < span_of_month(segment.month).start_us + FIVE_MINUTES_US:
                _ = by_month[_before(segment.month)]  # its last bin holds rows, even if it has none of its own
        months = {month: _month_digest(plan, month, by_month) for month in sorted(by_month)}
        years: dict[int, list[str]] = defaultdict(list)
        for month, digest in months.items():
            years[month // 100].append(digest)
        return cls(months, {year: digest_of(parts) for year, parts in years.items()})

    def months_of(self, year: int) -> list[int]:
        """Give the months of a year that have rows."""
        return [month for month in self.months if month // 100 == year]


def channel_digest(base: str, column: Column) -> str:
    """Give the digest of one channel's statistics."""
    return digest_of([base, column.name, column.dtype])


def digest_of(parts: Iterable[str]) -> str:
    """Give one digest of several texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@lru_cache(maxsize=4096)
def span_of_month(month: int) -> Timespan:
    """Give the span of a month, remembered."""
    return month_span(month)


@lru_cache(maxsize=4096)
def bins_of_month(level: Level, month: int, scale: TimeScale) -> tuple[int, int]:
    """Give the first bin that begins in a month and the first that begins after it, remembered."""
    return bins_begun_in(level, span_of_month(month), scale)


def _month_digest(plan: Plan, month: int, by_month: Mapping[int, list[SegmentInfo]]) -> str:
    reach = span_of_month(month).stop_us + FIVE_MINUTES_US
    after = [segment for segment in by_month.get(_next(month), ()) if segment.span[0] < reach]
    taken = [*by_month[month], *after]
    declared = FORMAT, str(plan.spec.scale), plan.spec.time, plan.spec.key
    oids, hidden = sorted(segment.oid for segment in taken), plan.hidden_in(taken).tolist()
    return digest_of([repr((month, declared, oids, hidden))])


def _before(month: int) -> int:
    return month - 89 if month % 100 == 1 else month - 1


def _next(month: int) -> int:
    return month + 89 if month % 100 == 12 else month + 1
