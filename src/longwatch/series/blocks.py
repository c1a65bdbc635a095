"""Rows block by block, as they lie in segments: for those who fill arrays of their own, or go through decades.

Owns the cutting of an answer into blocks. Must not know which rows answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.contracts.objectstore import ObjectId
from longwatch.domain.column import Column, column_named
from longwatch.domain.series import SeriesSpec
from longwatch.domain.utc import Ints
from longwatch.series.conform import conformed, type_of
from longwatch.series.pages import Values
from longwatch.series.rows import VERSION
from longwatch.series.segment import Piece, SegmentFiles
from longwatch.series.values import as_numpy, from_arrow

Part: TypeAlias = list[Piece] | pa.Table
"""Rows of an answer: pieces one after the other, or rows that had to be merged."""

_ROWS = 8_192
"""Rows of a block, where rows do not come as they lie."""


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


class Block(NamedTuple):
    """Some rows of an answer.

    Parameters
    ----------
    n_rows
        How many.
    columns
        By name: (n_rows, *shape) values, not to be written to, in the declared type or a wider one, and which of them
        are missing (None: none). What stands where one is missing means nothing.
    place
        Where they lie; None: they were merged, or cut from a block.
    """

    n_rows: int
    columns: Mapping[str, Values]
    place: Place | None = None

    def cut(self, begin: int, end: int) -> Block:
        """Give some of the rows."""
        if (begin, end) == (0, self.n_rows):
            return self
        inside = slice(begin, end)
        return Block(end - begin, {name: _inside(values, inside) for name, values in self.columns.items()})


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
        Gives the files of some versions.
    """

    files: SegmentFiles
    spec: SeriesSpec
    commit: int
    names: Sequence[str]
    parts: Sequence[Part]
    named: Callable[[Ints], Mapping[int, str]]

    def __len__(self) -> int:
        """Count the rows."""
        return sum(length(part) for part in self.parts)

    def __iter__(self) -> Iterator[Block]:
        """Give the rows, some thousands at a time."""
        return self._blocks([column_named(self.spec.columns, name, of=self.spec.name) for name in self.names])

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
        files = self.named(np.unique(every[first]))
        ends = [*first.tolist()[1:], len(every)]
        return [Origin(files[int(every[a])], a, b) for a, b in zip(first.tolist(), ends, strict=True)]

    def _blocks(self, columns: Sequence[Column]) -> Iterator[Block]:
        for part in self.parts:
            if isinstance(part, list):
                yield from self._of_pieces(part, columns)
            else:
                yield from _of_table(part, columns)

    def _of_pieces(self, pieces: Sequence[Piece], columns: Sequence[Column]) -> Iterator[Block]:
        """Give the rows of pieces, a row group at a time."""
        kinds = [(column, type_of(self.spec, column.name)) for column in columns]
        for piece in pieces:
            reads = [(column, self.files.values(piece.oid, column.name, kind)) for column, kind in kinds]
            for group, inside in self.files.parts(piece):
                found = {
                    column.name: _cut(values, column, inside)
                    for column, read in reads
                    if (values := read(group)) is not None
                }
                hard = [column for column in columns if column.name not in found]
                if hard:
                    names = [column.name for column in hard]
                    table = conformed(self.spec, names, self.files.read(piece.oid, [group], names))
                    found |= {column.name: _decoded(column, table, inside) for column in hard}
                yield Block(inside.stop - inside.start, found, Place(piece.oid, group, inside))


def length(part: Part) -> int:
    """Count the rows of a part."""
    return sum(piece.to_row - piece.from_row for piece in part) if isinstance(part, list) else int(part.num_rows)


def _of_table(table: pa.Table, columns: Sequence[Column]) -> Iterator[Block]:
    for begin in range(0, table.num_rows, _ROWS):
        inside = slice(begin, min(begin + _ROWS, table.num_rows))
        yield Block(inside.stop - inside.start, {column.name: _decoded(column, table, inside) for column in columns})


def _cut(values: Values, column: Column, inside: slice) -> Values:
    numbers, missing = values
    if column.shape:
        numbers = numbers.reshape(-1, *column.shape)
        values = Values(numbers, None if missing is None else missing.reshape(numbers.shape))
    return values if len(numbers) == inside.stop - inside.start else _inside(values, inside)


def _inside(values: Values, inside: slice) -> Values:
    numbers, missing = values
    return Values(numbers[inside], None if missing is None else missing[inside])


def _decoded(column: Column, table: pa.Table, inside: slice) -> Values:
    stored = table[column.name].slice(inside.start, inside.stop - inside.start)
    if column.name == VERSION:
        return Values(as_numpy(stored), None)
    found: NDArray[np.generic] = from_arrow(column, stored)
    return Values(np.ma.getdata(found), np.ma.getmaskarray(found) if np.ma.is_masked(found) else None)
