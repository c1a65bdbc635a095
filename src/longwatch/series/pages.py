"""Numbers of a Parquet file taken from where they lie, without a decoder.

Owns what a page of plain numbers looks like. Must not know segments, rows or series.

Where a column of a row group is one page of plain numbers, compressed or not, the page ends with them; before them
stand run-length coded levels where elements may be missing. Whatever is stored otherwise, or is not as it should be, is
left to pyarrow: words, flags, dictionaries, several pages, damage.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from longwatch.series.levels import Alike, Presence, before_numbers, presence_of, varint
from longwatch.series.memory import flags, repeated, uninitialised

_NUMBERS: Mapping[str, np.dtype[np.generic]] = {
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FLOAT": np.dtype("<f4"),
    "DOUBLE": np.dtype("<f8"),
}
_ENCODINGS = {"PLAIN", "RLE"}
_CODECS = {"UNCOMPRESSED": "", "LZ4": "lz4_raw", "ZSTD": "zstd", "SNAPPY": "snappy"}
_NEXT_I32 = 0x15
"""What stands before a number of a page's header whose field follows the one before (Thrift, compact protocol)."""

_SLACK = 1024
"""Bytes that levels may need besides one an element."""

_STEP = 16_384
"""Elements that are looked at together for whether some are missing."""

_REMEMBERED = 16
"""Answers of which nothing is there that are kept: the columns of a row group share them."""

_HEADER = 32
"""Bytes in which the three numbers lie that are read of a page's header."""


class Values(NamedTuple):
    """Elements of a column that lie together.

    Parameters
    ----------
    numbers
        (n,) or rows of them, as they are stored, maybe not writable; 0 where one is missing.
    missing
        Of the same shape, which are; None: none.
    """

    numbers: NDArray[np.generic]
    missing: NDArray[np.bool_] | None

    @property
    def size(self) -> int:
        """Bytes they need."""
        return self.numbers.nbytes + (0 if self.missing is None else self.missing.nbytes)


class Packed(NamedTuple):
    """Elements of a column of which some are missing.

    Parameters
    ----------
    numbers
        Those that are there, one after the other.
    presence
        Which are there.
    same
        Whether all of them are surely the same number.
    """

    numbers: NDArray[np.generic]
    presence: Presence
    same: bool

    @property
    def size(self) -> int:
        """Bytes they and the levels before them need, at most, where stretches are told apart."""
        return self.numbers.nbytes + sum((one.to_row - one.from_row) * len(one.there) for one in self.presence.alike)

    @property
    def values(self) -> Values:
        """The elements in their places."""
        there, alike = self.presence.there, self.presence.alike
        missing = ~there
        missing.flags.writeable = False
        if not alike:
            return Values(_spread(self.numbers, there), missing)
        out = uninitialised(len(there), self.numbers.dtype).reshape(-1, len(alike[0].there))
        for one in alike:
            _place(out[one.from_row : one.to_row], self.numbers[one.before :], one)
        return Values(out.reshape(-1), missing)

    def rows(self, one: Alike, begin: int, end: int) -> Values:
        """Give rows of a stretch as (n, width) elements; what all of them lack, or none does, is said once."""
        n_rows, width = end - begin, len(one.there)
        if not one.per_row:
            return _nothing(n_rows, width, self.numbers.dtype)
        numbers = self.numbers[one.before + (begin - one.from_row) * one.per_row :]
        if one.per_row == width:
            return Values(numbers[: n_rows * width].reshape(n_rows, width), None)
        out = uninitialised(n_rows * width, numbers.dtype).reshape(n_rows, width)
        _place(out, numbers, one)
        return Values(out, np.broadcast_to(~one.there, out.shape))


class Page(NamedTuple):
    """One column of one row group.

    Parameters
    ----------
    from_byte, to_byte
        Between which bytes of the file its content lies.
    codec
        How that is compressed, as pyarrow calls it; empty: not at all.
    size
        Bytes of it before compression.
    elements, missing
        Elements, and how many of them are missing.
    same
        Whether the footer says that those that are there are all one whole number.
    known
        The elements, if the footer says them: all are one whole number, or all are missing.
    """

    from_byte: int
    to_byte: int
    codec: str
    size: int
    elements: int
    missing: int
    same: bool
    known: Values | None

    def content(self, view: memoryview) -> memoryview:
        """Give what it holds of a file; nothing where it cannot be decompressed."""
        packed = view[self.from_byte : self.to_byte]
        if not self.codec:
            return packed
        try:
            return memoryview(pa.decompress(packed, self.size, codec=self.codec)).cast("B")
        except (pa.ArrowException, OSError):
            return packed[:0]


