"""Channels of several series, gathered as samples that know whether they are bad, and put on one grid.

Owns the way from names of channels to a table on a grid. Must not know how rows are read, or which sample is nearest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from astropy.table import Table

from longwatch.domain.column import Column, column_named
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import Instant, from_us
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import BadQuery
from longwatch.series.desk import Desk
from longwatch.series.interpolate import Samples
from longwatch.series.intervals import instants_of, of_one, present
from longwatch.series.series import Series

Where: TypeAlias = Mapping[str, Scalar]
Gathered: TypeAlias = list[tuple[Column, Samples]]


def gather(desk: Desk, asked: Mapping[str, Sequence[str]], span: Timespan, commit: int, where: Where) -> Gathered:
    """Give channels of several series with their samples.

    Parameters
    ----------
    desk
        Answers questions.
    asked
        Names of channels by name of series.
    span
        Which samples; open ends are allowed.
    commit
        The commit to speak for.
    where
        Values that columns must have, in the series that have them.

    Returns
    -------
    list
        Column and samples of each; a name that several series have is given as `series:channel`.

    Raises
    ------
    BadQuery
        Raised if there is no such channel or column, or rows are of several slots or the like.
    """
    specs = {name: desk.plans.declared(commit)[name].spec for name in asked}
    unknown = set(where) - {column.name for spec in specs.values() for column in spec.columns}
    if unknown:
        raise BadQuery(f"None of the series {', '.join(specs)} has columns {sorted(unknown)}. Correct `where`.")
    twice = Counter(channel for channels in asked.values() for channel in channels)
    found = []
    for name, spec in specs.items():
        conditions = {column.name: where[column.name] for column in spec.columns if column.name in where}
        view = Series(name, replace(desk, commit=commit))
        beside = [*spec.key, *([spec.quality] if spec.quality else [])]
        table = view.fetch([*beside, *asked[name]], *_ends(span), where=conditions)
        for channel in asked[name]:
            of_one(table, present(table[channel]), spec.key, channel)
            column, samples = _samples(desk, table, spec, channel, commit)
            found.append((replace(column, name=f"{name}:{channel}") if twice[channel] > 1 else column, samples))
    return found


def _samples(desk: Desk, table: Table, spec: SeriesSpec, channel: str, commit: int) -> tuple[Column, Samples]:
    """Give the samples of a channel: the rows in which it is not missing."""
    derived = desk.derivations.of(spec.name, commit)
    if channel in derived:
        column, names = derived[channel].typed(table[channel]), (channel, *derived[channel].needs)
    else:
        column, names = column_named(spec.columns, channel, of=f"Series {spec.name!r}"), (channel,)
    there = present(table[channel])
    bad = desk.bad.bad_rows(table, spec, commit) | desk.bad.holds(table, spec.name, names, commit)
    values = np.ma.asanyarray(table[channel].data)[there]
    return column, Samples(instants_of(table)[there], values, bad[there])


def _ends(span: Timespan) -> tuple[Instant | None, Instant | None]:
    start = None if span.start_us <= MIN_US else from_us(span.start_us)
    return start, None if span.stop_us >= MAX_US else from_us(span.stop_us)
