"""Segments as Parquet files: how rows become one, and how parts of one are read.

Owns the file format and the cache of footers. Must not know which rows answer.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectStore
from longwatch.domain.epoch import Scalar
from longwatch.errors import Unavailable
from longwatch.series.layout import Layout
from longwatch.series.order import Array
from longwatch.series.rows import VERSION

_FOOTERS = 4096
_REALS = {"FLOAT", "DOUBLE"}
_ANYWHERE: Mapping[str, Scalar] = {}


def encode(layout: Layout) -> memoryview:
    """Give rows as a Parquet file. Times stand uncompressed: nothing of them repeats, and so they are fast to read."""
    fields = list(layout.schema)
    words = [field.name for field in fields if pa.types.is_dictionary(field.type)]
    out = io.BytesIO()
    with pq.ParquetWriter(
        out,
        layout.schema,
        compression={_leaf(field): "none" if field.name == layout.time else "lz4" for field in fields},
        use_dictionary=[*words, VERSION],
        sorting_columns=pq.SortingColumn.from_ordering(layout.schema, [(name, "ascending") for name in layout.order]),
    ) as writer:
        for piece in layout.pieces:
            writer.write_table(piece.cast(layout.schema), row_group_size=layout.group)
    return out.getbuffer()


def _leaf(field: pa.Field) -> str:
    """Give the path of a column's values, as Parquet names it."""
    return f"{field.name}.list.element" if pa.types.is_nested(field.type) else field.name


class Range(NamedTuple):
    """Between which values a column lies in each row group.

    Parameters
    ----------
    first, last
        (n_group,), its smallest and largest value; None where the file does not say, as of very long words.
    constant
        (n_group,), whether it surely has one value in all rows; never said of real numbers, which may be NaN.
    """

    first: Array
    last: Array
    constant: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Footer:
    """What the end of a segment says.

    Parameters
    ----------
    metadata
        As Parquet gives it.
    names
        Its columns.
    order
        Those the rows are sorted by, the weightiest first; empty where it does not say.
    """

    metadata: pq.FileMetaData
    names: frozenset[str]
    order: tuple[str, ...]

    def range(self, name: str) -> Range:
        """Give between which values a column lies in each row group."""
        group = self.metadata.row_group(0)
        at = [group.column(i).path_in_schema for i in range(self.metadata.num_columns)].index(name)
        found = [self.metadata.row_group(i).column(at).statistics for i in range(self.metadata.num_row_groups)]
        ends = [(one.min, one.max) if one is not None and one.has_min_max else (None, None) for one in found]
        first, last = (np.array(values) for values in zip(*ends, strict=True))
        said = np.array([low is not None for low, _ in ends])
        return Range(first, last, said & (first == last) & (group.column(at).physical_type not in _REALS))


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
        self._range = lru_cache(maxsize=_FOOTERS)(self._read_range)

    def groups(
        self, oid: ObjectId, leading: str, low: Array, reach: Array, where: Mapping[str, Scalar] = _ANYWHERE
    ) -> list[int]:
        """Give the row groups whose rows may lie in one of some half-open ranges and have some values.

        Parameters
        ----------
        oid
            The segment.
        leading
            Name of the column the ranges are of.
        low
            (n,), where the ranges begin, ascending.
        reach
            (n,), how far the ranges up to each one extend.
        where
            Values that columns of the key must have.

        Returns
        -------
        list of int
            Numbers of row groups.
        """
        found = self._range(oid, leading)
        begun = np.searchsorted(low, found.last, side="right")
        hit = (begun > 0) & (reach[begun - 1] > found.first)
        for name, value in where.items():
            one = self._range(oid, name)
            hit &= ~one.constant | (one.first == value)
        return [int(number) for number in np.flatnonzero(hit)]

    def mixed(self, oid: ObjectId, groups: Sequence[int], where: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Give the conditions that not all rows of some row groups surely meet, groups chosen by these conditions."""
        return {name: value for name, value in where.items() if not self._range(oid, name).constant[groups].all()}

    def lies_by(self, oid: ObjectId, name: str, where: Mapping[str, Scalar]) -> bool:
        """Tell whether rows that have some values are surely sorted by a column."""
        order = self._footer(oid).order
        return name in order and where.keys() >= set(order[: order.index(name)])

    def groups_within(self, oid: ObjectId, leading: str, first: str, last: str) -> list[int]:
        """Give the row groups whose leading column of words may lie between two words, both inclusive."""
        found = self._range(oid, leading)
        return [
            i
            for i, (low, high) in enumerate(zip(found.first, found.last, strict=True))
            if low is None or (low <= last and high >= first)
        ]

    def read(self, oid: ObjectId, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some row groups; columns the segment does not have are left out."""
        footer = self._footer(oid)
        known = [name for name in columns if name in footer.names]
        try:
            with pq.ParquetFile(self._source(oid), metadata=footer.metadata) as file:
                return file.read_row_groups(groups, columns=known, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(oid, error) from error

    def read_all(self, oid: ObjectId, columns: Sequence[str]) -> pa.Table:
        """Read columns of a whole segment."""
        return self.read(oid, range(self._footer(oid).metadata.num_row_groups), columns)

    def schema(self, oid: ObjectId) -> pa.Schema:
        """Give the columns of a segment; those without a missing element are not nullable."""
        return self._footer(oid).metadata.schema.to_arrow_schema()

    def _read_footer(self, oid: ObjectId) -> Footer:
        try:
            metadata = pq.read_metadata(self._source(oid))
        except (pa.ArrowException, OSError) as error:
            raise _damaged(oid, error) from error
        names = metadata.schema.to_arrow_schema().names
        sorting = metadata.row_group(0).sorting_columns
        return Footer(metadata, frozenset(names), tuple(names[one.column_index] for one in sorting))

    def _read_range(self, oid: ObjectId, name: str) -> Range:
        return self._footer(oid).range(name)

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
