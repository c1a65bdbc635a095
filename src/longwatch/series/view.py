"""One series at one commit: rows, statistics and drawings as tables.

Owns how the parts that read are put together for a question. Must not know what people may ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from astropy.table import Table

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column, column_named
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import Instant
from longwatch.domain.timespan import MAX_US, Timespan
from longwatch.domain.utc import Ints
from longwatch.series.answer import to_astropy
from longwatch.series.asked import Asked, named
from longwatch.series.badtimes import without_bad
from longwatch.series.bins import level_named
from longwatch.series.blocks import Blocks
from longwatch.series.conform import SPAN
from longwatch.series.desk import Desk
from longwatch.series.drawing import Drawn, pieces, pieces_of_rows
from longwatch.series.plan import Plan
from longwatch.series.read import Ask, Spans
from longwatch.series.relative import INSTANT, absolute_column
from longwatch.series.rows import VERSION, key_names
from longwatch.series.scale import ZERO_POINT
from longwatch.series.statistics import with_statistics
from longwatch.series.summaries import Wanted
from longwatch.series.tabulated import channels_with_statistics, statistics_table
from longwatch.series.tallied import sampled
from longwatch.series.unit_systems import Units, converted
from longwatch.series.values import as_numpy

_SPAN_COLUMN = Column(name="span", unit="", description="Number of the span the row belongs to, from 0", dtype="i8")


@dataclass(frozen=True, slots=True)
class View:
    """A series as one commit shows it.

    Parameters
    ----------
    desk
        The parts that read.
    plan
        The series at its commit.
    """

    desk: Desk
    plan: Plan

    @property
    def spec(self) -> SeriesSpec:
        """Its declaration."""
        return self.plan.spec

    def extent_us(self) -> tuple[int, int] | None:
        """Give the first and last instant of its rows, or None where it is empty."""
        if self.spec.relative:
            known = [start for start in self.desk.relative.starts(self.plan).values() if start is not None]
            return (min(known), max(known)) if known else None
        return (int(self.plan.first.min()), int(self.plan.last.max())) if self.plan.segments else None

    def span(self, start: Instant | None, stop: Instant | None) -> Timespan:
        """Give the span between two times, either of which may be an epoch."""
        return self.desk.span(start, stop, self.plan.commit)

    def asked(self, columns: str | Sequence[str] | None, *, quality: bool = False) -> Asked:
        """Find columns by name, None: all; with the quality column beside them where it is wanted and there is one."""
        derivations = self.desk.derivations
        known = (derivations.sound if columns is None else derivations.of)(self.spec.name, self.plan.commit)
        return Asked.of(self.spec, columns, known, beside=[self.spec.quality] if quality and self.spec.quality else [])

    @property
    def names(self) -> list[str]:
        """The names of all columns, derived ones among them."""
        derived = self.desk.derivations.of(self.spec.name, self.plan.commit)
        return [*(column.name for column in self.spec.columns), *derived]

    def in_units(self, table: Table, wanted: Units | None) -> Table:
        """Give a fetched table in other units; its time and key are no channels."""
        beside = {self.spec.time, self.spec.exposure, *self.spec.key}
        return table if wanted is None else converted(table, wanted, beside=beside)

    def channels(self, columns: str | Sequence[str] | None) -> list[Column]:
        """Give the columns that have statistics; raises `BadQuery` for one that was named and has none."""
        names = [column.name for column in self.spec.columns] if columns is None else named(columns)
        for name in names:
            column_named(self.spec.columns, name, of=f"Series {self.spec.name!r}")
        return channels_with_statistics(self.spec, [self.spec.time, *names], chosen=columns is not None)

    def rows(self, ask: Ask, span: Timespan) -> pa.Table:
        """Give the rows of a span as they are stored; of one exposure all, where the span is open and it is named."""
        exposure = ask.where.get(self.spec.exposure)
        if self.spec.relative and exposure is not None and span == Timespan():
            return self.desk.relative.of_exposures(self.plan, ask, [str(exposure)])
        if self.spec.relative:
            return self.desk.relative.between(self.plan, ask, span)
        bounds = np.array([span.start_us, span.stop_us])
        return self.desk.reader.rows(self.plan, ask, Spans.of(self.spec, bounds[:1], bounds[1:]))

    def blocks(self, ask: Ask, span: Timespan) -> Blocks:
        """Give the rows of a span block by block."""
        spec, desk = self.spec, self.desk
        needed = replace(ask, columns=list(dict.fromkeys([*ask.columns, VERSION])))
        if spec.relative:
            parts = [self.rows(needed, span)]
        else:
            bounds = np.array([span.start_us, span.stop_us])
            parts = desk.reader.parts(self.plan, needed, Spans.of(spec, bounds[:1], bounds[1:]))
        return Blocks(desk.reader.files, spec, self.plan.commit, ask.columns, parts, desk.plans.files)

    def unplaced(self) -> int:
        """Count the rows of a relative series whose exposure has no known start; 0 in any other series."""
        names = self.desk.relative.unplaced(self.plan) if self.spec.relative else []
        ask = Ask(columns=[self.spec.exposure])
        return int(self.desk.relative.of_exposures(self.plan, ask, names).num_rows) if names else 0

    def between(self, ask: Ask, span: Timespan) -> Table:
        """Give the rows of a span as a table."""
        return self.table(ask.columns, self.rows(ask, span), span)

    def origins(self, span: Timespan, where: Mapping[str, Scalar]) -> Table:
        """Give time, key and file of the rows of a span."""
        names = key_names(self.spec)
        rows = self.rows(Ask(columns=[*names, VERSION], where=where), span)
        ids, place = np.unique(as_numpy(rows[VERSION]), return_inverse=True)
        known = self.desk.plans.files(ids)
        table = self.table(names, rows, span)
        table["file"] = np.array([known[number] for number in ids.tolist()], dtype=str)[place]
        return table

    def within(self, ask: Ask, start_us: Ints, stop_us: Ints) -> Table:
        """Give the rows of several spans, which may overlap, with the column `span`."""
        read = self.desk.relative.within if self.spec.relative else self.desk.reader.rows
        rows = read(self.plan, replace(ask, limit=None), Spans.of(self.spec, start_us, stop_us, several=True))
        first = int(start_us.min(initial=MAX_US))
        return self.table(ask.columns, rows, Timespan(first, int(stop_us.max(initial=first))))

    def selected(self, ask: Ask, span: Timespan, chosen: tuple[Ints, Ints]) -> Table:
        """Give the rows of a span that lie in some intervals apart from each other."""
        start, stop = np.maximum(chosen[0], span.start_us), np.minimum(chosen[1], span.stop_us)
        table = self.within(ask, start[start < stop], stop[start < stop])
        table.remove_column(_SPAN_COLUMN.name)
        table.meta |= self.meta(span)
        return table

    def good(self, table: Table, asked: Asked) -> Table:
        """Leave out what is bad of a table that has its derived channels."""
        return without_bad(table, self.desk.bad, self.spec, asked.channels, self.plan.commit)

    def statistics(
        self, columns: str | Sequence[str] | None, span: Timespan, where: Mapping[str, Scalar], stat: str
    ) -> Table:
        """Give statistics of stored channels in a span."""
        level = level_named(stat)
        found = [
            (channel, self.desk.summaries.statistics(Wanted(self.plan, channel, level, where), span))
            for channel in self.channels(columns)
        ]
        return statistics_table(self.spec, level, found, self.meta(span) | {"stat": str(level)})

    def pieces(self, channel: str, span: Timespan, where: Mapping[str, Scalar], points: int) -> tuple[Column, Columns]:
        """Give a channel and the pieces of its drawing."""
        asked = self.asked(channel)
        if asked.derived:
            table = asked.made(self.between(Ask(columns=asked.stored, where=where), span))
            column = asked.derived[0].typed(table[channel])
            return column, pieces_of_rows(sampled(table, column), points)
        column = with_statistics(column_named(self.spec.columns, channel, of=f"Series {self.spec.name!r}"))
        return column, pieces(self.desk.summaries, Drawn(self.plan, column, where, points), span)

    def table(self, names: Sequence[str], rows: pa.Table, span: Timespan) -> Table:
        """Give stored rows as a table, with the instants and numbers of spans they carry."""
        columns = [column_named(self.spec.columns, name, of=self.spec.name) for name in names]
        stored = {name: rows[name] for name in names}
        for name in (INSTANT, SPAN):
            if name in rows.column_names:
                extra = absolute_column(self.spec) if name == INSTANT else _SPAN_COLUMN
                columns.insert(0, extra)
                stored[extra.name] = rows[name]
        return to_astropy(columns, stored, self.meta(span))

    def meta(self, span: Timespan) -> dict[str, object]:
        """Give what a table says of itself."""
        scale = TimeScale.TAI_US if self.spec.relative else self.spec.scale
        return {
            "series": self.spec.name,
            "description": self.spec.description,
            "commit": self.plan.commit,
            "time": absolute_column(self.spec).name if self.spec.relative else self.spec.time,
            "scale": str(scale),
            "zero_point": ZERO_POINT[scale],
            "start_us": span.start_us,
            "stop_us": span.stop_us,
        }