@dataclass(frozen=True, slots=True)
class PlainColumn:
    """A column whose type allows to take it from where it lies.

    Parameters
    ----------
    metadata
        The file's footer.
    leaf
        Number of the column among the leaves of the footer.
    kind
        Its type: numbers, or lists of a fixed length of them.
    stored
        The type of a number as it lies in a page.
    levels
        How many runs of levels stand before the numbers.
    top
        The level of an element that is there.
    width
        Elements in a row.
    """

    metadata: pq.FileMetaData
    leaf: int
    kind: pa.DataType
    stored: np.dtype[np.generic]
    levels: int
    top: int
    width: int

    @classmethod
    def of(cls, metadata: pq.FileMetaData, at: int, kind: pa.DataType) -> PlainColumn | None:
        """Give a column if its type allows it."""
        leaf = metadata.schema.column(at)
        flat = leaf.max_repetition_level == int(pa.types.is_fixed_size_list(kind)) and leaf.physical_type in _NUMBERS
        if not (is_number(_element(kind)) and flat and sys.byteorder == "little"):
            return None
        stored = np.dtype("<u4") if _element(kind) == pa.uint32() else _NUMBERS[leaf.physical_type]
        levels = (leaf.max_repetition_level > 0) + (leaf.max_definition_level > 0)
        width = int(kind.list_size) if pa.types.is_fixed_size_list(kind) else 1
        return cls(metadata, at, kind, stored, levels, leaf.max_definition_level, width)

    def page(self, view: memoryview, group: int) -> Page | None:
        """Give the page of a row group, as far as the footer and the page's own header say that it is a plain one."""
        row_group = self.metadata.row_group(group)
        said = row_group.column(self.leaf)
        known, elements = said.statistics, row_group.num_rows * self.width
        if known is None or not known.has_null_count or said.num_values != elements:
            return None
        missing = known.null_count
        if not (_ENCODINGS.issuperset(said.encodings) and said.compression in _CODECS):
            return None
        begin, end = said.data_page_offset, said.data_page_offset + said.total_compressed_size
        size, packed = _sizes(view[begin : min(end, begin + _HEADER)])
        numbers = (elements - missing) * self.stored.itemsize
        if not (0 < packed < end - begin and numbers <= size <= numbers + elements + _SLACK):
            return None
        values, same = None, bool(self.stored.kind in "iu" and known.has_min_max and known.min == known.max)
        if missing == elements:
            values = Values(repeated(self.stored.type(0), elements), repeated(np.True_, elements))
        elif same and not missing:
            values = Values(repeated(self.stored.type(known.min), elements), None)
        return Page(end - packed, end, _CODECS[said.compression], size, elements, missing, same, values)

    def values(self, view: memoryview, page: Page) -> Values | None:
        """Give the elements of a page, where they lie if that can be; None if the page is not as it should be."""
        found = page.known or self.packed(page.content(view), page)
        return found.values if isinstance(found, Packed) else found

    def packed(self, content: memoryview, page: Page) -> Values | Packed | None:
        """Give the elements of a page with some content as they lie; None if the page is not as it should be."""
        at = before_numbers(content, self.levels)
        count = page.elements - page.missing
        if len(content) - at != count * self.stored.itemsize:
            return None
        numbers = np.frombuffer(content, self.stored, count, at)
        if not page.missing:
            return Values(numbers, None)
        if not self.top:
            return None
        levels = content[before_numbers(content, self.levels - 1) + 4 : at]
        found = presence_of(levels, page.elements, self.top, self.width)
        return Packed(numbers, found, page.same) if found is not None and found.count == count else None


