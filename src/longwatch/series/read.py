"""Reading rows: which answer, cut to spans, sorted, each key once.

Owns the read rule. Must not know the catalogue's tables or how an answer is dressed for people.

Segments that overlap no other one, hold each key once and no hidden row are cut by binary search, and nothing is
sorted. Whatever overlaps is merged, cluster by cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.catalog.segments import SegmentInfo
from longwatch.contracts.objectstore import ObjectId
from longwatch.domain.column import column_named
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.utc import Ints
from longwatch.series.blocks import Part, length
from longwatch.series.conform import SPAN, concatenated, conformed, type_of
from longwatch.series.layout import beside_time
from longwatch.series.order import Array, answering, ascending
from longwatch.series.plan import Plan, Plans
from longwatch.series.rows import VERSION, key_names
from longwatch.series.scale import native_bounds
from longwatch.series.segment import Piece, SegmentFiles
from longwatch.series.values import as_arrow, as_numpy, from_arrow
from longwatch.series.write import sort_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is wanted of a series.

    Parameters
    ----------
    columns
        Names of columns.
    where
        Values some columns must have.
    limit
        Most rows wanted, the first ones; None: all.
    """

    columns: Sequence[str]
    where: Mapping[str, Scalar] = field(default_factory=dict)
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Spans:
    """Half-open spans by ascending start.

    Parameters
    ----------
    number
        (n,), their numbers as asked.
    start_us, stop_us
        (n,), instants [microseconds of TAI].
    low, high
        (n,), the same as bounds of the native time.
    reach
        (n,), the highest `high` so far.
    several
        Whether rows say to which span they belong.
    """

    number: NDArray[np.intp]
    start_us: Ints
    stop_us: Ints
    low: Array
    high: Array
    reach: Array
    several: bool

    @classmethod
    def native(cls, low: Scalar, high: Scalar) -> Spans:
        """Give one span of native times; its instants are not known."""
        none, bounds = np.zeros(1, dtype=np.int64), np.array([low, high])
        return cls(np.zeros(1, dtype=np.intp), none, none, bounds[:1], bounds[1:], bounds[1:], several=False)

    @classmethod
    def of(cls, spec: SeriesSpec, start_us: Ints, stop_us: Ints, *, several: bool = False) -> Spans:
        """Give spans for a series' native time."""
        number = np.argsort(start_us, kind="stable")
        start_us, stop_us = start_us[number], stop_us[number]
        scale = TimeScale.TAI_US if spec.relative else spec.scale
        bounds, n_spans = native_bounds(np.concatenate([start_us, stop_us]), scale), len(number)
        low, high = bounds[:n_spans], bounds[n_spans:]
        return cls(number, start_us, stop_us, low, high, np.maximum.accumulate(high), several)


@dataclass(frozen=True, slots=True)
class Reader:
    """Gives the rows of a series that answer.

    Parameters
    ----------
    plans
        Knows segments and ranks.
    files
        Reads segments.
    """

    plans: Plans
    files: SegmentFiles

    def rows(self, plan: Plan, ask: Ask, spans: Spans) -> pa.Table:
        """Give the rows of some spans that answer at the plan's commit.

        Parameters
        ----------
        plan
            The series; not a relative one.
        ask
            Columns and conditions.
        spans
            When; for several spans a column `_span` tells which, and a row in two spans is given twice.

        Returns
        -------
        pyarrow.Table
            Sorted by span, time and key.
        """
        names = list(dict.fromkeys([*ask.columns, *_span_column(spans)]))
        parts = self.parts(plan, ask, spans) or [[]]
        tables = [joined(self.files, plan.spec, names, part) if isinstance(part, list) else part for part in parts]
        table = tables[0] if len(tables) == 1 else concatenated(plan.spec, names, tables)
        if spans.several:
            table = table.take(as_arrow(np.argsort(as_numpy(table[SPAN]), kind="stable")))
        return table if ask.limit is None else table.slice(0, ask.limit)

    def parts(self, plan: Plan, ask: Ask, spans: Spans) -> list[Part]:
        """Give the rows of some spans that answer, read only where they had to be merged; as for `rows`."""
        parts: list[Part] = []
        count = 0
        for cluster in plan.clusters(spans.start_us, spans.stop_us):
            alone = self._alone(plan, cluster, ask, spans)
            if alone is None:
                parts.append(self._cluster(plan, cluster, ask, spans))
            elif parts and isinstance(parts[-1], list):
                parts[-1] = parts[-1] + alone
            else:
                parts.append(alone)
            count += length(parts[-1] if alone is None else alone)
            if ask.limit is not None and count >= ask.limit:
                break
        return parts

    def merged(self, plan: Plan, segments: Sequence[SegmentInfo], parts: Sequence[pa.Table]) -> pa.Table:
        """Give the rows of overlapping segments that answer, by key; the parts hold the key and `_version`."""
        hidden = plan.hidden_in(segments)
        table = without(pa.concat_tables(parts).unify_dictionaries().combine_chunks(), hidden)
        keys = sort_keys(table, plan.spec)
        if SPAN in table.column_names:
            keys.insert(0, as_numpy(table[SPAN]))
        if ascending(keys):
            return table
        versions, place = np.unique(as_numpy(table[VERSION]), return_inverse=True)
        return table.take(as_arrow(answering(keys, self.plans.ranks(versions)[place])))

    def _cluster(self, plan: Plan, cluster: list[SegmentInfo], ask: Ask, spans: Spans) -> pa.Table:
        """Give the rows of segments that overlap each other, but none else.

        What the key must be is asked of each segment: rows that compete have equal keys. All else is asked at the end.
        """
        of_key, left = _parted(plan.spec, ask.where)
        names = dict.fromkeys([*ask.columns, *left, *_span_column(spans), plan.spec.time])
        pieces = self._alone(plan, cluster, Ask(columns=list(names), where=of_key), spans)
        if pieces is not None:
            table = joined(self.files, plan.spec, list(names), pieces)
        else:
            single = len(cluster) == 1 and self._is_plain(plan, cluster)
            names |= {} if single else dict.fromkeys([*key_names(plan.spec), VERSION])
            asked = Ask(columns=list(names), where=of_key)
            parts = [cut(self.files, plan.spec, segment.oid, asked, spans) for segment in cluster]
            table = parts[0] if single else self.merged(plan, cluster, parts)
        return only(plan.spec, table, left).select(list(dict.fromkeys([*ask.columns, *_span_column(spans)])))

    def _alone(self, plan: Plan, cluster: list[SegmentInfo], ask: Ask, spans: Spans) -> list[Piece] | None:
        """Give the rows of segments as pieces, if they lie so, no two can have an equal key and none is hidden."""
        one_key = ask.where.keys() == set(beside_time(plan.spec))
        if spans.several or _parted(plan.spec, ask.where)[1] or not (one_key or len(cluster) == 1):
            return None
        if not self._is_plain(plan, cluster):
            return None
        low, high = spans.low[0], spans.high[0]
        found = [self.files.piece(segment.oid, plan.spec.time, low, high, ask.where) for segment in cluster]
        pieces = [piece for piece in found if piece is not None and piece.from_row < piece.to_row]
        apart = None not in found and all(a.last < b.first for a, b in pairwise(pieces))
        return pieces if apart else None

    def _is_plain(self, plan: Plan, segments: Sequence[SegmentInfo]) -> bool:
        """Tell whether segments each hold every key once, and no row that does not answer."""
        return all(segment.plain for segment in segments) and not len(plan.hidden_in(segments))


