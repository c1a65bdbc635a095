"""One series, as a user asks of it and adds to it.

Owns the questions: rows, channels, spans, days. Must not know how rows are stored or which of them answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from astropy.table import Table
from astropy.time import Time
from typing_extensions import override

from longwatch.domain.epoch import Scalar
from longwatch.domain.expression import Expression
from longwatch.domain.series import SeriesSpec
from longwatch.domain.times import Instant, from_us
from longwatch.errors import BadQuery, NotFound
from longwatch.plots.figure import Figure
from longwatch.series.asked import at_most, conditions, named
from longwatch.series.blocks import Blocks
from longwatch.series.desk import Desk
from longwatch.series.drawing import POINTS
from longwatch.series.intervals import (
    Intervals,
    instants_of,
    logical_intervals,
    meeting,
    merged,
    present,
    state_intervals,
    within,
)
from longwatch.series.maker import Progress, Summarised, no_progress
from longwatch.series.own import append_rows
from longwatch.series.picture import channel_panel
from longwatch.series.plan import Plan
from longwatch.series.read import Ask
from longwatch.series.scale import times_of
from longwatch.series.tabulated import pieces_table
from longwatch.series.tallied import statistics_of
from longwatch.series.unit_systems import Units
from longwatch.series.view import View


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
        found = self._view(None).extent_us()
        return (from_us(found[0]), from_us(found[1])) if found else None

    def pinned(self) -> Series:
        """Give the series as it is now: all questions to it speak for one commit, whatever is stored meanwhile."""
        return Series(self._name, replace(self._desk, commit=self._desk.commit_of(None), writer=None))

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
        units: Units | None = None,
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
        units
            `"si"`, `"cxc"`, `"sci"` or `"eng"`, or units by name of channel or of physical type, such as
            `{"temperature": "K"}`; None: as they are stored. What cannot be converted warns, and stays.

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
        view, where, limit = self._view(as_of), conditions(where), at_most(limit)
        asked, span = view.asked(columns, quality=filter_bad), view.span(start, stop)
        refined = filter_bad or select is not None or remove is not None
        if stat is not None and not (asked.derived or refined):
            table = view.statistics(columns, span, where, stat)
        else:
            ask = Ask(columns=asked.stored, where=where, limit=None if refined or stat is not None else limit)
            chosen = None if select is None else merged(select, now=self._desk.now)
            table = view.between(ask, span) if chosen is None else view.selected(ask, span, chosen)
            if remove is not None:
                table = table[~within(instants_of(table), *merged(remove, now=self._desk.now))]
            table = asked.made(table)
            table = asked.given(view.good(table, asked) if filter_bad else table)
            if stat is not None:
                table = statistics_of(table, view.spec, asked, stat, chosen=columns is not None)
        table = table if limit is None else table[:limit]
        return view.in_units(table, units)

    def blocks(
        self,
        columns: str | Sequence[str] | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Blocks:
        """Give the rows of a half-open span block by block, as they lie: decades in little memory.

        Parameters
        ----------
        columns, start, stop, as_of, where
            As for `fetch`, which gives the same rows in the same order; None: all stored columns.

        Returns
        -------
        Blocks
            Going through it reads some thousand rows at a time, the time among them; it also counts its rows and says
            which files they came with. Derived columns have none, and raise `BadQuery`.
        """
        view = self._view(as_of)
        asked = view.asked([column.name for column in view.spec.columns] if columns is None else columns)
        if asked.derived:
            raise BadQuery(
                f"Derived channels {[one.name for one in asked.derived]} have no blocks. Fetch them instead."
            )
        return view.blocks(Ask(columns=asked.stored, where=conditions(where)), view.span(start, stop))

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
        view = self._view(as_of)
        spec = view.spec
        channels = [name for name in view.asked(columns).names if name not in {spec.time, *spec.key}]
        table = self.fetch([*spec.key, *channels], start, stop, as_of=as_of, where=where)
        beside = [name for name in table.colnames if name not in channels]
        return {name: table[[*beside, name]][present(table[name])] for name in channels}

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
        view = self._view(as_of)
        return view.origins(view.span(start, stop), conditions(where))

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
        view = self._view(as_of)
        asked, each = view.asked(columns), [view.span(start, stop) for start, stop in spans]
        begin, end = np.array([(s.start_us, s.stop_us) for s in each], dtype=np.int64).reshape(-1, 2).T
        table = view.within(Ask(columns=asked.stored, where=conditions(where)), begin, end)
        return asked.given(asked.made(table))

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
        filter_bad: bool = False,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give the intervals in which a condition over channels holds.

        Parameters
        ----------
        condition
            Such as `"ccd_temp > -10 and not saturated"`; see `longwatch.domain.expression`. Rows in which it cannot
            be known, because a channel is missing, are passed over.
        start, stop, filter_bad, as_of, where
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
        asked = Expression.parse(condition)
        asked.check(self._view(as_of).names, of=f"series {self._name!r}")
        names = [*self.spec.key, *asked.names]
        table = self.fetch(names, start, stop, filter_bad=filter_bad, as_of=as_of, where=where)
        table, key = meeting(table, asked.names), self.spec.key
        return logical_intervals(table, condition, max_gap=max_gap, complete=complete, key=key)

    def states(
        self,
        channel: str,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        max_gap: float | None = None,
        filter_bad: bool = False,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give how long each state of a channel lasted.

        Parameters
        ----------
        channel
            Words, flags or numbers; rows in which it is missing are passed over.
        start, stop, max_gap, filter_bad, as_of, where
            As for `intervals`.

        Returns
        -------
        Table
            `state`, `start`, `stop` (half-open, UTC) and `duration` [s], in order of time; boundaries as for
            `intervals`.
        """
        table = self.fetch([*self.spec.key, channel], start, stop, filter_bad=filter_bad, as_of=as_of, where=where)
        return state_intervals(table, channel, max_gap=max_gap, key=self.spec.key)

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
        view = self._view(as_of)
        span = view.span(start, stop)
        column, found = view.pieces(channel, span, conditions(where), points)
        return pieces_table(view.spec, column, found, view.meta(span) | {"channel": channel})

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
        view, names = self._view(as_of), named(channels)
        span = view.span(start, stop)
        drawn = [view.pieces(name, span, conditions(where), points) for name in names]
        panels = tuple(channel_panel(column, found) for column, found in drawn)
        title = f"{self._name}: {', '.join(names)}"
        return Figure(name=self._name, title=title, panels=panels, attributes={"commit": view.plan.commit})

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
            What was done; run again, it does nothing. A relative series and one of few rows keep none.

        Raises
        ------
        Refused
            Raised if the archive is open for reading only.
        """
        self._desk.writing()
        view = self._view(None)
        channels = view.channels(columns)
        return self._desk.maker.all_of(view.plan, [] if view.spec.relative else channels, progress)

    def times(self, table: Table) -> Time:
        """Give the times of a fetched table as `Time`: TT for Chandra time, else UTC; masked where there is none."""
        return times_of(table)

    def unplaced(self, *, as_of: Instant | None = None) -> int:
        """Count the rows of a relative series whose exposure has no known start; 0 in any other series."""
        return self._view(as_of).unplaced()

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
        return append_rows(writer, plan.spec, data, settle=not plan.segments)

    def _view(self, as_of: Instant | None) -> View:
        return View(self._desk, self._plan(as_of))

    def _plan(self, as_of: Instant | None) -> Plan:
        commit = self._desk.commit_of(as_of)
        if self._name not in self._desk.plans.declared(commit):
            raise NotFound(f"Series {self._name!r} was not declared yet at commit {commit}. Ask for a later `as_of`.")
        return self._desk.plans.plan(self._name, commit)
