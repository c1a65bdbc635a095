"""Writing rows: one segment a month and commit, whatever number of files brought them.

Owns the way from rows of many versions to segments and their entries in the catalogue. Must not know reading.

Workers `stage` rows, which checks them and turns them into their storage types; the writer then `record`s those of many
versions together. `append` does both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from typing_extensions import override

from longwatch.catalog.segments import RELATIVE, SegmentInfo, VersionRows, add_segments, add_version_rows
from longwatch.catalog.snapshot import Change
from longwatch.catalog.versions import hide_unseated
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Rows
from longwatch.domain.series import SeriesSpec
from longwatch.domain.timespan import month_of
from longwatch.domain.utc import Ints
from longwatch.series.encoding import encode
from longwatch.series.layout import Layout, laid_out
from longwatch.series.order import Array, repeats, sorting
from longwatch.series.rows import VERSION, key_names, schema_of, to_table
from longwatch.series.scale import instants
from longwatch.series.values import as_arrow, as_numpy, codes


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRows:
    """Rows that fit their series, in its storage types; travels from a worker to the writer.

    Parameters
    ----------
    series
        Name of the series.
    table
        The rows, without the version that brings them.
    """

    series: str
    table: pa.Table

    @override
    def __reduce__(self) -> tuple[Callable[[str, bytes], StagedRows], tuple[str, bytes]]:
        """Travel as one stream: buffer by buffer, a table of many columns and few rows takes ten times as long."""
        out = pa.BufferOutputStream()
        with pa.ipc.new_stream(out, self.table.schema) as stream:
            stream.write_table(self.table)
        return _arrived, (self.series, out.getvalue().to_pybytes())

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.table.num_rows)


def _arrived(series: str, stream: bytes) -> StagedRows:
    return StagedRows(series=series, table=pa.ipc.open_stream(stream).read_all())


def stage(spec: SeriesSpec, rows: Rows) -> StagedRows:
    """Check rows and turn them into their storage types.

    Parameters
    ----------
    spec
        The series' declaration.
    rows
        The rows.

    Returns
    -------
    StagedRows
        What the writer records.

    Raises
    ------
    BadQuery
        Raised if the rows contradict the declaration.
    """
    return StagedRows(series=spec.name, table=to_table(spec, rows))


def append(
    change: Change, store: ObjectStore, series_id: int, spec: SeriesSpec, batches: Sequence[tuple[int, Rows]]
) -> None:
    """Add rows to a series.

    Parameters
    ----------
    change
        The open change; the versions are already added.
    store
        Takes the segments.
    series_id
        The series' number in the catalogue.
    spec
        Its declaration.
    batches
        Rows with the version that brings them; of rows with an equal key in one version the last one stays.

    Raises
    ------
    BadQuery
        Raised if rows contradict the declaration; nothing was written.
    """
    record(change, store, series_id, spec, [(version_id, stage(spec, rows)) for version_id, rows in batches])


def record(
    change: Change, store: ObjectStore, series_id: int, spec: SeriesSpec, batches: Sequence[tuple[int, StagedRows]]
) -> None:
    """Add staged rows to a series; parameters as for `append`."""
    if not any(rows.n_rows for _, rows in batches):
        return
    table = _settled(_joined(spec, batches), spec)
    us = _instants(table, spec)
    add_segments(change, series_id, write_segments(store, spec, _by_month(table, spec, us)))
    add_version_rows(change, series_id, _version_rows(table, None if spec.relative else us))
    hide_unseated(change, sorted({version_id for version_id, _ in batches}))


def write_segments(store: ObjectStore, spec: SeriesSpec, months: Iterable[tuple[int, Layout]]) -> list[SegmentInfo]:
    """Store rows as segments, all made durable together.

    Parameters
    ----------
    store
        Takes the objects.
    spec
        The series' declaration.
    months
        Rows as they are to lie, with their month.

    Returns
    -------
    list of SegmentInfo
        As they are to be added to the catalogue.
    """
    described, staged = [], []
    for month, layout in months:
        seen = _Described(spec, month)
        staged.append(store.stage(encode(replace(layout, pieces=map(seen.passing, layout.pieces)))))
        described.append(seen)
    oids = store.settle(staged) if staged else []
    return [seen.named(oid, one.size) for oid, one, seen in zip(oids, staged, described, strict=True)]


def sort_keys(table: pa.Table, spec: SeriesSpec) -> list[Array]:
    """Give the arrays that order the rows of a table and make them unique."""
    return [codes(table[name]) for name in key_names(spec)]


class _Described:
    """What a segment holds, found out as its rows pass, before its object has a name."""

    def __init__(self, spec: SeriesSpec, month: int) -> None:
        self._spec = spec
        self._month = month
        self._n_rows = 0
        self._ends: list[int] = []
        self._plain = True
        self._exposures: dict[str, None] = {}

    def passing(self, piece: pa.Table) -> pa.Table:
        """Note rows that hold all that have their keys."""
        us = _instants(piece, self._spec)
        self._n_rows += piece.num_rows
        self._ends += [int(us.min()), int(us.max())]
        self._plain &= not repeats(sort_keys(piece, self._spec)).any()
        if self._spec.relative:
            self._exposures |= dict.fromkeys(piece[self._spec.exposure].unique().to_pylist())
        return piece

    def named(self, oid: str, size: int) -> SegmentInfo:
        """Give the entry for the catalogue."""
        return SegmentInfo(
            month=self._month,
            oid=oid,
            size=size,
            n_rows=self._n_rows,
            span=(min(self._ends), max(self._ends)),
            plain=self._plain,
            exposures=tuple(self._exposures),
        )


def _joined(spec: SeriesSpec, batches: Sequence[tuple[int, StagedRows]]) -> pa.Table:
    """Give the rows of many versions as one table; a column declared since they were staged is missing in them."""
    tables = [pa.Table.from_batches([], schema_of(spec)), *(rows.table for _, rows in batches)]
    versions = np.repeat([version_id for version_id, _ in batches], [rows.n_rows for _, rows in batches])
    joined = pa.concat_tables(tables, promote_options="default").unify_dictionaries()
    return joined.append_column(VERSION, as_arrow(versions.astype(np.int64)))


def _settled(table: pa.Table, spec: SeriesSpec) -> pa.Table:
    """Sort rows by key and version, and keep the last of rows with the same key and version."""
    table = table.combine_chunks()
    keys = [*sort_keys(table, spec), as_numpy(table[VERSION])]
    order = sorting(keys)
    return table.take(as_arrow(order[~repeats([key[order] for key in keys])]))


def _instants(table: pa.Table, spec: SeriesSpec) -> Ints:
    return instants(as_numpy(table[spec.time]), spec.scale)


def _by_month(table: pa.Table, spec: SeriesSpec, us: Ints) -> Iterable[tuple[int, Layout]]:
    if spec.relative:
        yield RELATIVE, laid_out(spec, table)
        return
    months = month_of(us)
    cuts = [0, *(np.flatnonzero(np.diff(months)) + 1), len(months)]
    for begin, end in pairwise(cuts):
        yield int(months[begin]), laid_out(spec, table.slice(begin, end - begin))


def _version_rows(table: pa.Table, us: Ints | None) -> list[VersionRows]:
    versions = as_numpy(table[VERSION])
    order = np.argsort(versions, kind="stable")
    ids, begins, counts = np.unique(versions[order], return_index=True, return_counts=True)
    ends = begins + counts - 1
    return [
        VersionRows(
            version_id=int(version_id),
            n_rows=int(count),
            span=None if us is None else (int(us[order[begin]]), int(us[order[end]])),
        )
        for version_id, count, begin, end in zip(ids, counts, begins, ends, strict=True)
    ]