def _parted(spec: SeriesSpec, where: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], dict[str, Scalar]]:
    """Part conditions on the key from those on other columns."""
    of_key = {name: value for name, value in where.items() if name in spec.key}
    return of_key, {name: value for name, value in where.items() if name not in of_key}


def joined(files: SegmentFiles, spec: SeriesSpec, names: Sequence[str], pieces: Sequence[Piece]) -> pa.Table:
    """Read pieces, one after the other."""
    columns = {name: files.take(pieces, name, type_of(spec, name)) for name in names}
    left = [name for name, column in columns.items() if column is None]
    if left:
        parts = [conformed(spec, left, files.rows(piece, left)) for piece in pieces]
        columns |= dict(zip(left, concatenated(spec, left, parts).columns, strict=True))
    return pa.table(columns)


def cut(files: SegmentFiles, spec: SeriesSpec, oid: ObjectId, ask: Ask, spans: Spans) -> pa.Table:
    """Read the rows of one segment that lie in some spans and have some key.

    Parameters
    ----------
    files
        Reads segments.
    spec, oid
        The series, not a relative one, and the segment.
    ask
        Columns, the time among them; conditions on columns of the key.
    spans
        When.

    Returns
    -------
    pyarrow.Table
        By time and key; for several spans by span, with a column `_span`.
    """
    piece = None if spans.several else files.piece(oid, spec.time, spans.low[0], spans.high[0], ask.where)
    if piece is not None:
        return conformed(spec, ask.columns, files.rows(piece, ask.columns))
    groups = files.groups(oid, spec.time, spans.low, spans.reach, ask.where)
    mixed = files.mixed(oid, groups, ask.where)
    names = list(dict.fromkeys([*ask.columns, *mixed]))
    table = only(spec, conformed(spec, names, files.read(oid, groups, names)), mixed)
    table = table.select([name for name in ask.columns if name != SPAN])
    if not files.lies_by(oid, spec.time, ask.where):
        table = _by_time(spec, table, spans)
    times = as_numpy(table[spec.time])
    begin, end = np.searchsorted(times, spans.low), np.searchsorted(times, spans.high)
    if not spans.several:
        return table.slice(int(begin[0]), int(end[0] - begin[0]))
    counts = np.maximum(end - begin, 0)
    shift = np.repeat(np.cumsum(counts) - counts - begin, counts)
    inside = table.take(as_arrow(np.arange(counts.sum()) - shift))
    return inside.append_column(SPAN, as_arrow(np.repeat(spans.number, counts)))


def _by_time(spec: SeriesSpec, table: pa.Table, spans: Spans) -> pa.Table:
    """Give rows by time and key that lie by time, or key by key; those before and after all spans may be left out."""
    times = as_numpy(table[spec.time])
    if np.all(times[1:] >= times[:-1]):
        return table
    inside = np.flatnonzero((times >= spans.low[0]) & (times < spans.reach[-1]))
    return table.take(as_arrow(inside[np.argsort(times[inside], kind="stable")]))


def without(table: pa.Table, hidden: Ints) -> pa.Table:
    """Leave out the rows of versions that do not answer."""
    if not len(hidden):
        return table
    gone = np.isin(as_numpy(table[VERSION]), hidden)
    return table.filter(as_arrow(~gone)) if gone.any() else table


def only(spec: SeriesSpec, table: pa.Table, where: Mapping[str, Scalar]) -> pa.Table:
    """Keep the rows whose columns have some values."""
    for name, value in where.items():
        column = column_named(spec.columns, name, of=f"Series {spec.name!r}")
        equal = np.ma.filled(from_arrow(column, table[name]) == value, fill_value=False)
        table = table.filter(as_arrow(np.asarray(equal, dtype=bool)))
    return table


def _span_column(spans: Spans) -> list[str]:
    return [SPAN] if spans.several else []
