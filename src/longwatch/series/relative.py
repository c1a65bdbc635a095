"""Relative series: rows that count from the start of an exposure, and are placed in time when it is known.

Owns the reading of relative rows. Must not know how an answer is dressed for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.exposures import exposures_between, exposures_named
from longwatch.catalog.segments import SegmentInfo, exposures_in, segments_with_exposures
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.domain.utc import Ints
from longwatch.series.conform import SPAN, concatenated, conformed
from longwatch.series.order import sorting
from longwatch.series.plan import Plan
from longwatch.series.read import Ask, Reader, Spans, only
from longwatch.series.rows import VERSION, key_names
from longwatch.series.scale import ZERO_POINT, instants
from longwatch.series.values import as_arrow
from longwatch.series.write import sort_keys

INSTANT = "_instant"
"""Column of the rows' absolute times [microseconds of TAI]; missing where the exposure's start is unknown."""


def absolute_column(spec: SeriesSpec) -> Column:
    """Give the column of absolute instants that an answer of a relative series has."""
    taken = any(column.name == "time" for column in spec.columns)
    return Column(
        name="instant" if taken else "time",
        unit="us",
        description=f"Start of the exposure and {spec.time}, {ZERO_POINT[TimeScale.TAI_US]}",
        dtype="i8",
    )


@dataclass(frozen=True, slots=True)
class RelativeReader:
    """Gives rows of relative series.

    Parameters
    ----------
    catalog
        Knows exposures and their starts.
    reader
        Reads and merges segments.
    """

    catalog: Catalog
    reader: Reader

    def between(self, plan: Plan, ask: Ask, span: Timespan) -> pa.Table:
        """Give the rows of a span, with their instants; rows whose exposure has no known start are left out."""
        starts, segments = self._placed(plan, span)
        table = self._rows(plan, ask, segments, starts)
        us = table[INSTANT].to_numpy()
        return _first(table.filter(as_arrow((us >= span.start_us) & (us < span.stop_us))), ask.limit)

    def within(self, plan: Plan, ask: Ask, spans: Spans) -> pa.Table:
        """Give the rows of several spans, with their instants and a column `_span` that tells which."""
        start_us = int(spans.start_us.min(initial=MAX_US))
        reach = Timespan(start_us, int(spans.stop_us.max(initial=start_us)))
        table = self.between(plan, ask, reach)
        us = table[INSTANT].to_numpy()
        begin, end = np.searchsorted(us, spans.start_us), np.searchsorted(us, spans.stop_us)
        inside = [np.arange(a, b) for a, b in zip(begin, end, strict=True)]
        table = table.take(as_arrow(np.concatenate([np.empty(0, np.int64), *inside])))
        table = table.append_column(SPAN, as_arrow(np.repeat(spans.number, np.maximum(end - begin, 0))))
        return table.take(as_arrow(np.argsort(table[SPAN].to_numpy(), kind="stable")))

    def of_exposures(self, plan: Plan, ask: Ask, obs_ids: Sequence[str]) -> pa.Table:
        """Give the rows of some exposures, placed or not."""
        with self.catalog.read(plan.commit) as snapshot:
            known = exposures_named(snapshot, plan.spec.instrument, obs_ids)
            segments = segments_with_exposures(snapshot, plan.series_id, obs_ids)
        starts = {name: known[name].t_min_us if name in known else None for name in obs_ids}
        return _first(self._rows(plan, ask, segments, starts), ask.limit)

    def unplaced(self, plan: Plan) -> list[str]:
        """Give the exposures that have rows but no known start."""
        return sorted(name for name, start in self.starts(plan).items() if start is None)

    def starts(self, plan: Plan) -> dict[str, int | None]:
        """Give the exposures in the segments of a series with their starts, None where unknown."""
        with self.catalog.read(plan.commit) as snapshot:
            obs_ids = exposures_in(snapshot, [s.id for s in plan.segments])
            known = exposures_named(snapshot, plan.spec.instrument, obs_ids)
        return {name: known[name].t_min_us if name in known else None for name in obs_ids}

    def _placed(self, plan: Plan, span: Timespan) -> tuple[dict[str, int | None], list[SegmentInfo]]:
        first, last = int(plan.first.min(initial=0)), int(plan.last.max(initial=0))
        whole = Timespan(span.start_us, min(span.stop_us - first, MAX_US))
        longest = last if span.start_us > MIN_US else 0
        with self.catalog.read(plan.commit) as snapshot:
            found = exposures_between(snapshot, plan.spec.instrument, whole, longest_us=longest)
            segments = segments_with_exposures(snapshot, plan.series_id, found)
        return {name: exposure.t_min_us for name, exposure in found.items()}, segments

    def _rows(self, plan: Plan, ask: Ask, segments: Sequence[SegmentInfo], starts: dict[str, int | None]) -> pa.Table:
        """Read, merge and place the rows of some exposures, sorted by instant and key."""
        spec = plan.spec
        names = list(dict.fromkeys([*ask.columns, *ask.where, *key_names(spec), VERSION]))
        parts = [self._cut(plan, segment, names, starts) for segment in segments]
        merged = self.reader.merged(plan, segments, parts) if parts else concatenated(spec, names, parts)
        table = only(spec, merged, ask.where)
        instant = _instants(table[spec.exposure], instants(table[spec.time].to_numpy(), spec.scale), starts)
        known = pc.fill_null(instant, MAX_US).to_numpy()
        return table.append_column(INSTANT, instant).take(as_arrow(sorting([known, *sort_keys(table, spec)])))

    def _cut(self, plan: Plan, segment: SegmentInfo, names: Sequence[str], starts: dict[str, int | None]) -> pa.Table:
        exposure = plan.spec.exposure
        wanted = pa.array(list(starts), type=pa.string())
        groups = self.reader.files.groups_within(segment.oid, exposure, min(starts), max(starts))
        table = conformed(plan.spec, names, self.reader.files.read(segment.oid, groups, names))
        return table.filter(pc.is_in(table[exposure].cast(pa.string()), value_set=wanted))


def _first(table: pa.Table, limit: int | None) -> pa.Table:
    return table if limit is None else table.slice(0, limit)


def _instants(exposures: pa.ChunkedArray, offset_us: Ints, starts: dict[str, int | None]) -> pa.ChunkedArray:
    names = pa.array(list(starts), type=pa.string())
    values = pa.array(list(starts.values()), type=pa.int64())
    begun = pc.take(values, pc.index_in(exposures.cast(pa.string()), value_set=names))
    return pc.add(begun, as_arrow(offset_us))
