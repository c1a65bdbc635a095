"""Segments as Parquet files: how a table becomes one, and how parts of one are read.

Owns the file format and the cache of footers. Must not know which rows answer.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectStore
from longwatch.errors import Unavailable
from longwatch.series.order import Array

ROW_GROUP = 20_000
"""Rows that are read together at least."""

_FOOTERS = 4096


def encode(table: pa.Table) -> bytes:
    """Give a table as a Parquet file; columns without a missing element say so, which makes them faster to read."""
    fields = [field if table[field.name].null_count else _whole(field) for field in table.schema]
    words = [field.name for field in fields if pa.types.is_dictionary(field.type)]
    out = io.BytesIO()
    pq.write_table(
        table.cast(pa.schema(fields)), out, row_group_size=ROW_GROUP, compression="lz4", use_dictionary=words
    )
    return out.getvalue()


def _whole(field: pa.Field) -> pa.Field:
    return field if pa.types.is_nested(field.type) else field.with_nullable(nullable=False)


@dataclass(frozen=True, slots=True)
class Footer:
    """What the end of a segment says.

    Parameters
    ----------
    metadata
        As Parquet gives it.
    names
        Its columns.
    first, last
        (n_group,), smallest and largest value of the leading column in each row group.
    """

    metadata: pq.FileMetaData
    names: frozenset[str]
    first: Array
    last: Array


class SegmentFiles:
    """Reads segments from a store, and remembers their footers.

    Parameters
    ----------
    store
        Where the objects are.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._footer = lru_cache(maxsize=_FOOTERS)(self._read_footer)

    def groups(self, oid: ObjectId, leading: str, low: Array, reach: Array) -> list[int]:
        """Give the row groups whose leading column may lie in one of some half-open ranges.

        Parameters
        ----------
        oid
            The segment.
        leading
            Name of the column its rows are sorted by.
        low
            (n,), where the ranges begin, ascending.
        reach
            (n,), how far the ranges up to each one extend.

        Returns
        -------
        list of int
            Numbers of row groups.
        """
        footer = self._footer(oid, leading)
        begun = np.searchsorted(low, footer.last, side="right")
        hit = (begun > 0) & (reach[begun - 1] > footer.first)
        return [int(number) for number in np.flatnonzero(hit)]

    def groups_within(self, oid: ObjectId, leading: str, first: str, last: str) -> list[int]:
        """Give the row groups whose leading column of words may lie between two words, both inclusive."""
        footer = self._footer(oid, leading)
        return [
            i
            for i, (low, high) in enumerate(zip(footer.first, footer.last, strict=True))
            if low <= last and high >= first
        ]

    def read(self, oid: ObjectId, leading: str, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some row groups; columns the segment does not have are left out."""
        footer = self._footer(oid, leading)
        known = [name for name in columns if name in footer.names]
        try:
            with pq.ParquetFile(self._source(oid), metadata=footer.metadata) as file:
                return file.read_row_groups(groups, columns=known, use_threads=False)
        except pa.ArrowException as error:
            raise _damaged(oid, error) from error

    def read_all(self, oid: ObjectId, leading: str, columns: Sequence[str]) -> pa.Table:
        """Read columns of a whole segment."""
        return self.read(oid, leading, range(self._footer(oid, leading).metadata.num_row_groups), columns)

    def _read_footer(self, oid: ObjectId, leading: str) -> Footer:
        try:
            metadata = pq.read_metadata(self._source(oid))
        except pa.ArrowException as error:
            raise _damaged(oid, error) from error
        names = metadata.schema.to_arrow_schema().names
        paths = [metadata.row_group(0).column(i).path_in_schema for i in range(metadata.num_columns)]
        at = paths.index(leading)
        found = [metadata.row_group(group).column(at).statistics for group in range(metadata.num_row_groups)]
        return Footer(metadata, frozenset(names), np.array([s.min for s in found]), np.array([s.max for s in found]))

    def _source(self, oid: ObjectId) -> pa.NativeFile:
        view = self._store.view(oid)
        if view is not None:
            return pa.BufferReader(pa.py_buffer(view))
        return pa.PythonFile(_Remote(self._store, oid), mode="r")


class _Remote(io.RawIOBase):
    """An object of a store that cannot be mapped, read range by range."""

    def __init__(self, store: ObjectStore, oid: ObjectId) -> None:
        self._store, self._oid = store, oid
        self._size, self._at = store.size(oid), 0

    @override
    def readable(self) -> bool:
        return True

    @override
    def seekable(self) -> bool:
        return True

    @override
    def tell(self) -> int:
        return self._at

    @override
    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    @override
    def read(self, size: int = -1) -> bytes:
        left = max(self._size - self._at, 0)
        wanted = left if size < 0 else min(size, left)
        data = self._store.read(self._oid, self._at, wanted) if wanted else b""
        self._at += len(data)
        return data


def _damaged(oid: ObjectId, error: Exception) -> Unavailable:
    return Unavailable(
        f"Segment {oid[:12]} cannot be read as Parquet: {error}. Run `longwatch verify` to find out more."
    )
