"""Kept statistics as Parquet files: one channel in one month or year, a row group for each level and group of rows.

Owns the file format. Must not know how statistics come about, nor what they were made from.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from longwatch.contracts.objectstore import ObjectId, ObjectStore
from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import TimeScale
from longwatch.errors import Unavailable
from longwatch.series.bins import Level
from longwatch.series.statistics import NUMBERS, SHARES, is_state, no_statistics
from longwatch.series.values import as_arrow, strings

ALL: Final = -1
"""Number of the group of all rows."""

Group: TypeAlias = tuple[Scalar, ...]
"""Values of the key that some rows have in common."""

_CONTENTS: Final = b"longwatch"
_FOOTERS: Final = 1024
_UNREADABLE: Final = (pa.ArrowException, OSError, KeyError, TypeError, ValueError)
_OF_NUMBERS: Final = pa.schema(
    [("bin", pa.int64()), ("n", pa.int64()), *((name, pa.float64()) for name in (*NUMBERS, *SHARES))]
)
_OF_STATES: Final = pa.schema([("bin", pa.int64()), ("state", pa.string()), ("n", pa.int64())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Statistics of one channel.

    Parameters
    ----------
    levels
        Widths of bins that are kept; a level whose bins hold few rows each may be left out.
    groups
        Groups of rows in which the channel has values; None where they are too many to be kept apart.
    parts
        Statistics by level and number of the group; of a single group, those of all rows stand for it.
    """

    levels: tuple[Level, ...]
    groups: tuple[Group, ...] | None
    parts: Mapping[tuple[Level, int], Columns]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the end of a file says: levels and groups as in `Summary`, and which part each row group is."""

    metadata: pq.FileMetaData
    levels: frozenset[Level]
    groups: tuple[Group, ...] | None
    parts: Mapping[tuple[Level, int], int]

    def number(self, group: Group | None) -> int | None:
        """Give the number of a group of rows; None where it is not known by itself."""
        if group is None:
            return ALL
        if self.groups is None:
            return None
        if group not in self.groups:
            return len(self.groups)
        return ALL if len(self.groups) == 1 else self.groups.index(group)


def encode(column: Column, summary: Summary) -> bytes:
    """Give statistics of a channel as a Parquet file."""
    parts = {key: part for key, part in summary.parts.items() if len(part["bin"])}
    contents = {"levels": list(summary.levels), "groups": summary.groups, "parts": list(parts)}
    schema = (_OF_STATES if is_state(column) else _OF_NUMBERS).with_metadata({_CONTENTS: json.dumps(contents)})
    out = io.BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=["state"]) as writer:
        for part in parts.values():
            n_rows = len(part["bin"])
            arrays = [_array(part.get(field.name), field.type, n_rows) for field in schema]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=n_rows)
    return out.getvalue()


class _Said(TypedDict):
    levels: list[str]
    groups: list[list[Scalar]] | None
    parts: list[tuple[str, int]]


class SummaryFiles:
    """Reads kept statistics from a store.

    Parameters
    ----------
    store
        Where the objects are.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.contents = lru_cache(maxsize=_FOOTERS)(self._contents)

    def read(self, oid: ObjectId, column: Column, level: Level, group: Group | None) -> Columns | None:
        """Give the statistics of a group of rows (None: of all).

        Parameters
        ----------
        oid
            The object.
        column
            The channel.
        level
            Width of the bins.
        group
            The key of the rows wanted.

        Returns
        -------
        Columns or None
            None where the level, or the group by itself, is not kept.

        Raises
        ------
        NotFound
            Raised if the object is not in the store.
        Unavailable
            Raised if it is damaged.
        """
        contents = self.contents(oid)
        number = contents.number(group)
        if number is None or level not in contents.levels:
            return None
        place = contents.parts.get((level, number))
        none = no_statistics(level, column, TimeScale.TAI_US)
        return none if place is None else self._columns(oid, contents, place, list(none))

    def summary(self, oid: ObjectId, column: Column, levels: Sequence[Level]) -> Summary | None:
        """Give all that is kept at some levels; None where one of them is not kept. Raises as `read`."""
        contents = self.contents(oid)
        if not contents.levels.issuperset(levels):
            return None
        parts = {
            (level, number): self._columns(oid, contents, place, list(no_statistics(level, column, TimeScale.TAI_US)))
            for (level, number), place in contents.parts.items()
            if level in levels
        }
        return Summary(levels=tuple(levels), groups=contents.groups, parts=parts)

    def _columns(self, oid: ObjectId, contents: Contents, place: int, names: list[str]) -> Columns:
        source = self._source(oid)
        try:
            with pq.ParquetFile(source, metadata=contents.metadata) as file:
                table = file.read_row_group(place, columns=names, use_threads=False)
            return {name: _values(table[name]) for name in names}
        except _UNREADABLE as error:
            raise _damaged(oid, error) from error

    def _contents(self, oid: ObjectId) -> Contents:
        source = self._source(oid)
        try:
            metadata = pq.read_metadata(source)
            return _contents_of(metadata, json.loads(metadata.metadata[_CONTENTS]))
        except _UNREADABLE as error:
            raise _damaged(oid, error) from error

    def _source(self, oid: ObjectId) -> pa.NativeFile:
        view = self._store.view(oid)
        return pa.BufferReader(pa.py_buffer(self._store.get(oid) if view is None else view))


def _contents_of(metadata: pq.FileMetaData, found: _Said) -> Contents:
    groups = found["groups"]
    return Contents(
        metadata,
        frozenset(Level(level) for level in found["levels"]),
        None if groups is None else tuple(tuple(group) for group in groups),
        {(Level(level), int(number)): place for place, (level, number) in enumerate(found["parts"])},
    )


def _array(values: np.ndarray | None, kind: pa.DataType, n_rows: int) -> pa.Array:
    if values is None:
        return pa.nulls(n_rows, kind)
    return strings(values.tolist()) if kind == pa.string() else as_arrow(values).cast(kind)


def _values(stored: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_string(stored.type):
        return np.array(stored.to_pylist(), dtype=np.str_)
    return np.asarray(stored.to_numpy())


def _damaged(oid: ObjectId, error: Exception) -> Unavailable:
    return Unavailable(f"Statistics {oid[:12]} cannot be read: {error}. Run `longwatch summarise` to make them again.")
