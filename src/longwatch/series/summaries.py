"""Statistics of a channel over any span: from what is kept where a bin is whole, from its rows where it is not.

Owns the choice between the two. Must not know the arithmetic, or how statistics are dressed for people.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import numpy as np

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.epoch import Scalar
from longwatch.domain.timespan import Timespan
from longwatch.errors import Busy, Refused, Unavailable
from longwatch.series.bins import Level, bins_begun_in, bins_span, bins_within
from longwatch.series.inputs import Digests, bins_of_month, channel_digest
from longwatch.series.kept import Kept
from longwatch.series.maker import Maker, is_worth_keeping
from longwatch.series.making import apart_by, stretches
from longwatch.series.plan import Plan
from longwatch.series.read import Ask, Reader, Spans
from longwatch.series.relative import INSTANT, RelativeReader
from longwatch.series.sampled import Sampled
from longwatch.series.scale import instants
from longwatch.series.shelf import Block, Shelf
from longwatch.series.statistics import between, joined, no_statistics
from longwatch.series.summary import Group

_PLANS = 64

MEMORY = 128 << 20
"""Statistics held in memory [bytes]."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of what statistics are wanted.

    Parameters
    ----------
    plan
        The series at a commit.
    column
        The channel.
    level
        Width of the bins.
    where
        Values some columns must have.
    """

    plan: Plan
    column: Column
    level: Level
    where: Mapping[str, Scalar] = field(default_factory=dict)

    def group(self) -> Group | None:
        """Give the key of the rows wanted, if rows are kept apart by it and `where` names it and nothing else."""
        names = apart_by(self.plan.spec)
        return tuple(self.where[name] for name in names) if names and set(names) == set(self.where) else None

    def key(self, base: str) -> Hashable:
        """Give what tells these statistics, made from inputs with a digest, from all others."""
        return channel_digest(base, self.column), self.level, tuple(sorted(self.where.items()))

    def none(self) -> Columns:
        """Give the statistics of no rows."""
        return no_statistics(self.level, self.column, self.plan.spec.scale)


class Summaries:
    """Gives statistics of channels.

    Parameters
    ----------
    reader, relative
        Give rows.
    shelf
        Has statistics that were made before.
    maker
        Keeps whole months when they are asked for; None: nothing may be written.
    """

    def __init__(self, reader: Reader, relative: RelativeReader, shelf: Shelf, maker: Maker | None = None) -> None:
        self._reader = reader
        self._relative = relative
        self._shelf = shelf
        self._maker = maker
        self._kept = Kept[Columns](MEMORY, lambda columns: sum(values.nbytes for values in columns.values()))
        self._digests = lru_cache(maxsize=_PLANS)(self._read_digests)

    def statistics(self, wanted: Wanted, span: Timespan) -> Columns:
        """Give the statistics of a span; a bin that lies only partly in it counts as far as it does.

        Parameters
        ----------
        wanted
            Of what.
        span
            Half-open; an empty one has none.

        Returns
        -------
        Columns
            By bin, as the module `statistics` says.
        """
        plan, level, scale = wanted.plan, wanted.level, wanted.plan.spec.scale
        if plan.spec.relative:
            return self.rows(wanted, span).statistics(level)
        held = held_span(plan)
        if held is None or span.stop_us <= span.start_us or not span.overlaps(held):
            return wanted.none()
        span = self._reaching_out(wanted, span, held)
        first, stop = bins_within(level, span, scale)
        if first >= stop:
            return self.rows(wanted, span).statistics(level)
        inner = bins_span(level, first, stop, scale)
        head = self._end(wanted, Timespan(span.start_us, inner.start_us))
        tail = self._end(wanted, Timespan(inner.stop_us, span.stop_us))
        return joined([*head, *self._whole(wanted, first, stop), *tail])

    def rows(self, wanted: Wanted, span: Timespan) -> Sampled:
        """Give the channel in the rows of a span."""
        plan, column = wanted.plan, wanted.column
        ask = Ask(columns=list(dict.fromkeys([plan.spec.time, column.name])), where=wanted.where)
        if plan.spec.relative:
            table = self._relative.between(plan, ask, span)
            return Sampled.of(column, table[INSTANT].to_numpy(), table[column.name], plan.spec.scale)
        bounds = np.array([span.start_us, span.stop_us])
        table = self._reader.rows(plan, ask, Spans.of(plan.spec, bounds[:1], bounds[1:]))
        us = instants(table[plan.spec.time].to_numpy(), plan.spec.scale)
        return Sampled.of(column, us, table[column.name], plan.spec.scale)

    def _reaching_out(self, wanted: Wanted, span: Timespan, held: Timespan) -> Timespan:
        """Give a span whose ends, where it reaches beyond all rows, are those of the first and last month."""
        months = list(self._digests_of(wanted.plan).months)
        first, _ = bins_of_month(wanted.level, months[0], wanted.plan.spec.scale)
        _, stop = bins_of_month(wanted.level, months[-1], wanted.plan.spec.scale)
        whole = bins_span(wanted.level, first, stop, wanted.plan.spec.scale)
        start_us = whole.start_us if span.start_us <= held.start_us else span.start_us
        return Timespan(start_us, whole.stop_us if span.stop_us >= held.stop_us else span.stop_us)

    def _end(self, wanted: Wanted, span: Timespan) -> list[Columns]:
        """Give the statistics of a bin that is cut, if it is."""
        return [self.rows(wanted, span).statistics(wanted.level)] if span.duration_s else []

    def _whole(self, wanted: Wanted, first: int, stop: int) -> Iterator[Columns]:
        """Give the statistics of whole bins, from one number up to another, in pieces."""
        yield wanted.none()
        digests = self._digests_of(wanted.plan)
        asked = (month for month in digests.months if _meets(wanted, month, first, stop))
        for year, some in groupby(asked, key=lambda month: month // 100):
            months, coarse = list(some), wanted.level is not Level.FIVE_MINUTES
            block = self._block(wanted, year, digests.years[year]) if coarse else None
            if block is not None:
                yield between(block, first, stop)
                continue
            self._make(wanted, digests, year, [m for m in months if _wholly(wanted, m, first, stop)])
            parts = [self._month(wanted, month, first, stop) for month in months]
            yield from parts
            if coarse and all(_wholly(wanted, month, first, stop) for month in digests.months_of(year)):
                self._kept.put(wanted.key(digests.years[year]), joined(parts))

    def _make(self, wanted: Wanted, digests: Digests, year: int, months: list[int]) -> None:
        """Keep what is asked for anyway, but for the newest month, which grows; if that fails, nothing is lost."""
        plan, column = wanted.plan, wanted.column
        if self._maker is None or not is_worth_keeping(plan):
            return
        settled = [month for month in months if month != max(digests.months)]
        lacking = [m for m in settled if not self._shelf.has(Block(plan, column, m, digests.months[m]))]
        if lacking and plan.commit == self._reader.plans.newest():
            with suppress(Busy, Refused, Unavailable):
                self._maker.year(plan, [column], digests, year, lacking)

    def _month(self, wanted: Wanted, month: int, first: int, stop: int) -> Columns:
        base = self._digests_of(wanted.plan).months[month]
        block = self._block(wanted, month, base)
        if block is not None:
            return between(block, first, stop)
        begin, end = bins_of_month(wanted.level, month, wanted.plan.spec.scale)
        some = max(begin, first), min(end, stop)
        found = joined([self.rows(wanted, span).statistics(wanted.level) for span in _days(wanted, month, *some)])
        return self._kept.put(wanted.key(base), found) if some == (begin, end) else found

    def _block(self, wanted: Wanted, number: int, base: str) -> Columns | None:
        """Give the statistics of a month or a year if they are at hand."""
        key, group = wanted.key(base), wanted.group()
        found = self._kept.get(key)
        if found is None and (group is not None or not wanted.where):
            found = self._shelf.read(Block(wanted.plan, wanted.column, number, base), wanted.level, group)
            if found is not None:
                self._kept.put(key, found)
        return found

    def _digests_of(self, plan: Plan) -> Digests:
        return self._digests(plan.spec.name, plan.commit)

    def _read_digests(self, name: str, commit: int) -> Digests:
        return Digests.of(self._reader.plans.plan(name, commit))


def held_span(plan: Plan) -> Timespan | None:
    """Give the span in which a series has rows; None where it has none."""
    return Timespan(int(plan.first.min()), int(plan.last.max()) + 1) if plan.segments else None


def _meets(wanted: Wanted, month: int, first: int, stop: int) -> bool:
    begin, end = bins_of_month(wanted.level, month, wanted.plan.spec.scale)
    return begin < stop and first < end


def _days(wanted: Wanted, month: int, first: int, stop: int) -> Iterator[Timespan]:
    """Give the spans of the bins of a month, from one number up to another, a few days at a time."""
    plan, level, scale = wanted.plan, wanted.level, wanted.plan.spec.scale
    for days in stretches(plan, month, 2 + len(plan.spec.key)):
        begin, end = bins_begun_in(level, days, scale)
        if begin < stop and first < end:
            yield bins_span(level, max(begin, first), min(end, stop), scale)


def _wholly(wanted: Wanted, month: int, first: int, stop: int) -> bool:
    """Tell whether all rows of a month lie in the bins that are asked for, or in others asked for beside them."""
    begin, end = bins_of_month(wanted.level, month, wanted.plan.spec.scale)
    return first <= begin and end <= stop
