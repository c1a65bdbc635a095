"""Rows block by block, as they lie in segments: for those who fill arrays of their own, or go through decades.

Owns the cutting of an answer into blocks. Must not know which rows answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.contracts.objectstore import ObjectId
from longwatch.domain.column import Column, column_named
from longwatch.domain.series import SeriesSpec
from longwatch.domain.utc import Ints
from longwatch.series.conform import conformed
from longwatch.series.pages import Packed, Values
from longwatch.series.rows import VERSION
from longwatch.series.segment import Lying, Piece, SegmentFiles
from longwatch.series.values import arrow_type, as_numpy, from_arrow

Part: TypeAlias = list[Piece] | pa.Table
"""Rows of an answer: pieces one after the other, or rows that had to be merged."""

_ROWS = 8_192
"""Rows of a block, where rows do not come as they lie."""

_STRETCHES = 64
"""Stretches of a row group, at most: where its rows begin to lack other elements more often, it is not cut."""

_NONE: Mapping[str, Values] = {}
_FIRST = slice(0, 1)


class Place(NamedTuple):
    """Where rows lie.

    Parameters
    ----------
    oid, group
        The segment, and the number of the row group.
    inside
        Which of its rows.
    """

    oid: ObjectId
    group: int
    inside: slice

    @property
    def n_rows(self) -> int:
        """How many."""
        return int(self.inside.stop - self.inside.start)


class Block(NamedTuple):
    """Some rows of an answer.

    Parameters
    ----------
    n_rows
        How many.
    columns
        By name, but for those in `same`: (n_rows, *shape) values, not to be written to, in the declared type or a wider
        one, and which of them are missing (None: none). What stands where one is missing means nothing.
    place
        Where they lie; None: they were merged, or cut from a block.
    same
        By name: (1, *shape) elements of columns that are the same in all rows, where they were asked for apart.
    """

    n_rows: int
    columns: Mapping[str, Values]
    place: Place | None = None
    same: Mapping[str, Values] = _NONE

    def of(self, name: str) -> Values:
        """Give a column: of all rows, or of one if it is the same in all."""
        return self.same[name] if name in self.same else self.columns[name]

    def cut(self, begin: int, end: int) -> Block:
        """Give some of the rows."""
        if (begin, end) == (0, self.n_rows):
            return self
        inside = slice(begin, end)
        columns = {name: _inside(values, inside) for name, values in self.columns.items()}
        return Block(end - begin, columns, same=self.same)


class Origin(NamedTuple):
    """Rows of an answer that came with one file.

    Parameters
    ----------
    file
        Its name, or that of what was appended by hand.
    from_row, to_row
        The first row and the one after the last.
    """

    file: str
    from_row: int
    to_row: int


@dataclass(frozen=True, slots=True)
class Blocks:
    """An answer that is read block by block; each time one goes through it, it is read again.

    Parameters
    ----------
    files
        Reads segments.
    spec, commit
        The series, and the commit that is spoken for.
    names
        Columns of the blocks.
    parts
        The rows, sorted by time and key; tables have the version of each row besides.
    named
        Gives the files of some versions; told the commit.
    """

    files: SegmentFiles
    spec: SeriesSpec
    commit: int
    names: Sequence[str]
    parts: Sequence[Part]
    named: Callable[[Ints, int], Mapping[int, str]]

    def __len__(self) -> int:
        """Count the rows."""
        return sum(length(part) for part in self.parts)

    def __iter__(self) -> Iterator[Block]:
        """Give the rows, some thousands at a time."""
        return self._blocks(self._columns)

    def stretches(self) -> Iterator[Block]:
        """Give the rows in blocks that also end where rows begin to lack other elements, unless they do so often.

        Columns that are known to be the same in all rows of such a block are in its `same`, others in `columns`. Where
        all rows lack the same elements of their arrays, `missing` has the same memory for each row.
        """
        for part in self.parts:
            if isinstance(part, list):
                yield from self._stretches(part, self._columns)
            else:
                yield from _of_table(part, self._columns)

    def column(self, name: str) -> Values:
        """Give one column of all rows; not to be written to."""
        column = column_named(self.spec.columns, name, of=self.spec.name)
        found = [block.columns[name] for block in self._blocks([column])]
        if len(found) == 1:
            return found[0]
        empty = np.empty((0, *column.shape), "U1" if column.dtype == "str" else column.dtype)
        numbers = np.concatenate([empty, *(one.numbers for one in found)])
        if all(one.missing is None for one in found):
            return Values(numbers, None)
        gone = [np.zeros(one.numbers.shape, bool) if one.missing is None else one.missing for one in found]
        return Values(numbers, np.concatenate(gone))

    def same_times(self, one: Block, other: Block) -> bool:
        """Tell whether two blocks of this series have the very same times; what lies in segments is compared once."""
        a, b, name = one.place, other.place, self.spec.time
        if a and b and a.inside == b.inside and self.files.alike(a.oid, a.group, b.oid, b.group, name):
            return True
        return np.array_equal(one.columns[name].numbers, other.columns[name].numbers)

    def origins(self) -> list[Origin]:
        """Say which file the rows came with; neighbours from one file together."""
        column = Column(name=VERSION, unit="", description="Version that brought the row", dtype="i8")
        versions = [block.columns[VERSION].numbers for block in self._blocks([column])]
        if not versions:
            return []
        every = np.concatenate(versions)
        first = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
        files = self.named(np.unique(every[first]), self.commit)
        ends = [*first.tolist()[1:], len(every)]
        return [Origin(files[int(every[a])], a, b) for a, b in zip(first.tolist(), ends, strict=True)]

    @property
    def _columns(self) -> list[Column]:
        by_name = {column.name: column for column in self.spec.columns}
        return [by_name[name] for name in self.names]

    def _blocks(self, columns: Sequence[Column]) -> Iterator[Block]:
        for part in self.parts:
            if isinstance(part, list):
                yield from self._of_pieces(part, columns)
            else:
                yield from _of_table(part, columns)

    def _of_pieces(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> Iterator[Block]:
        """Give the rows of pieces, a row group at a time."""
        by_name = {column.name: column for column in columns}
        for place, lying in self._lying(pieces, columns):
            found = {name: _cut(values, by_name[name], place.inside) for name, values in lying.known.items()}
            hard = list(lying.hard)
            for name, values in self.files.values(place.oid, lying.pages):
                if values is None:
                    hard.append(name)
                else:
                    found[name] = _cut(values, by_name[name], place.inside)
            yield Block(place.n_rows, found | self._decode(place, [by_name[name] for name in hard]), place)

    def _stretches(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> Iterator[Block]:
        """Give the rows of pieces, a stretch of a row group at a time."""
        by_name = {column.name: column for column in columns}
        for place, lying in self._lying(pieces, columns):
            same = {name: _cut(values, by_name[name], _FIRST) for name, values in lying.known.items()}
            found: dict[str, Values] = {}
            packed: dict[str, Packed] = {}
            hard = list(lying.hard)
            for name, values in self.files.packed(place.oid, lying.pages):
                if values is None:
                    hard.append(name)
                elif isinstance(values, Packed):
                    packed[name] = values
                else:
                    found[name] = _cut(values, by_name[name], place.inside)
            found |= self._decode(place, [by_name[name] for name in hard])
            yield from _cut_up(Block(place.n_rows, found, place, same), packed, by_name)

    def _lying(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> Iterator[tuple[Place, Lying]]:
        """Give how columns lie in the row groups of pieces."""
        asked = tuple((column.name, arrow_type(column)) for column in columns)
        for piece in pieces:
            for group, inside in self.files.parts(piece):
                yield Place(piece.oid, group, inside), self.files.lying(piece.oid, group, asked)

    def _decode(self, place: Place, columns: Sequence[Column]) -> dict[str, Values]:
        """Give columns that cannot be taken from where they lie."""
        if not columns:
            return {}
        names = [column.name for column in columns]
        table = conformed(self.spec, names, self.files.read(place.oid, [place.group], names))
        return {column.name: _decoded(column, table, place.inside) for column in columns}


def _cut_up(block: Block, packed: Mapping[str, Packed], by_name: Mapping[str, Column]) -> Iterator[Block]:
    """Cut a block where other columns of its row group, which lie packed, begin to lack other elements."""
    first, last = (block.place.inside.start, block.place.inside.stop) if block.place else (0, block.n_rows)
    presences = {one.presence for one in packed.values()}
    begun = {run.from_row for presence in presences for run in presence.alike}
    if len(begun) > _STRETCHES:
        whole = {name: _cut(one.values, by_name[name], slice(first, last)) for name, one in packed.items()}
        yield Block(block.n_rows, {**block.columns, **whole}, same=block.same)
        return
    for begin, end in pairwise([first, *sorted(row for row in begun if first < row < last), last]):
        part = block.cut(begin - first, end - first)
        own, same = dict(part.columns), dict(part.same)
        runs = {presence: presence.of_row(begin) for presence in presences}
        for name, one in packed.items():
            run = runs[one.presence]
            if one.same or not run.per_row:
                same[name] = _shaped(one.rows(run, begin, begin + 1), by_name[name])
            else:
                own[name] = _shaped(one.rows(run, begin, end), by_name[name])
        yield Block(end - begin, own, same=same)


def length(part: Part) -> int:
    """Count the rows of a part."""
    return sum(piece.to_row - piece.from_row for piece in part) if isinstance(part, list) else int(part.num_rows)


def _of_table(table: pa.Table, columns: Sequence[Column]) -> Iterator[Block]:
    for begin in range(0, table.num_rows, _ROWS):
        inside = slice(begin, min(begin + _ROWS, table.num_rows))
        yield Block(inside.stop - inside.start, {column.name: _decoded(column, table, inside) for column in columns})


def _cut(values: Values, column: Column, inside: slice) -> Values:
    shaped = _shaped(values, column) if column.shape else values
    return shaped if len(shaped.numbers) == inside.stop - inside.start else _inside(shaped, inside)


def _shaped(values: Values, column: Column) -> Values:
    """Give the elements of rows the shape of a column."""
    numbers, missing = values
    shape = (-1, *column.shape)
    return Values(numbers.reshape(shape), None if missing is None else missing.reshape(shape))


def _inside(values: Values, inside: slice) -> Values:
    numbers, missing = values
    return Values(numbers[inside], None if missing is None else missing[inside])


def _decoded(column: Column, table: pa.Table, inside: slice) -> Values:
    stored = table[column.name].slice(inside.start, inside.stop - inside.start)
    if column.name == VERSION:
        return Values(as_numpy(stored), None)
    found: NDArray[np.generic] = from_arrow(column, stored)
    return Values(np.ma.getdata(found), np.ma.getmaskarray(found) if np.ma.is_masked(found) else None)
