"""One series, as a user asks of it and adds to it.

Owns the questions: rows, channels, spans, days. Must not know how rows are stored or which of them answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
from astropy.table import Table
from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.versions import versions_by_id
from longwatch.contracts.reading import Columns, Reading, Rows
from longwatch.domain.column import Column, column_named
from longwatch.domain.epoch import Scalar
from longwatch.domain.expression import Expression
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import Instant, from_us
from longwatch.domain.timespan import MAX_US, Timespan
from longwatch.domain.utc import Ints
from longwatch.errors import NotFound, Refused
from longwatch.plots.figure import Figure
from longwatch.series.answer import to_astropy
from longwatch.series.asked import Asked, named
from longwatch.series.badtimes import without_bad
from longwatch.series.bins import level_named
from longwatch.series.desk import Desk
from longwatch.series.drawing import POINTS, Drawn, pieces, pieces_of_rows
from longwatch.series.intervals import (
    Intervals,
    instants_of,
    logical_intervals,
    merged,
    of_one,
    state_intervals,
    within,
)
from longwatch.series.maker import Progress, Summarised, no_progress
from longwatch.series.own import USER, arrays, content_hash, settled
from longwatch.series.picture import channel_panel
from longwatch.series.plan import Plan
from longwatch.series.read import SPAN, Ask, Spans
from longwatch.series.relative import INSTANT, absolute_column
from longwatch.series.rows import VERSION, to_table
from longwatch.series.scale import ZERO_POINT, to_times
from longwatch.series.statistics import with_statistics
from longwatch.series.summaries import Wanted
from longwatch.series.tabulated import channels_with_statistics, pieces_table, statistics_table
from longwatch.series.tallied import sampled, statistics_of

_SPAN_COLUMN = Column(name="span", unit="", description="Number of the span the row belongs to, from 0", dtype="i8")


class Series:
    """Rows over time in named columns.

    Parameters
    ----------
    name
        Name of a declared series.
    desk
        Answers questions.
    """

    def __init__(self, name: str, desk: Desk) -> None:
        self._name = name
        self._desk = desk

    @property
    def spec(self) -> SeriesSpec:
        """Its declaration: columns, units, descriptions, key and time."""
        return self._desk.plans.declared(self._desk.commit_of(None))[self._name].spec

    @property
    def extent(self) -> tuple[Time, Time] | None:
        """First and last time of its rows (those that no longer answer included), or None where it is empty."""
        plan = self._plan(None)
        if plan.spec.relative:
            known = [start for start in self._desk.relative.starts(plan).values() if start is not None]
            ends = [min(known), max(known)] if known else []
        else:
            ends = [int(plan.first.min()), int(plan.last.max())] if plan.segments else []
        return (from_us(ends[0]), from_us(ends[1])) if ends else None

    @override
    def __repr__(self) -> str:
        """Say what it holds and over which range."""
        plan, extent = self._plan(None), self.extent
        rows = sum(segment.n_rows for segment in plan.segments)
        held = "empty" if extent is None else f"{rows:,} rows, {extent[0].isot} to {extent[1].isot} UTC"
        names = ", ".join(column.name for column in plan.spec.columns[:6])
        more = ", ..." if len(plan.spec.columns) > 6 else ""
        return f"<Series {self._name}: {held}; {len(plan.spec.columns)} columns: {names}{more}>"

    def fetch(
        self,
        columns: str | Sequence[str] | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
        select: Intervals | None = None,
        remove: Intervals | None = None,
        filter_bad: bool = False,
        limit: int | None = None,
        stat: str | None = None,
    ) -> Table:
        """Give the rows of a half-open span, or their statistics.

        Parameters
        ----------
        columns
            Names of columns, derived ones among them; None: all. The time comes first in any case.
        start, stop
            Times in any accepted form; None is an open end.
        as_of
            A moment in the past: what the archive would have answered then.
        where
            Values that columns must have, such as `{"slot": 3}`.
        select, remove
            Only rows that lie in, or outside of, some intervals: pairs of times, a table with start and stop, or what
            `intervals` and `states` give. Only segments that can hold selected rows are read.
        filter_bad
            True: leave out rows whose quality says bad and rows in a bad time of the series; mask what lies in a bad
            time of its channel, and leave out rows in which no channel asked for is left.
        limit
            Most rows wanted, the first ones.
        stat
            `"5min"` (328 s), `"hour"` or `"daily"`: statistics of each channel in such bins; None: the rows.

        Returns
        -------
        Table
            Sorted by time and key. Columns have unit and description; missing elements are masked, NaN is a value.
            The time column is native, `meta["zero_point"]` says what it counts, and `Series.times` turns it into
            `Time`. A relative series also has `time`, the absolute instant, and rows whose exposure has no known
            start are only given when `where` names the exposure.
            Of statistics, a row is a bin in which some channel has a value: the time is its middle, then for each
            channel `count_`, `mean_` (plain, not weighted by time), `min_`, `max_`, `std_`, `mid_` (of the middle row)
            and of a day `p01_` to `p99_`; of words and flags the count of each. Hours and days are those of UTC. The
            first and last bin only count what lies in the span; missing and NaN values do not count.

        Raises
        ------
        BadQuery
            Raised if a column is unknown or a time cannot be read.
        """
        plan = self._plan(as_of)
        asked = self._asked(plan, columns, quality=filter_bad)
        if stat is not None and not (asked.derived or filter_bad or select is not None or remove is not None):
            return self._statistics(columns, start, stop, as_of=as_of, where=where, stat=stat)[:limit]
        if stat is not None:
            rows = self.fetch(
                columns, start, stop, as_of=as_of, where=where, select=select, remove=remove, filter_bad=filter_bad
            )
            return statistics_of(rows, plan.spec, asked, stat, chosen=columns is not None)[:limit]
        kept = None if filter_bad or remove is not None else limit
        ask = Ask(columns=asked.stored, where=dict(where or {}), limit=kept)
        span = self._desk.span(start, stop, plan.commit)
        exposure = ask.where.get(plan.spec.exposure)
        if select is not None:
            table = self._selected(plan, ask, span, merged(select, now=self._desk.now))
        elif plan.spec.relative and exposure is not None and start is None and stop is None:
            table = self._answer(plan, ask.columns, self._desk.relative.of_exposures(plan, ask, [str(exposure)]), span)
        else:
            table = self._between(plan, ask, span)
        if remove is not None:
            table = table[~within(instants_of(table), *merged(remove, now=self._desk.now))]
        table = asked.made(table)
        if filter_bad:
            table = without_bad(table, self._desk.bad, plan.spec, asked.channels, plan.commit)
        return asked.given(table if limit is None else table[:limit])

    def fetch_each(
        self,
        columns: str | Sequence[str] | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> dict[str, Table]:
        """Give each channel on its own times: a table for each, without the rows in which it is missing.

        Parameters
        ----------
        columns, start, stop, as_of, where
            As for `fetch`.

        Returns
        -------
        dict of Table
            By channel: the time, the key, the channel.
        """
        plan = self._plan(as_of)
        spec = plan.spec
        channels = [name for name in self._asked(plan, columns).names if name not in {spec.time, *spec.key}]
        table = self.fetch([*spec.key, *channels], start, stop, as_of=as_of, where=where)
        beside = [name for name in table.colnames if name not in channels]
        return {name: _present(table[[*beside, name]], name) for name in channels}

    def origins(
        self,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Say which file each row came with.

        Parameters
        ----------
        start, stop, as_of, where
            As for `fetch`, which gives the same rows in the same order.

        Returns
        -------
        Table
            The time, the key, and `file`: the name of the file, or of what was appended by hand.
        """
        plan = self._plan(as_of)
        names = _columns(plan.spec, plan.spec.key)
        ask, span = Ask(columns=[*names, VERSION], where=dict(where or {})), self._desk.span(start, stop, plan.commit)
        rows = self._rows(plan, ask, span)
        ids, place = np.unique(rows[VERSION].to_numpy(), return_inverse=True)
        with self._desk.catalog.read(plan.commit) as snapshot:
            known = versions_by_id(snapshot, ids.tolist())
        table = self._answer(plan, names, rows, span)
        table["file"] = np.array([known[number].name for number in ids.tolist()], dtype=str)[place]
        return table

    def spans(
        self,
        columns: str | Sequence[str] | None,
        spans: Sequence[tuple[Instant, Instant]],
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give the rows of many half-open spans at once.

        Parameters
        ----------
        columns, as_of, where
            As for `fetch`.
        spans
            (start, stop) of each; they may overlap, and then a row is given for each of them.

        Returns
        -------
        Table
            As from `fetch`, sorted by span, time and key; the column `span` counts from 0 in the order given.
        """
        plan = self._plan(as_of)
        asked = self._asked(plan, columns)
        each = [self._desk.span(start, stop, plan.commit) for start, stop in spans]
        begin, end = np.array([(s.start_us, s.stop_us) for s in each], dtype=np.int64).reshape(-1, 2).T
        ask = Ask(columns=asked.stored, where=dict(where or {}))
        read = self._desk.relative.within if plan.spec.relative else self._desk.reader.rows
        rows = read(plan, ask, Spans.of(plan.spec, begin, end, several=True))
        reach = Timespan(int(begin.min(initial=MAX_US)), int(end.max(initial=MAX_US)))
        return asked.given(asked.made(self._answer(plan, asked.stored, rows, reach)))

    def daily(
        self,
        columns: str | Sequence[str],
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give the statistics of channels for each UTC day: `fetch` with `stat="daily"`.

        Parameters
        ----------
        columns, start, stop, as_of, where
            As for `fetch`; the first and last day only count what lies in the span.

        Returns
        -------
        Table
            As from `fetch` with `stat="daily"`: `date` (ISO, UTC), `mjd` (of its midnight), and the statistics.
        """
        return self.fetch(columns, start, stop, as_of=as_of, where=where, stat="daily")

    def intervals(
        self,
        condition: str,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        max_gap: float | None = None,
        complete: bool = False,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give the intervals in which a condition over channels holds.

        Parameters
        ----------
        condition
            Such as `"ccd_temp > -10 and not saturated"`; see `longwatch.domain.expression`. Rows in which it cannot
            be known, because a channel is missing, are passed over.
        start, stop, as_of, where
            As for `fetch`; where rows are of several slots or the like, `where` names one.
        max_gap
            Samples further apart than this end an interval, half of it after the last one [s]; None: no gap does.
        complete
            True: leave out an interval that holds the first or last sample, since nobody saw it begin or end.

        Returns
        -------
        Table
            `start`, `stop` (half-open, UTC) and `duration` [s]. Boundaries lie in the middle between two samples; the
            first and last interval reach half a step beyond the data, but not beyond the span.

        Raises
        ------
        BadQuery
            Raised if the condition is not understood; the message names the part at fault.
        """
        asked, plan = Expression.parse(condition), self._plan(as_of)
        known = [*(column.name for column in plan.spec.columns), *self._desk.derivations.of(self._name, plan.commit)]
        asked.check(known, of=f"series {self._name!r}")
        table = self.fetch([*self.spec.key, *asked.names], start, stop, as_of=as_of, where=where)
        return logical_intervals(
            of_one(table, asked.names, self.spec.key), condition, max_gap=max_gap, complete=complete
        )

    def states(
        self,
        channel: str,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        max_gap: float | None = None,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give how long each state of a channel lasted.

        Parameters
        ----------
        channel
            Words, flags or numbers; rows in which it is missing are passed over.
        start, stop, max_gap, as_of, where
            As for `intervals`.

        Returns
        -------
        Table
            `state`, `start`, `stop` (half-open, UTC) and `duration` [s], in order of time; boundaries as for
            `intervals`.
        """
        table = self.fetch([*self.spec.key, channel], start, stop, as_of=as_of, where=where)
        return state_intervals(of_one(table, [channel], self.spec.key), channel, max_gap=max_gap)

    def draw(
        self,
        channel: str,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        points: int = POINTS,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give a channel over any span in about so many pieces; no extreme is lost.

        Parameters
        ----------
        channel
            Numbers, words or flags; a derived one is computed from all rows.
        start, stop, as_of, where
            As for `fetch`.
        points
            Most pieces wanted; rows are given one by one where they are fewer.

        Returns
        -------
        Table
            In order of time: `start` and `stop` (native, half-open: all values of the piece lie in it), `n` values, of
            which none is missing or NaN, and their `mean`, `min` and `max`; of words and flags a row for each `state`
            in a piece. The counts add up to the values in the span.
        """
        plan = self._plan(as_of)
        span = self._desk.span(start, stop, plan.commit)
        column, found = self._pieces(plan, channel, span, dict(where or {}), points)
        return pieces_table(plan.spec, column, found, self._meta(plan, span) | {"channel": channel})

    def plot(
        self,
        channels: str | Sequence[str],
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        points: int = POINTS,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Figure:
        """Give the picture of channels at any zoom, a panel each; `longwatch.plots.render.render_png` draws it.

        Parameters
        ----------
        channels
            One or several.
        start, stop, points, as_of, where
            As for `draw`.

        Returns
        -------
        Figure
            The mean, and the range from the smallest to the largest value; states as lanes.
        """
        plan, names = self._plan(as_of), named(channels)
        span = self._desk.span(start, stop, plan.commit)
        drawn = [self._pieces(plan, name, span, dict(where or {}), points) for name in names]
        panels = tuple(channel_panel(column, found) for column, found in drawn)
        title = f"{self._name}: {', '.join(names)}"
        return Figure(name=self._name, title=title, panels=panels, attributes={"commit": plan.commit})

    def summarise(self, columns: str | Sequence[str] | None = None, *, progress: Progress = no_progress) -> Summarised:
        """Keep the statistics of every month and year that are not kept yet, and forget those that no longer hold.

        A question for whole months keeps theirs too, so this only saves the first one its wait.

        Parameters
        ----------
        columns
            Channels; None: all that have statistics.
        progress
            Told how many months of a few channels are done, and of how many.

        Returns
        -------
        Summarised
            What was done; run again, it does nothing. A relative series keeps none.

        Raises
        ------
        Refused
            Raised if the archive is open for reading only.
        """
        self._desk.writing()
        plan = self._plan(None)
        channels = channels_with_statistics(plan.spec, _columns(plan.spec, columns), chosen=columns is not None)
        return self._desk.maker.all_of(plan, [] if plan.spec.relative else channels, progress)

    def times(self, table: Table) -> Time:
        """Give the times of a fetched table as `Time`: TT for Chandra time, else UTC."""
        scale = TimeScale(table.meta["scale"])
        return to_times(np.asarray(table[table.meta["time"]]), scale)

    def unplaced(self, *, as_of: Instant | None = None) -> int:
        """Count the rows of a relative series whose exposure has no known start; 0 in any other series."""
        plan = self._plan(as_of)
        names = self._desk.relative.unplaced(plan) if plan.spec.relative else []
        ask = Ask(columns=[plan.spec.exposure])
        return int(self._desk.relative.of_exposures(plan, ask, names).num_rows) if names else 0

    def append(self, data: Mapping[str, object]) -> int:
        """Add one's own rows to a series made by hand.

        Parameters
        ----------
        data
            Columns by name, among them the time: `Time`, datetimes, ISO strings, or whole numbers (TAI microseconds).
            Quantities and columns with a unit are converted; masked elements are missing. Of rows with an equal time
            and key the ones given last answer.

        Returns
        -------
        int
            Rows stored; 0 where these very rows were given before.

        Raises
        ------
        BadQuery
            Raised if the rows contradict the declaration.
        Refused
            Raised if the series belongs to an instrument, or the archive is open for reading only.
        """
        writer, plan = self._desk.writing(), self._plan(None)
        if plan.spec.instrument != USER:
            raise Refused(f"Rows of {self._name!r} come with files of {plan.spec.instrument!r}. Ingest those instead.")
        columns = arrays(plan.spec, data)
        spec = plan.spec if plan.segments else settled(plan.spec, columns)
        rows = Rows(series=self._name, columns=columns)
        to_table(spec, rows)
        if spec != plan.spec:
            writer.declare(spec)
        us = columns[spec.time]
        if not len(us):
            return 0
        identity = Identity(USER, "user.series", f"{self._name}/{content_hash(columns)}")
        reading = Reading(key=identity.key, t_min_us=int(us.min()), t_max_us=int(us.max()), rows=(rows,))
        return len(us) if writer.store(identity, reading) else 0

    def _statistics(
        self,
        columns: str | Sequence[str] | None,
        start: Instant | None,
        stop: Instant | None,
        *,
        as_of: Instant | None,
        where: Mapping[str, Scalar] | None,
        stat: str,
    ) -> Table:
        plan, level = self._plan(as_of), level_named(stat)
        span = self._desk.span(start, stop, plan.commit)
        channels = channels_with_statistics(plan.spec, _columns(plan.spec, columns), chosen=columns is not None)
        found = [
            (channel, self._desk.summaries.statistics(Wanted(plan, channel, level, dict(where or {})), span))
            for channel in channels
        ]
        return statistics_table(plan.spec, level, found, self._meta(plan, span) | {"stat": str(level)})

    def _pieces(
        self, plan: Plan, channel: str, span: Timespan, where: Mapping[str, Scalar], points: int
    ) -> tuple[Column, Columns]:
        """Give a channel and the pieces of its drawing."""
        asked = self._asked(plan, channel)
        if asked.derived:
            table = asked.made(self._between(plan, Ask(columns=asked.stored, where=where), span))
            column = asked.derived[0].typed(table[channel])
            return column, pieces_of_rows(sampled(table, column), points)
        column = with_statistics(column_named(plan.spec.columns, channel, of=f"Series {self._name!r}"))
        return column, pieces(self._desk.summaries, Drawn(plan, column, where, points), span)

    def _between(self, plan: Plan, ask: Ask, span: Timespan) -> Table:
        """Give the rows of a span as a plan shows them."""
        return self._answer(plan, ask.columns, self._rows(plan, ask, span), span)

    def _rows(self, plan: Plan, ask: Ask, span: Timespan) -> pa.Table:
        if plan.spec.relative:
            return self._desk.relative.between(plan, ask, span)
        bounds = np.array([span.start_us, span.stop_us])
        return self._desk.reader.rows(plan, ask, Spans.of(plan.spec, bounds[:1], bounds[1:]))

    def _asked(self, plan: Plan, columns: str | Sequence[str] | None, *, quality: bool = False) -> Asked:
        known = self._desk.derivations.of(self._name, plan.commit)
        return Asked.of(plan.spec, columns, known, beside=[plan.spec.quality] if quality and plan.spec.quality else [])

    def _selected(self, plan: Plan, ask: Ask, span: Timespan, chosen: tuple[Ints, Ints]) -> Table:
        """Give the rows of a span that lie in some intervals apart from each other, each once."""
        start, stop = np.maximum(chosen[0], span.start_us), np.minimum(chosen[1], span.stop_us)
        there = start < stop
        read = self._desk.relative.within if plan.spec.relative else self._desk.reader.rows
        rows = read(plan, replace(ask, limit=None), Spans.of(plan.spec, start[there], stop[there], several=True))
        return self._answer(plan, ask.columns, rows.drop_columns([SPAN]), span)

    def _plan(self, as_of: Instant | None) -> Plan:
        commit = self._desk.commit_of(as_of)
        if self._name not in self._desk.plans.declared(commit):
            raise NotFound(f"Series {self._name!r} was not declared yet at commit {commit}. Ask for a later `as_of`.")
        return self._desk.plans.plan(self._name, commit)

    def _answer(self, plan: Plan, names: Sequence[str], rows: pa.Table, span: Timespan) -> Table:
        columns = [column_named(plan.spec.columns, name, of=self._name) for name in names]
        stored = {name: rows[name] for name in names}
        for extra, name in ((absolute_column(plan.spec), INSTANT), (_SPAN_COLUMN, SPAN)):
            if name in rows.column_names:
                columns.insert(0, extra)
                stored[extra.name] = rows[name]
        return to_astropy(columns, stored, self._meta(plan, span))

    def _meta(self, plan: Plan, span: Timespan) -> dict[str, object]:
        scale = TimeScale.TAI_US if plan.spec.relative else plan.spec.scale
        return {
            "series": self._name,
            "description": plan.spec.description,
            "commit": plan.commit,
            "time": absolute_column(plan.spec).name if plan.spec.relative else plan.spec.time,
            "scale": str(scale),
            "zero_point": ZERO_POINT[scale],
            "start_us": span.start_us,
            "stop_us": span.stop_us,
        }


def _columns(spec: SeriesSpec, asked: str | Sequence[str] | None) -> list[str]:
    """Give the names asked for, the time first; raises `BadQuery` for an unknown one."""
    match asked:
        case None:
            names = [column.name for column in spec.columns]
        case str():
            names = [asked]
        case _:
            names = list(asked)
    for name in names:
        column_named(spec.columns, name, of=f"Series {spec.name!r}")
    return list(dict.fromkeys([spec.time, *names]))


def _present(table: Table, name: str) -> Table:
    mask = np.ma.getmaskarray(table[name].data) if table[name].dtype != object else table[name].mask
    return table[~mask.reshape(len(table), -1).all(axis=1)] if len(table) else table
