"""Intervals of time: when a condition held, how long a state lasted, and the rows inside or outside of them.

Owns where an interval between samples begins and ends. Must not know where rows come from.

A boundary lies in the middle between two samples; the first and the last interval reach half a step beyond the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.domain.expression import Expression
from longwatch.domain.series import TimeScale
from longwatch.domain.times import Instant, Now, from_us, to_time, to_us, us_from_cxc, us_from_time
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.memory import flags
from longwatch.series.scale import instants

Intervals: TypeAlias = Table | Sequence[tuple[Instant | None, Instant | None]]
"""Half-open intervals: pairs of times (None: open), or a table with columns `start` and `stop` (masked: open), `tstart`
and `tstop`, or `datestart` and `datestop`."""

Pad: TypeAlias = float | tuple[float, float]
"""By how much intervals are widened on both sides, or before and after [s]; negative: narrowed."""

_SECOND_US = 1_000_000
_EDGES = (("start", "stop"), ("tstart", "tstop"), ("datestart", "datestop"))


class Runs(NamedTuple):
    """Stretches of samples with one state.

    Parameters
    ----------
    start_us, stop_us
        (n,), half-open [microseconds of TAI].
    first
        (n,), index of each one's first sample.
    """

    start_us: Ints
    stop_us: Ints
    first: NDArray[np.intp]


def runs(
    us: Ints,
    values: NDArray[np.generic],
    *,
    span: Timespan | None = None,
    max_gap_us: int | None = None,
    lone_us: int = 0,
) -> Runs:
    """Give the stretches in which a value stays the same.

    Parameters
    ----------
    us
        (n,), ascending instants of the samples [microseconds of TAI].
    values
        (n,), their values; NaN equals NaN here.
    span
        What was asked for: no run reaches beyond it.
    max_gap_us
        Samples further apart than this end a run, half of it after the one and before the other.
    lone_us
        The step of a sample that is the only one.

    Returns
    -------
    Runs
        In order; each sample lies in one.
    """
    if not len(us):
        return Runs(us, us, np.empty(0, np.intp))
    step = np.diff(us)
    reach = step if max_gap_us is None else np.minimum(step, max_gap_us)
    changed = np.flatnonzero(_differ(values[1:], values[:-1]) | (reach < step))
    after = us[changed] + reach[changed] // 2
    before = np.where(reach[changed] < step[changed], us[changed + 1] - reach[changed] // 2, after)
    ends = reach[[0, -1]] // 2 if len(reach) else np.full(2, lone_us // 2)
    begin = np.concatenate([us[:1] - ends[0], before])
    end = np.concatenate([after, us[-1:] + ends[1]])
    if span is not None:
        begin, end = np.maximum(begin, span.start_us), np.minimum(end, span.stop_us)
    return Runs(begin, end, np.concatenate([[0], changed + 1]))


def logical_intervals(
    table: Table,
    condition: str,
    *,
    max_gap: float | None = None,
    complete: bool = False,
    key: Sequence[str] = (),
) -> Table:
    """Give the intervals in which a condition holds on a fetched table.

    Parameters
    ----------
    table
        From `Series.fetch`, of one subject (slot, exposure), with the channels the condition speaks of. Rows in which
        it cannot be known are passed over.
    condition
        Such as `"ccd_temp > -10 and state == 'ON'"`.
    max_gap
        Samples further apart than this end an interval, half of it after the last one [s]; None: no gap does.
    complete
        True: leave out an interval that holds the first or the last sample, since nobody saw it begin or end.
    key
        Columns in which the rows where the condition is known have to agree, such as the slot.

    Returns
    -------
    Table
        `start`, `stop` (half-open, UTC) and `duration` [s] of each. A sample that is the only one of the table has no
        step, so its interval has zero length: it says when, and `select` gives no row for it.

    Raises
    ------
    BadQuery
        Raised if the condition is not understood, is none, or speaks of no channel of the table; or rows are of several
        subjects, or `max_gap` is no length.
    """
    asked = Expression.parse(condition)
    asked.check(table.colnames, of="this table")
    truth = asked.holds({name: np.ma.asanyarray(table[name].data) for name in asked.names}, len(table))
    of_one(table, ~np.ma.getmaskarray(truth), key, ", ".join(asked.names))
    found, flags = _seen(table, truth, max_gap)
    wanted = np.asarray(flags[found.first], dtype=bool)
    if complete:
        wanted &= (found.first > 0) & (np.append(found.first[1:], len(flags))[: len(wanted)] < len(flags))
    return _table(found.start_us[wanted], found.stop_us[wanted], asked.text)


def state_intervals(table: Table, channel: str, *, max_gap: float | None = None, key: Sequence[str] = ()) -> Table:
    """Give how long each state of a channel lasted on a fetched table.

    Parameters
    ----------
    table, max_gap, key
        As for `logical_intervals`; rows in which the channel is missing are passed over.
    channel
        Words, flags or numbers.

    Returns
    -------
    Table
        `state`, `start`, `stop` (half-open, UTC) and `duration` [s], in order of time.
    """
    values = np.ma.asanyarray(table[channel].data)
    if values.ndim != 1 or values.dtype == object:
        raise BadQuery(f"Channel {channel!r} holds arrays or lists, which have no states. Fetch it instead.")
    of_one(table, ~np.ma.getmaskarray(values), key, channel)
    found, states = _seen(table, values, max_gap)
    lasted = _table(found.start_us, found.stop_us, channel)
    said = TableColumn(states[found.first], unit=table[channel].unit, description=table[channel].description)
    lasted.add_column(said, index=0, name="state")
    return lasted


def select(table: Table, intervals: Intervals, *, pad: Pad = 0.0) -> Table:
    """Give the rows of a fetched table that lie in some intervals.

    Parameters
    ----------
    table
        From `Series.fetch`.
    intervals
        Half-open, in any accepted form; they may overlap, and a row is given once.
    pad
        By how much they are widened [s].
    """
    return table[within(instants_of(table), *merged(intervals, pad=pad))]


def remove(table: Table, intervals: Intervals, *, pad: Pad = 0.0) -> Table:
    """Give the rows of a fetched table that lie in none of some intervals; arguments as for `select`."""
    return table[~within(instants_of(table), *merged(intervals, pad=pad))]


def merged(intervals: Intervals, *, pad: Pad = 0.0, now: Now = Time.now) -> tuple[Ints, Ints]:
    """Give intervals in any accepted form as starts and stops, ascending, apart from each other.

    Returns
    -------
    tuple of Ints
        (n,) each [microseconds of TAI]; an open side is `MIN_US` or `MAX_US`, and empty intervals are left out.

    Raises
    ------
    BadQuery
        Raised if an interval ends before it begins, a time cannot be read, or a table has no such columns.
    """
    start, stop = _edges(intervals, now)
    if np.any(stop < start):
        worst = int(np.flatnonzero(stop < start)[0])
        raise BadQuery(f"Interval {worst} ends before it begins ({from_us(int(start[worst])).isot}). Swap its ends.")
    before, after = np.rint(np.broadcast_to(np.asarray(pad, dtype=float), (2,)) * _SECOND_US).astype(np.int64)
    start = np.where(start > MIN_US, start - before, start)
    stop = np.where(stop < MAX_US, stop + after, stop)
    return apart(start, stop)


def apart(start_us: Ints, stop_us: Ints) -> tuple[Ints, Ints]:
    """Give spans ascending, those that overlap or touch as one, and empty ones left out."""
    order = np.argsort(start_us, kind="stable")
    order = order[stop_us[order] > start_us[order]]
    start, reach = start_us[order], np.maximum.accumulate(stop_us[order])
    first = np.append(True, start[1:] > reach[:-1])[: len(start)]
    return start[first], reach[np.append(first[1:], True)[: len(start)]]


def within(us: Ints, start_us: Ints, stop_us: Ints) -> NDArray[np.bool_]:
    """Give whether instants lie in some ascending intervals that are apart from each other."""
    if not len(start_us):
        return np.zeros(len(us), dtype=bool)
    place = np.searchsorted(start_us, us, side="right") - 1
    return (place >= 0) & (us < stop_us[place])


def meeting(table: Table, channels: Sequence[str]) -> Table:
    """Give a table back in which some channels stand in one row somewhere; raises `BadQuery` saying what to do."""
    held = [present(table[name]) for name in channels]
    if len(held) > 1 and not np.logical_and.reduce(held).any() and all(one.any() for one in held):
        raise BadQuery(
            f"{' and '.join(channels)} never stand in one row, so they cannot be judged together. Put them on one "
            "grid by `archive.series.interpolate`, and ask `longwatch.series.intervals.logical_intervals` of that."
        )
    return table


def of_one(table: Table, there: NDArray[np.bool_], key: Sequence[str], of: str) -> None:
    """Refuse rows that are of several subjects, such as slots.

    Parameters
    ----------
    table
        From `Series.fetch`.
    there
        (n,), which rows.
    key
        Columns that tell subjects apart.
    of
        What the rows hold, in words.

    Raises
    ------
    BadQuery
        Raised if the key columns have several values there; the message says what to do.
    """
    for name in key:
        found = np.unique(np.ma.getdata(table[name].data)[there])
        if len(found) > 1:
            raise BadQuery(
                f"The rows with {of} are of several values of {name!r}: "
                f"{', '.join(map(str, found[:8]))}. Name one of them: where={{{name!r}: {found[0].item()!r}}}."
            )


def instants_of(table: Table) -> Ints:
    """Give the times of a fetched table [microseconds of TAI]."""
    try:
        native, scale = np.ma.asanyarray(table[table.meta["time"]].data), TimeScale(table.meta["scale"])
    except KeyError as error:
        raise BadQuery(
            f"The table lost its times: {error} is not in it. Give one as `fetch` gives it, with its `meta`."
        ) from error
    if np.ma.is_masked(native):
        raise BadQuery("Some rows have no time, since the start of their exposure is not known. Leave them out first.")
    return instants(np.ma.getdata(native), scale)


def present(column: TableColumn) -> NDArray[np.bool_]:
    """Give in which rows a column of a table has a value."""
    mask = np.ma.getmask(np.ma.asanyarray(column.data))
    if mask is np.ma.nomask:
        return np.ones(len(column), dtype=bool)
    if mask.ndim > 1:
        mask = mask.all(axis=tuple(range(1, mask.ndim)))
    there = flags(len(mask))
    np.logical_not(mask, out=there)
    return there


def _edges(intervals: Intervals, now: Now) -> tuple[Ints, Ints]:
    match intervals:
        case Table():
            names = next((pair for pair in _EDGES if set(pair) <= set(intervals.colnames)), None)
            if names is None:
                raise BadQuery(f"Intervals have columns start and stop; this table has {intervals.colnames}.")
            return _column(intervals[names[0]], MIN_US), _column(intervals[names[1]], MAX_US)
        case _:
            pairs = list(intervals)
            return _side([begin for begin, _ in pairs], MIN_US, now), _side([end for _, end in pairs], MAX_US, now)


def _side(times: Sequence[Instant | None], open_us: int, now: Now) -> Ints:
    """Give times of any form; None stands for an open side."""
    if {type(time) for time in times} <= {int, float, np.float64}:
        return us_from_cxc(np.array(times, dtype=np.float64))
    return np.array([open_us if time is None else to_us(time, now=now) for time in times], dtype=np.int64)


def _column(column: Time | TableColumn, open_us: int) -> Ints:
    """Give a column of times; a masked one stands for an open side."""
    match column:
        case Time():
            known = ~np.broadcast_to(column.mask, column.shape)
            there = us_from_time(column[known])
        case _:
            known = ~np.ma.getmaskarray(np.ma.asanyarray(column))
            there = us_from_time(to_time(np.ma.getdata(np.ma.asanyarray(column))[known]))
    found = np.full(len(column), open_us, dtype=np.int64)
    found[known] = there
    return found


def _table(start_us: Ints, stop_us: Ints, of: str) -> Table:
    lasted = (stop_us - start_us) / _SECOND_US
    table = Table({"start": from_us(start_us), "stop": from_us(stop_us)}, meta={"intervals": of})
    table["duration"] = TableColumn(lasted, unit="s", description="How long it lasted")
    return table


def _span(table: Table) -> Timespan:
    return Timespan(int(table.meta.get("start_us", MIN_US)), int(table.meta.get("stop_us", MAX_US)))


def _seen(table: Table, values: np.ma.MaskedArray, max_gap: float | None) -> tuple[Runs, NDArray[np.generic]]:
    """Give the runs of the values that are known, and these; a lone one has the step to the nearest row."""
    us, known, gap_us = instants_of(table), ~np.ma.getmaskarray(values), _us(max_gap)
    lone_us = 0
    if np.count_nonzero(known) == 1:
        away = np.abs(us - us[known])
        near = away[away > 0]
        lone_us = min(int(near.min()), MAX_US if gap_us is None else gap_us) if len(near) else 0
    seen = np.ma.getdata(values)[known]
    return runs(us[known], seen, span=_span(table), max_gap_us=gap_us, lone_us=lone_us), seen


def _us(seconds: float | None) -> int | None:
    """Give a length [microseconds]."""
    if seconds is None:
        return None
    if not seconds >= 0:
        raise BadQuery(f"A gap of {seconds} s has no length. Give seconds from 0 on, or None: then no gap ends one.")
    return round(min(seconds * _SECOND_US, MAX_US))


def _differ(after: NDArray[np.generic], before: NDArray[np.generic]) -> NDArray[np.bool_]:
    differ = np.asarray(after != before)
    return differ & ~(np.isnan(after) & np.isnan(before)) if after.dtype.kind == "f" else differ
