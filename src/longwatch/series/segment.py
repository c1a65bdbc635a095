"""Segments as Parquet files: how parts of one are read.

Owns the cache of footers and pages. Must not know which rows answer, nor how segments are made.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectStore
from longwatch.domain.epoch import Scalar
from longwatch.domain.utc import Ints
from longwatch.errors import Unavailable
from longwatch.series.kept import Kept
from longwatch.series.order import Array
from longwatch.series.pages import Packed, Page, PlainColumn, Stretch, Values, copied, within
from longwatch.series.values import as_numpy

_FOOTERS = 4096
_COLUMNS = 16384
_PAGES = 262144

_MEMORY = 128 << 20
"""Bytes of decompressed pages that are remembered: a month of some ten columns of a camera's slot."""

_SMALL = 256 << 10
"""Bytes of a page that is remembered, at most: those of images would drive out all others."""

_SHARE = 8 << 20
"""Bytes of the pages of a column in an answer that are remembered, at most: more would drive out all others."""

_Pages: TypeAlias = Sequence[tuple[str, PlainColumn, Page]]

_REALS = {"FLOAT", "DOUBLE"}
_ANYWHERE: Mapping[str, Scalar] = {}


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
    schema
        Its columns.
    leaves
        Number of the first leaf of each column.
    rows
        (n_group,), rows of each row group.
    order
        Those the rows are sorted by, the weightiest first; empty where it does not say.
    """

    metadata: pq.FileMetaData
    schema: pa.Schema
    leaves: Mapping[str, int]
    rows: Ints
    order: tuple[str, ...]

    def range(self, name: str) -> Range:
        """Give between which values a column lies in each row group."""
        group = self.metadata.row_group(0)
        at = self.leaves[name]
        found = [self.metadata.row_group(i).column(at).statistics for i in range(self.metadata.num_row_groups)]
        ends = [(one.min, one.max) if one is not None and one.has_min_max else (None, None) for one in found]
        first, last = (np.array(values) for values in zip(*ends, strict=True))
        said = np.array([one is not None and one.has_min_max and one.null_count == 0 for one in found])
        return Range(first, last, said & (first == last) & (group.column(at).physical_type not in _REALS))


class Piece(NamedTuple):
    """Rows of a segment that lie together.

    Parameters
    ----------
    oid
        The segment.
    groups
        Numbers of the row groups they lie in.
    from_row, to_row
        The first row and the one after the last, counted from the first row of these groups.
    first, last
        What the column they lie by is in the first and in the last of them, where somebody asked for it.
    """

    oid: ObjectId
    groups: Sequence[int]
    from_row: int
    to_row: int
    first: float = 0
    last: float = 0


class Lying(NamedTuple):
    """How columns lie in a row group.

    Parameters
    ----------
    known
        By name: the elements of those that have the same in all rows.
    pages
        Name, type and page of those whose elements can be taken from where they lie.
    hard
        Names of those that need a decoder, or are of another type than was asked for.
    """

    known: Mapping[str, Values]
    pages: _Pages
    hard: Sequence[str]


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
        self._range = lru_cache(maxsize=_COLUMNS)(self._read_range)
        self._plain = lru_cache(maxsize=_COLUMNS)(self._read_plain)
        self._page = lru_cache(maxsize=_PAGES)(self._read_page)
        self.lying = lru_cache(maxsize=_FOOTERS)(self._look)
        self.alike = lru_cache(maxsize=_PAGES)(self._compare)
        self._kept = Kept[Values | Packed](_MEMORY, attrgetter("size"))

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

    def piece(
        self, oid: ObjectId, leading: str, low: float, high: float, where: Mapping[str, Scalar] = _ANYWHERE
    ) -> Piece | None:
        """Give the rows that lie in a half-open range and have some values, if they lie together and by that column.

        Parameters
        ----------
        oid
            The segment.
        leading
            Name of the column the range is of.
        low, high
            The range.
        where
            Values that columns of the key must have.

        Returns
        -------
        Piece
            The rows, maybe none; None where rows must be chosen one by one.
        """
        groups = self.groups(oid, leading, np.array([low]), np.array([high]), where)
        if self.mixed(oid, groups, where) or not self.lies_by(oid, leading, where):
            return None
        if not groups:
            return Piece(oid, groups, 0, 0)
        ends = self._ends(oid, sorted({groups[0], groups[-1]}), leading)
        begin, end = bisect_left(ends[0], low), bisect_left(ends[-1], high)
        before = int(self._footer(oid).rows[groups[:-1]].sum())
        if begin >= before + end:
            return Piece(oid, groups, 0, 0)
        return Piece(oid, groups, begin, before + end, ends[0][begin].item(), ends[-1][end - 1].item())

    def groups_within(self, oid: ObjectId, leading: str, first: str, last: str) -> list[int]:
        """Give the row groups whose leading column of words may lie between two words, both inclusive."""
        found = self._range(oid, leading)
        return [
            i
            for i, (low, high) in enumerate(zip(found.first, found.last, strict=True))
            if low is None or (low <= last and high >= first)
        ]

    def take(self, pieces: Sequence[Piece], name: str, kind: pa.DataType) -> pa.Array | None:
        """Copy a column of pieces into one array; None if some of it needs a decoder or is of another type."""
        found = []
        for piece in pieces:
            column, view = self._plain(piece.oid, name), self._store.view(piece.oid)
            if column is None or view is None or column.kind != kind:
                return None
            pages = [page for group in piece.groups if (page := self._page(piece.oid, name, group)) is not None]
            if len(pages) < len(piece.groups):
                return None
            found.append((piece, column, view, pages))
        many = sum(page.size for *_, pages in found for page in pages if page.codec) > _SHARE
        stretches = [
            Stretch(
                partial(column.values, view) if many else partial(self._values, piece.oid, column, view),
                column.width,
                pages,
                piece.from_row,
                piece.to_row,
            )
            for piece, column, view, pages in found
        ]
        return copied(kind, stretches) if stretches else None

    def parts(self, piece: Piece) -> Iterator[tuple[int, slice]]:
        """Give the row groups of a piece, and which of their rows belong to it."""
        sizes = (int(n_rows) for n_rows in self._footer(piece.oid).rows[piece.groups])
        for number, inside in within(sizes, piece.from_row, piece.to_row):
            yield piece.groups[number], inside

    def values(self, oid: ObjectId, pages: _Pages) -> Iterator[tuple[str, Values | None]]:
        """Give the elements of pages, by the names of their columns; None where they need a decoder."""
        view = self._store.view(oid)
        for name, column, page in pages:
            yield name, None if view is None else self._values(oid, column, view, page)

    def packed(self, oid: ObjectId, pages: _Pages) -> Iterator[tuple[str, Values | Packed | None]]:
        """Give the elements of pages as `values` does, packed where stretches of rows lack the same."""
        view = self._store.view(oid)
        for name, column, page in pages:
            if view is None:
                yield name, None
            else:
                yield name, (self._packed if page.missing else self._values)(oid, column, view, page)

    def read(self, oid: ObjectId, groups: Sequence[int], columns: Sequence[str]) -> pa.Table:
        """Read columns of some row groups; columns the segment does not have are left out."""
        return self.rows(Piece(oid, groups, 0, int(self._footer(oid).rows[groups].sum())), columns)

    def rows(self, piece: Piece, columns: Sequence[str]) -> pa.Table:
        """Read columns of a piece; columns the segment does not have are left out."""
        footer = self._footer(piece.oid)
        known = [name for name in columns if name in footer.leaves]
        found = {name: self.take([piece], name, footer.schema.field(name).type) for name in known}
        left = [name for name in known if found[name] is None]
        if not left and known:
            return pa.table(found)
        by_groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
        for name in left:
            by_groups[self._hard(piece, name)].append(name)
        for groups, names in by_groups.items():
            few = 0 < len(groups) < len(piece.groups)
            decoded = self._patched(piece, list(groups), names) if few else self._decoded(piece, names)
            found |= {name: decoded[name] for name in names}
        return pa.table(found) if known else self._decoded(piece, [])

    def read_all(self, oid: ObjectId, columns: Sequence[str]) -> pa.Table:
        """Read columns of a whole segment."""
        return self.read(oid, range(len(self._footer(oid).rows)), columns)

    def schema(self, oid: ObjectId) -> pa.Schema:
        """Give the columns of a segment; those without a missing element are not nullable."""
        return self._footer(oid).schema

    def _read_footer(self, oid: ObjectId) -> Footer:
        try:
            metadata = pq.read_metadata(self._source(oid))
        except (pa.ArrowException, OSError) as error:
            raise _damaged(oid, error) from error
        schema = metadata.schema.to_arrow_schema()
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        return Footer(
            metadata,
            schema,
            {name: at for at, name in enumerate(schema.names)},
            np.array([group.num_rows for group in groups], dtype=np.int64),
            tuple(schema.names[one.column_index] for one in groups[0].sorting_columns),
        )

    def _read_range(self, oid: ObjectId, name: str) -> Range:
        return self._footer(oid).range(name)

    def _ends(self, oid: ObjectId, groups: Sequence[int], name: str) -> list[NDArray[Any]]:
        """Give a column of some row groups to search in, where it lies if that can be."""
        column, view = self._plain(oid, name), self._store.view(oid)
        pages = [self._page(oid, name, group) for group in groups]
        found = [
            None if column is None or view is None or page is None or page.missing else column.values(view, page)
            for page in pages
        ]
        if any(values is None for values in found):
            rows = self._footer(oid).rows[groups]
            whole = as_numpy(self._decoded(Piece(oid, groups, 0, int(rows.sum())), [name])[name])
            return np.split(whole, np.cumsum(rows)[:-1])
        return [values.numbers for values in found if values is not None]

    def _hard(self, piece: Piece, name: str) -> tuple[int, ...]:
        """Give the row groups of a piece in which a column must be decoded."""
        return tuple(group for group in piece.groups if self._page(piece.oid, name, group) is None)

    def _patched(self, piece: Piece, hard: Sequence[int], names: Sequence[str]) -> pa.Table:
        """Read columns of a piece, decoding some row groups and taking the others."""
        footer, oid = self._footer(piece.oid), piece.oid
        decoded = self._decoded(Piece(oid, hard, 0, int(footer.rows[hard].sum())), names)
        begins = dict(zip(hard, np.cumsum([0, *footer.rows[hard]]).tolist(), strict=False))
        parts = [
            decoded.slice(begins[group] + inside.start, inside.stop - inside.start)
            if group in begins
            else self.rows(Piece(oid, [group], inside.start, inside.stop), names)
            for group, inside in self.parts(piece)
        ]
        chunks = {name: [chunk for part in parts for chunk in part[name].chunks] for name in names}
        return pa.table(
            {name: pa.chunked_array(found, footer.schema.field(name).type) for name, found in chunks.items()}
        )

    def _decoded(self, piece: Piece, columns: Sequence[str]) -> pa.Table:
        try:
            with pq.ParquetFile(self._source(piece.oid), metadata=self._footer(piece.oid).metadata) as file:
                table = file.read_row_groups(piece.groups, columns=columns, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise _damaged(piece.oid, error) from error
        return table.slice(piece.from_row, piece.to_row - piece.from_row)

    def _read_plain(self, oid: ObjectId, name: str) -> PlainColumn | None:
        footer = self._footer(oid)
        if name not in footer.leaves:
            return None
        return PlainColumn.of(footer.metadata, footer.leaves[name], footer.schema.field(name).type)

    def _read_page(self, oid: ObjectId, name: str, group: int) -> Page | None:
        column, view = self._plain(oid, name), self._store.view(oid)
        return None if column is None or view is None else column.page(view, group)

    def _look(self, oid: ObjectId, group: int, asked: tuple[tuple[str, pa.DataType], ...]) -> Lying:
        """Give how columns, named with the type they should have, lie in a row group."""
        known: dict[str, Values] = {}
        pages: list[tuple[str, PlainColumn, Page]] = []
        hard: list[str] = []
        for name, kind in asked:
            column, page = self._plain(oid, name), self._page(oid, name, group)
            plain = column is not None and column.kind == kind
            found = page.known if plain and page else self._word(oid, group, name, kind)
            if found is not None:
                known[name] = found
            elif column is not None and page is not None and plain:
                pages.append((name, column, page))
            else:
                hard.append(name)
        return Lying(known, pages, hard)

    def _compare(self, oid: ObjectId, group: int, other: ObjectId, other_group: int, name: str) -> bool:
        """Tell whether a column of times is known to be the same in two row groups; what cannot be mapped is not."""
        if self._store.view(oid) is None or self._store.view(other) is None:
            return False
        one, two = (self._ends(of, [number], name)[0] for of, number in ((oid, group), (other, other_group)))
        return np.array_equal(one, two)

    def _values(self, oid: ObjectId, column: PlainColumn, view: memoryview, page: Page) -> Values | None:
        """Give the elements of a page; those of small compressed ones are remembered."""
        if page.known is not None or not page.codec or page.size > _SMALL:
            return column.values(view, page)
        key = (oid, column.leaf, page.from_byte)
        held = self._kept.get(key)
        if isinstance(held, Values):
            return held
        found = column.values(view, page)
        if found is None:
            return None
        found.numbers.flags.writeable = False  # shared from here on
        self._kept.put(key, found)
        return found

    def _packed(self, oid: ObjectId, column: PlainColumn, view: memoryview, page: Page) -> Values | Packed | None:
        """Give the elements of a page of which some are missing; those of small compressed ones are remembered."""
        key = (oid, column.leaf, page.from_byte, "packed") if page.codec and page.size <= _SMALL else None
        held = self._kept.get(key)
        if held is not None:
            return held
        found = column.packed(page.content(view), page)
        if isinstance(found, Packed) and not found.presence.alike:
            found = found.values
        if found is None or key is None:
            return found
        found.numbers.flags.writeable = False  # shared from here on
        return self._kept.put(key, found)

    def _word(self, oid: ObjectId, group: int, name: str, kind: pa.DataType) -> Values | None:
        """Give the word that all rows of a row group have; None if it is no word, or there are several or none."""
        footer = self._footer(oid)
        if not pa.types.is_dictionary(kind) or name not in footer.leaves or footer.schema.field(name).type != kind:
            return None
        found = self._range(oid, name)
        word = np.array(found.first[group])
        return Values(np.broadcast_to(word, footer.rows[group]), None) if found.constant[group] else None

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
