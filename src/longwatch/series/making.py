"""Making statistics to be kept: of a month from its rows, of a year from its months.

Owns which levels and groups of rows are kept. Must not know where they are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import Ints
from longwatch.series.bins import Level, bins_span
from longwatch.series.inputs import bins_of_month, span_of_month
from longwatch.series.plan import Plan
from longwatch.series.read import Ask, Reader, Spans
from longwatch.series.sampled import Sampled
from longwatch.series.scale import instants
from longwatch.series.statistics import joined, no_statistics
from longwatch.series.summary import ALL, Group, Summary
from longwatch.series.tabulated import MOST_STATES
from longwatch.series.values import from_arrow

COARSE: Final = (Level.HOUR, Level.DAY)
"""Levels that are kept of years."""

GROUPS: Final = 64
"""Rows of more keys than this are not kept apart."""

FEW: Final = 20
"""Bins of 5 minutes are only kept where one holds at least this many values on average; else rows are as fast."""


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
    spec = plan.spec
    names = list(dict.fromkeys([spec.time, *spec.key, *(column.name for column in columns)]))
    reach = Timespan(span_of_month(month).start_us, _window(Level.FIVE_MINUTES, month, spec).stop_us)
    bounds = np.array([reach.start_us, reach.stop_us])
    table = reader.rows(plan, Ask(columns=names), Spans.of(spec, bounds[:1], bounds[1:]))
    us = instants(table[spec.time].to_numpy(), spec.scale)
    keyed = _keyed(spec, table)
    for column in columns:
        channel = Sampled.of(column, us, table[column.name], spec.scale, group=keyed.number)
        yield column, _summary(channel, keyed.groups, {level: _window(level, month, spec) for level in Level})


def year_summary(column: Column, spec: SeriesSpec, months: Sequence[Summary]) -> Summary:
    """Give the statistics of a year at the coarse levels; the months follow each other."""
    groups = _all_groups(months)
    numbers = range(len(groups)) if groups is not None and len(groups) > 1 else ()
    parts: dict[tuple[Level, int], Columns] = {}
    for level in COARSE:
        none = no_statistics(level, column, spec.scale)
        parts[level, ALL] = joined([none, *(month.parts.get((level, ALL), none) for month in months)])
        for number in numbers:
            found = [_part(month, level, (groups or ())[number]) for month in months]
            parts[level, number] = joined([none, *(part for part in found if part is not None)])
    return Summary(levels=COARSE, groups=groups, parts=parts)


def apart_by(spec: SeriesSpec) -> tuple[str, ...]:
    """Give the columns by whose values rows are kept apart: the key beside the time, unless it holds real numbers.

    Those are equal to the value asked for in one precision and not in another.
    """
    names = tuple(name for name in spec.key if name != spec.time)
    return () if any(_column(spec, name).dtype in REAL for name in names) else names


def _summary(channel: Sampled, groups: tuple[Group, ...] | None, windows: Mapping[Level, Timespan]) -> Summary:
    here, channel = _groups_of(channel, groups)
    apart = {number: channel.of_group(number) for number in range(len(here or ())) if here and len(here) > 1}
    parts: dict[tuple[Level, int], Columns] = {}
    levels = [] if channel.words is not None and len(channel.words) > MOST_STATES else list(Level)
    for level in tuple(levels):
        inside = channel.within(windows[level])
        whole = inside.statistics(level)
        if level is Level.FIVE_MINUTES and len(whole["bin"]) * FEW > len(inside):
            levels.remove(level)
            continue
        parts[level, ALL] = whole
        parts |= {(level, number): one.within(windows[level]).statistics(level) for number, one in apart.items()}
    return Summary(levels=tuple(levels), groups=here, parts=parts)


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


def _window(level: Level, month: int, spec: SeriesSpec) -> Timespan:
    """Give the span of the bins that begin in a month."""
    return bins_span(level, *bins_of_month(level, month, spec.scale), spec.scale)


def _all_groups(months: Sequence[Summary]) -> tuple[Group, ...] | None:
    found: dict[Group, None] = {}
    for month in months:
        if month.groups is None:
            return None
        found |= dict.fromkeys(month.groups)
    return tuple(found) if len(found) <= GROUPS else None


def _part(month: Summary, level: Level, group: Group) -> Columns | None:
    groups = month.groups or ()
    if group not in groups:
        return None
    return month.parts.get((level, ALL if len(groups) == 1 else groups.index(group)))