class Stretch(NamedTuple):
    """Rows of one file that lie together.

    Parameters
    ----------
    values
        Gives the elements of a page of the column asked for; None if the page is not as it should be.
    width
        Elements in a row.
    pages
        The pages they lie in.
    from_row, to_row
        The first row and the one after the last, counted from the first row of the first page.
    """

    values: Callable[[Page], Values | None]
    width: int
    pages: Sequence[Page]
    from_row: int
    to_row: int

    def parts(self) -> Iterator[tuple[Page, slice]]:
        """Give pages, and which of their elements belong to these rows."""
        sizes = (page.elements for page in self.pages)
        for number, inside in within(sizes, self.from_row * self.width, self.to_row * self.width):
            yield self.pages[number], inside


def within(sizes: Iterable[int], begin: int, end: int) -> Iterator[tuple[int, slice]]:
    """Give those of some parts that lie between two places of the whole: their numbers, and what of them does."""
    first = 0
    for number, size in enumerate(sizes):
        low, high = max(begin - first, 0), min(end - first, size)
        first += size
        if low < high:
            yield number, slice(low, high)


def copied(kind: pa.DataType, stretches: Sequence[Stretch]) -> pa.Array | None:
    """Copy rows of several files into one array.

    Parameters
    ----------
    kind
        The type of the column in all of them.
    stretches
        The rows, one after the other.

    Returns
    -------
    pyarrow.Array
        Of this type; None where a page is not as it should be.
    """
    element = _element(kind)
    width = 1 if element is kind else int(kind.list_size)
    numbers = uninitialised(sum(one.to_row - one.from_row for one in stretches) * width, element.to_pandas_dtype())
    lacking = any(page.missing for one in stretches for page in one.pages)
    there = flags(len(numbers)) if lacking else None
    at = 0
    for one in stretches:
        for page, inside in one.parts():
            found = one.values(page)
            if found is None:
                return None
            into = slice(at, at + inside.stop - inside.start)
            numbers[into] = found.numbers[inside]
            if there is not None:
                there[into] = True if found.missing is None else ~found.missing[inside]
            at = into.stop
    bits = None if there is None else pa.py_buffer(np.packbits(there, bitorder="little"))
    flat = pa.Array.from_buffers(element, len(numbers), [bits, pa.py_buffer(numbers)])
    return flat if element is kind else pa.FixedSizeListArray.from_arrays(flat, type=kind)


def is_number(kind: pa.DataType) -> bool:
    """Tell whether a type is one of numbers that stand plainly in a page."""
    return bool(pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind))


def _element(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_fixed_size_list(kind) else kind


def _sizes(header: memoryview) -> tuple[int, int]:
    """Give the bytes of a page's content before and after compression; (0, 0) if it is no page of data."""
    numbers, at = [], 0
    for _ in range(3):
        if at >= len(header) or header[at] != _NEXT_I32:
            return 0, 0
        number, at = varint(header, at + 1)
        numbers.append(number >> 1)
    kind, size, packed = numbers
    return (size, packed) if kind == 0 else (0, 0)


def _spread(numbers: NDArray[np.generic], there: NDArray[np.bool_]) -> NDArray[np.generic]:
    """Give numbers their places among missing ones, which become zero."""
    out, at = uninitialised(len(there), numbers.dtype), 0
    for begin in range(0, len(there), _STEP):
        part = there[begin : begin + _STEP]
        count = int(np.count_nonzero(part))
        into = out[begin : begin + len(part)]
        if count == len(part):
            into[:] = numbers[at : at + count]
        else:
            into[:] = 0
            into[part] = numbers[at : at + count]
        at += count
    return out


@lru_cache(maxsize=_REMEMBERED)
def _nothing(n_rows: int, width: int, kind: np.dtype[np.generic]) -> Values:
    """Give rows that lack all elements, as many columns of a row group do."""
    return Values(repeated(kind.type(0), n_rows, width), repeated(np.True_, n_rows, width))


def _place(into: NDArray[np.generic], numbers: NDArray[np.generic], one: Alike) -> None:
    """Give numbers their places in (n, width) elements, all rows of which lack the same ones; these become zero."""
    given = numbers[: len(into) * one.per_row].reshape(len(into), one.per_row)
    if one.per_row < len(one.there):
        into[:] = 0
    at = 0
    for begin, end in one.stretches:
        into[:, begin:end] = given[:, at : at + end - begin]
        at += end - begin
