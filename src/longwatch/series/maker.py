"""The maker: sees to it that statistics are kept, year by year, a month and a few channels at a time.

Owns which blocks are made and in what order. Must not know the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias

from longwatch.domain.column import Column
from longwatch.series.inputs import Digests
from longwatch.series.making import COARSE, month_summaries, year_summary
from longwatch.series.plan import Plan
from longwatch.series.read import Reader
from longwatch.series.shelf import Block, Shelf
from longwatch.series.statistics import has_statistics
from longwatch.series.summary import Summary

BAND: Final = 8
"""Channels whose rows are read together, at most."""

FULL: Final = 32 << 20
"""So many bytes of statistics are stored together."""

WORTH = 20_000
"""Rows a series must have for its statistics to be kept: fewer are read as fast."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many are done, and of how many."""

Made: TypeAlias = tuple[Block, Summary]


def is_worth_keeping(plan: Plan) -> bool:
    """Tell whether a series has so many rows that its statistics are better kept."""
    return not plan.spec.relative and sum(segment.n_rows for segment in plan.segments) >= WORTH


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarised:
    """What was kept of a series.

    Parameters
    ----------
    channels, months
        How many there are.
    made
        Statistics of a channel in a month or year that were made now; the others were kept already.
    bytes
        Their size as stored.
    dropped
        How many were forgotten, because what they were made from is no longer what answers.
    """

    channels: int
    months: int
    made: int
    bytes: int
    dropped: int


class Maker:
    """Makes statistics and keeps them.

    Parameters
    ----------
    reader
        Gives rows.
    shelf
        Keeps them.
    """

    def __init__(self, reader: Reader, shelf: Shelf) -> None:
        self._reader = reader
        self._shelf = shelf

    def all_of(self, plan: Plan, columns: Sequence[Column], progress: Progress = no_progress) -> Summarised:
        """Keep the statistics of channels over the whole series, and forget those that no longer hold.

        Parameters
        ----------
        plan
            The series at the newest commit; of a relative one, or one of few rows, nothing is kept.
        columns
            Channels.
        progress
            Told of every month of every few channels.

        Returns
        -------
        Summarised
            What was done; run again, it does nothing.
        """
        digests = Digests.of(plan) if is_worth_keeping(plan) else Digests({}, {})
        bands = [columns[i : i + BAND] for i in range(0, len(columns), BAND)]
        self._shelf.look_for_all(plan.series_id)
        count = made = size = 0
        for band in bands:
            for year, months in groupby(digests.months, key=lambda month: month // 100):
                some = list(months)
                here, stored = self.year(plan, band, digests, year, some, patient=True)
                made, size, count = made + here, size + stored, count + len(some)
                progress(count, len(bands) * len(digests.months))
        known = [column for column in plan.spec.columns if has_statistics(column)]
        dropped = self._shelf.drop_all_but(plan.series_id, _digests(plan, known, digests))
        return Summarised(channels=len(columns), months=len(digests.months), made=made, bytes=size, dropped=dropped)

    def year(
        self,
        plan: Plan,
        columns: Sequence[Column],
        digests: Digests,
        year: int,
        months: Sequence[int],
        *,
        patient: bool = False,
    ) -> tuple[int, int]:
        """Keep the statistics of channels in some months of a year, and of the year where all its months are kept.

        Parameters
        ----------
        plan, columns, digests
            The series, the channels, what they are made from.
        year, months
            The year and those months.
        patient
            Whether to wait for another writer; else `Busy` is raised.

        Returns
        -------
        tuple of int
            How many were made, and the bytes stored.
        """
        made = size = 0
        for batch in _batches(self._months(plan, columns, digests, months)):
            made, size = made + len(batch), size + self._shelf.keep(batch, patient=patient)
        years = list(self._years(plan, columns, digests, year))
        return made + len(years), size + self._shelf.keep(years, patient=patient)

    def _months(self, plan: Plan, columns: Sequence[Column], digests: Digests, months: Sequence[int]) -> Iterator[Made]:
        for month in months:
            blocks = [Block(plan, column, month, digests.months[month]) for column in columns]
            lacking = {block.column.name: block for block in blocks if not self._shelf.has(block)}
            if lacking:
                wanted = [block.column for block in lacking.values()]
                for column, summary in month_summaries(self._reader, plan, month, wanted):
                    yield lacking[column.name], summary

    def _years(self, plan: Plan, columns: Sequence[Column], digests: Digests, year: int) -> Iterator[Made]:
        months = digests.months_of(year)
        for column in columns:
            block = Block(plan, column, year, digests.years[year])
            if self._shelf.has(block):
                continue
            parts = [self._shelf.summary(Block(plan, column, m, digests.months[m]), COARSE) for m in months]
            known = [part for part in parts if part is not None]
            if len(known) == len(months):
                yield block, year_summary(column, plan.spec, known)


def _batches(made: Iterator[Made]) -> Iterator[list[Made]]:
    batch: list[Made] = []
    size = 0
    for one in made:
        batch.append(one)
        size += sum(values.nbytes for part in one[1].parts.values() for values in part.values())
        if size >= FULL:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _digests(plan: Plan, columns: Sequence[Column], digests: Digests) -> Mapping[tuple[str, int], str]:
    blocks = {**digests.months, **digests.years}
    return {
        (column.name, number): Block(plan, column, number, base).digest
        for column in columns
        for number, base in blocks.items()
    }
