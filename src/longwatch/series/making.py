"""Making statistics to be kept: of a month from its rows, of a year from its months.

Owns which levels and groups of rows are kept. Must not know where they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import Ints
from longwatch.series.bins import Level, bin_start, bins_begun_in, bins_span
from longwatch.series.inputs import bins_of_month
from longwatch.series.plan import Plan
from longwatch.series.read import Ask, Reader, Spans
from longwatch.series.sampled import Sampled
from longwatch.series.scale import instants
from longwatch.series.statistics import is_state, joined, no_statistics
from longwatch.series.summary import ALL, Group, Summary
from longwatch.series.tabulated import MOST_STATES
from longwatch.series.values import as_numpy, from_arrow

COARSE: Final = (Level.HOUR, Level.DAY)
"""Levels that are kept of years."""

GROUPS: Final = 64
"""Rows of more keys than this are not kept apart."""

FEW: Final = 20
"""Bins of 5 minutes are only kept where one holds at least this many values on average; else rows are as fast."""


VALUES: Final = 1 << 20
"""So many values of rows are in memory together, about, or those of a day and a few channels."""

REAL: Final = frozenset({"f4", "f8"})
"""Types of real numbers."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """To which group each row belongs.

    Parameters
    ----------
    groups
        Values of the key, of those groups that occur; None where they are too many.
    number
        (n_row,), which group; None where all rows are of one.
    """

    groups: tuple[Group, ...] | None
    number: Ints | None


def month_summaries(
    reader: Reader, plan: Plan, month: int, columns: Sequence[Column]
) -> Iterator[tuple[Column, Summary]]:
    """Give the statistics of channels in a month; their rows are read together, so a band of a few at a time is best.

    Parameters
    ----------
    reader
        Gives rows.
    plan
        The series; not a relative one.
    month
        `year * 100 + month`.
    columns
        The channels.

    Yields
    ------
    tuple
        Channel and statistics.
    """
    found: dict[str, list[Summary]] = {column.name: [] for column in columns}
    for days in stretches(plan, month, 1 + len(plan.spec.key) + len(columns)):
        for column, summary in _summaries(reader, plan, days, columns):
            found[column.name].append(summary)
    for column in columns:
        yield column, _worth_keeping(column, _together(column, plan.spec, found.pop(column.name), tuple(Level)))


def year_summary(column: Column, spec: SeriesSpec, months: Sequence[Summary]) -> Summary:
    """Give the statistics of a year at the coarse levels; the months follow each other."""
    return _together(column, spec, months, COARSE)


def stretches(plan: Plan, month: int, n_columns: int) -> list[Timespan]:
    """Cut a month into stretches of whole days (UTC), of which each holds few values or few more than its first day.

    Parameters
    ----------
    plan
        The series; its rows are taken to lie evenly in each segment.
    month
        `year * 100 + month`.
    n_columns
        How many columns will be read.

    Returns
    -------
    list of Timespan
        One after the other, without a gap.
    """
    first, stop = bins_of_month(Level.DAY, month, plan.spec.scale)
    edges = bin_start(Level.DAY, np.arange(first, stop + 1), plan.spec.scale)
    before = plan.rows_before(edges)
    number = (before[:-1] - before[0]) * n_columns // VALUES
    ends = [*edges[:-1][np.diff(number, prepend=-1) > 0].tolist(), int(edges[-1])]
    return [Timespan(*some) for some in pairwise(ends)]


def apart_by(spec: SeriesSpec) -> tuple[str, ...]:
    """Give the columns by whose values rows are kept apart: the key beside the time, unless it holds real numbers.

    Those are equal to the value asked for in one precision and not in another.
    """
    names = tuple(name for name in spec.key if name != spec.time)
    return () if any(_column(spec, name).dtype in REAL for name in names) else names


def _summaries(
    reader: Reader, plan: Plan, days: Timespan, columns: Sequence[Column]
) -> Iterator[tuple[Column, Summary]]:
    spec = plan.spec
    windows = {level: bins_span(level, *bins_begun_in(level, days, spec.scale), spec.scale) for level in Level}
    names = list(dict.fromkeys([spec.time, *spec.key, *(column.name for column in columns)]))
    bounds = np.array([days.start_us, windows[Level.FIVE_MINUTES].stop_us])
    table = reader.rows(plan, Ask(columns=names), Spans.of(spec, bounds[:1], bounds[1:]))
    us = instants(as_numpy(table[spec.time]), spec.scale)
    keyed = _keyed(spec, table)
    for column in columns:
        channel = Sampled.of(column, us, table[column.name], spec.scale, group=keyed.number)
        yield column, _summary(channel, keyed.groups, windows)


def _summary(channel: Sampled, groups: tuple[Group, ...] | None, windows: Mapping[Level, Timespan]) -> Summary:
    here, channel = _groups_of(channel, groups)
    if channel.words is not None and len(channel.words) > MOST_STATES:
        return Summary(levels=(), groups=here, parts={})
    apart = {number: channel.of_group(number) for number in range(len(here or ())) if here and len(here) > 1}
    parts: dict[tuple[Level, int], Columns] = {}
    for level, window in windows.items():
        parts[level, ALL] = channel.within(window).statistics(level)
        parts |= {(level, number): one.within(window).statistics(level) for number, one in apart.items()}
    return Summary(levels=tuple(windows), groups=here, parts=parts)


def _together(column: Column, spec: SeriesSpec, pieces: Sequence[Summary], levels: Sequence[Level]) -> Summary:
    """Give the statistics of stretches that follow each other as one, at those levels that all of them have."""
    groups = _all_groups(pieces)
    numbers = range(len(groups)) if groups is not None and len(groups) > 1 else ()
    common = tuple(level for level in levels if all(level in one.levels for one in pieces))
    parts: dict[tuple[Level, int], Columns] = {}
    for level in common:
        none = no_statistics(level, column, spec.scale)
        parts[level, ALL] = joined([none, *(one.parts.get((level, ALL), none) for one in pieces)])
        for number in numbers:
            found = [_part(one, level, (groups or ())[number]) for one in pieces]
            parts[level, number] = joined([none, *(part for part in found if part is not None)])
    return Summary(levels=common, groups=groups, parts=parts)


def _worth_keeping(column: Column, summary: Summary) -> Summary:
    """Leave out levels: all where states are too many, that of 5 minutes where rows are as fast."""
    levels = set(summary.levels)
    if levels and is_state(column) and len(np.unique(summary.parts[Level.DAY, ALL]["state"])) > MOST_STATES:
        levels = set()
    if Level.FIVE_MINUTES in levels:
        fine = summary.parts[Level.FIVE_MINUTES, ALL]
        levels -= {Level.FIVE_MINUTES} if len(fine["bin"]) * FEW > fine["n"].sum() else set()
    parts = {key: part for key, part in summary.parts.items() if key[0] in levels}
    return replace(summary, levels=tuple(level for level in summary.levels if level in levels), parts=parts)


def _groups_of(channel: Sampled, groups: tuple[Group, ...] | None) -> tuple[tuple[Group, ...] | None, Sampled]:
    """Give the groups in which a channel has values, and the channel with its rows numbered by them."""
    if groups is None or channel.group is None:
        return groups if groups is None or len(channel) else (), channel
    present = np.flatnonzero(np.bincount(channel.group, minlength=len(groups)))
    number = np.zeros(len(groups), np.int64)
    number[present] = np.arange(len(present))
    return tuple(groups[i] for i in present), channel.numbered(number[channel.group])


def _keyed(spec: SeriesSpec, table: pa.Table) -> Keyed:
    names = apart_by(spec)
    if not names:
        return Keyed(None, None)
    arrays = [np.asarray(from_arrow(_column(spec, name), table[name])) for name in names]
    values = [np.unique(array) for array in arrays]
    sizes = [max(len(one), 1) for one in values]
    places = [np.searchsorted(one, array) for one, array in zip(values, arrays, strict=True)]
    codes = np.ravel_multi_index(places, sizes)
    present = np.unique(codes) if len(sizes) > 1 else np.arange(len(values[0]))
    if len(present) > GROUPS:
        return Keyed(None, None)
    columns = [one[at].tolist() for one, at in zip(values, np.unravel_index(present, sizes), strict=True)]
    return Keyed(tuple(zip(*columns, strict=True)), np.searchsorted(present, codes))


def _column(spec: SeriesSpec, name: str) -> Column:
    return next(column for column in spec.columns if column.name == name)


def _all_groups(pieces: Sequence[Summary]) -> tuple[Group, ...] | None:
    found: set[Group] = set()
    for one in pieces:
        if one.groups is None:
            return None
        found.update(one.groups)
    return tuple(sorted(found)) if len(found) <= GROUPS else None


def _part(one: Summary, level: Level, group: Group) -> Columns | None:
    groups = one.groups or ()
    if group not in groups:
        return None
    return one.parts.get((level, ALL if len(groups) == 1 else groups.index(group)))
