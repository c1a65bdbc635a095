"""Folding: the small segments of a month become one, and no answer changes.

Owns the rule when a fold is due, and the fold. Must not know which rows answer: every row of every version is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.catalog.segments import SegmentInfo, add_segments, retire_segments, segments_of
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.series import SeriesSpec
from longwatch.series.conform import conformed
from longwatch.series.layout import Layout, beside_time, layout_of, runs_of_keys, whole
from longwatch.series.order import sorting
from longwatch.series.read import Ask, Spans, cut
from longwatch.series.rows import VERSION, key_names
from longwatch.series.segment import SegmentFiles
from longwatch.series.values import as_arrow, as_numpy
from longwatch.series.write import sort_keys, write_segments

DUE = 8
"""More small segments than this in one month are folded."""

SMALL = 64 << 20
"""Smaller segments than this are small [bytes]."""

FOLDED = 256 << 20
"""One fold makes segments of about this size [bytes], which are held in memory until they are stored."""

PIECE = 100_000
"""Rows of one key that are merged at once, so memory stays bounded."""


def fold_due(snapshot: Snapshot, series_id: int) -> list[int]:
    """Give the months of a series that hold more than `DUE` small segments."""
    return [month for month, small in _small(segments_of(snapshot, series_id)).items() if len(small) > DUE]


def fold(change: Change, store: ObjectStore, series_id: int, spec: SeriesSpec, *, month: int | None = None) -> int:
    """Merge the small segments of each month into one; the old ones are retired and stay for earlier commits.

    Parameters
    ----------
    change
        The open change.
    store
        Where segments are read and written.
    series_id, spec
        The series.
    month
        Only this month (`year * 100 + month`, 0 in a relative series); None: all.

    Returns
    -------
    int
        How many segments were retired.
    """
    small = _small(segments_of(change, series_id)).items()
    batches = [batch for number, some in small if month in {None, number} for batch in _batches(some)]
    files = SegmentFiles(store)
    layouts = ((batch[0].month, _merged(files, spec, batch)) for batch in batches)
    add_segments(change, series_id, write_segments(store, spec, layouts))
    old = [segment.id for batch in batches for segment in batch]
    retire_segments(change, old)
    return len(old)


def _small(segments: Iterable[SegmentInfo]) -> dict[int, list[SegmentInfo]]:
    by_month: dict[int, list[SegmentInfo]] = defaultdict(list)
    for segment in segments:
        if segment.size < SMALL:
            by_month[segment.month].append(segment)
    return by_month


def _batches(segments: Iterable[SegmentInfo]) -> Iterable[list[SegmentInfo]]:
    batch: list[SegmentInfo] = []
    for segment in segments:
        batch.append(segment)
        if sum(s.size for s in batch) >= FOLDED:
            yield batch
            batch = []
    if len(batch) > 1:
        yield batch


def _merged(files: SegmentFiles, spec: SeriesSpec, batch: list[SegmentInfo]) -> Layout:
    """Give all rows of some segments, sorted by key and version; they are read piece by piece."""
    names = [*(column.name for column in spec.columns), VERSION]
    empty = conformed(spec, names, files.read(batch[0].oid, [], names))
    schema = pa.schema([_field(field, [files.schema(segment.oid) for segment in batch]) for field in empty.schema])
    keys = _read(files, spec, batch, key_names(spec))
    if spec.relative:
        return layout_of(spec, schema, [_settled(spec, _read(files, spec, batch, names))], by_key=False)
    runs = runs_of_keys(spec, keys)
    asked = _asked(spec, keys, runs or [np.arange(keys.num_rows)], names)
    pieces = (_piece(files, spec, batch, ask, span) for ask, span in asked)
    return layout_of(spec, schema, pieces, by_key=runs is not None)


def _field(field: pa.Field, schemas: Sequence[pa.Schema]) -> pa.Field:
    """Give a column as it is in the fold: whole where it is whole in every segment."""
    held = [schema.field(field.name) for schema in schemas if field.name in schema.names]
    return whole(field) if len(held) == len(schemas) and not any(one.nullable for one in held) else field


def _read(files: SegmentFiles, spec: SeriesSpec, batch: list[SegmentInfo], names: Sequence[str]) -> pa.Table:
    parts = [conformed(spec, names, files.read_all(segment.oid, names)) for segment in batch]
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()


def _settled(spec: SeriesSpec, table: pa.Table) -> pa.Table:
    return table.take(as_arrow(sorting([*sort_keys(table, spec), as_numpy(table[VERSION])])))


def _asked(
    spec: SeriesSpec, keys: pa.Table, runs: Sequence[NDArray[np.intp]], names: Sequence[str]
) -> Iterator[tuple[Ask, Spans]]:
    """Give what to ask for each piece: one key, where there are several runs, and a span of native times."""
    times = as_numpy(keys[spec.time])
    for run in runs:
        of_key = {name: keys[name][int(run[0])].as_py() for name in beside_time(spec)} if len(runs) > 1 else {}
        ordered = np.sort(times[run])
        begins = np.unique(ordered[::PIECE])
        for low, high in zip(begins, [*begins[1:], ordered[-1] + 1], strict=True):
            yield Ask(columns=names, where=of_key), Spans.native(low, high)


def _piece(files: SegmentFiles, spec: SeriesSpec, batch: list[SegmentInfo], ask: Ask, span: Spans) -> pa.Table:
    parts = [cut(files, spec, segment.oid, ask, span) for segment in batch]
    return _settled(spec, pa.concat_tables(parts).unify_dictionaries().combine_chunks())
