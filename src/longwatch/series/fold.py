"""Folding: the small segments of a month become one, and no answer changes.

Owns the rule when a fold is due, and the fold. Must not know which rows answer: every row of every version is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from longwatch.catalog.segments import SegmentInfo, add_segments, retire_segments, segments_of
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.series import SeriesSpec
from longwatch.series.order import sorting
from longwatch.series.read import conformed
from longwatch.series.rows import VERSION
from longwatch.series.segment import SegmentFiles
from longwatch.series.write import sort_keys, write_segments

DUE = 8
"""More small segments than this in one month are folded."""

SMALL = 16 << 20
"""Smaller segments than this are small [bytes]."""

FOLDED = 64 << 20
"""One fold takes in no more than about this [bytes], so memory stays bounded."""


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
    tables = ((batch[0].month, _merged(files, spec, batch)) for batch in batches)
    add_segments(change, series_id, write_segments(store, spec, tables))
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


def _merged(files: SegmentFiles, spec: SeriesSpec, batch: list[SegmentInfo]) -> pa.Table:
    names = [*(column.name for column in spec.columns), VERSION]
    parts = [conformed(spec, names, files.read_all(segment.oid, names)) for segment in batch]
    table = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
    return table.take(sorting([*sort_keys(table, spec), table[VERSION].to_numpy()]))
