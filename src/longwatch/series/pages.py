"""Numbers of a Parquet file taken from where they lie, without a decoder.

Owns what a page of plain numbers looks like. Must not know segments, rows or series.

Where a column of a row group is one page of plain numbers, compressed or not, the page ends with them; before them
stand run-length coded levels where elements may be missing. Whatever is stored otherwise, or is not as it should be, is
left to pyarrow: words, flags, dictionaries, several pages, lists with some elements missing, damage.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from longwatch.series.memory import flags, uninitialised

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

_HEADER = 32
"""Bytes in which the three numbers lie that are read of a page's header."""


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
    constant
        The whole number that all elements are, if they surely are.
    """

    from_byte: int
    to_byte: int
    codec: str
    size: int
    elements: int
    missing: int
    constant: int | None

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
    """

    metadata: pq.FileMetaData
    leaf: int
    kind: pa.DataType
    stored: np.dtype[np.generic]
    levels: int

    @classmethod
    def of(cls, metadata: pq.FileMetaData, at: int, kind: pa.DataType) -> PlainColumn | None:
        """Give a column if its type allows it."""
        leaf = metadata.schema.column(at)
        flat = leaf.max_repetition_level == int(pa.types.is_fixed_size_list(kind)) and leaf.physical_type in _NUMBERS
        if not (is_number(_element(kind)) and flat and sys.byteorder == "little"):
            return None
        levels = (leaf.max_repetition_level > 0) + (leaf.max_definition_level > 0)
        return cls(metadata, at, kind, _NUMBERS[leaf.physical_type], levels)

    @property
    def width(self) -> int:
        """Elements in a row."""
        return int(self.kind.list_size) if pa.types.is_fixed_size_list(self.kind) else 1

    def page(self, view: memoryview, group: int) -> Page | None:
        """Give the page of a row group, as far as the footer and the page's own header say that it is a plain one."""
        row_group = self.metadata.row_group(group)
        said = row_group.column(self.leaf)
        known, elements = said.statistics, row_group.num_rows * self.width
        if known is None or not known.has_null_count or said.num_values != elements:
            return None
        missing = known.null_count
        whole = self.width == 1 or missing in {0, elements}
        if not (whole and _ENCODINGS.issuperset(said.encodings) and said.compression in _CODECS):
            return None
        begin, end = said.data_page_offset, said.data_page_offset + said.total_compressed_size
        size, packed = _sizes(view[begin : min(end, begin + _HEADER)])
        numbers = (elements - missing) * self.stored.itemsize
        if not (0 < packed < end - begin and numbers <= size <= numbers + elements + _SLACK):
            return None
        same = self.stored.kind == "i" and known.has_min_max and known.min == known.max and not missing
        constant = int(known.min) if same else None
        return Page(end - packed, end, _CODECS[said.compression], size, elements, missing, constant)

    def numbers(self, view: memoryview, page: Page) -> NDArray[np.generic] | None:
        """Give the numbers of a page that has all of them, where they lie if they are not compressed."""
        return self._present(page.content(view), page)

    def _present(self, content: memoryview, page: Page) -> NDArray[np.generic] | None:
        """Give the numbers that are not missing, as they lie in a page's content; None if there are not as many."""
        at = _after_levels(content, self.levels)
        count = page.elements - page.missing
        whole = len(content) - at == count * self.stored.itemsize
        return np.frombuffer(content, self.stored, count, at) if whole else None

    def fill(
        self,
        view: memoryview,
        page: Page,
        inside: slice,
        numbers: NDArray[np.generic],
        valid: NDArray[np.bool_] | None,
    ) -> bool:
        """Copy elements of a page.

        Parameters
        ----------
        view
            The whole file.
        page
            Where they lie.
        inside
            Which ones.
        numbers
            Becomes them; 0 where they are missing.
        valid
            Becomes whether they are there; may be None where none is missing.

        Returns
        -------
        bool
            False if the page is not as it should be.
        """
        if valid is not None:
            valid[:] = page.missing < page.elements
        if page.constant is not None:
            numbers[:] = page.constant
            return True
        if page.missing == page.elements:
            numbers[:] = 0
            return True
        content = page.content(view)
        found = self._present(content, page)
        if found is None:
            return False
        if valid is not None and page.missing:
            present = _flags(content[4 : len(content) - found.nbytes], page.elements)
            if np.count_nonzero(present) != len(found):
                return False
            valid[:] = present[inside]
            found = _spread(found, present)
        numbers[:] = found[inside]
        return True


class Stretch(NamedTuple):
    """Rows of one file that lie together.

    Parameters
    ----------
    column
        The column asked for.
    view
        The whole file.
    pages
        The pages they lie in.
    from_row, to_row
        The first row and the one after the last, counted from the first row of the first page.
    """

    column: PlainColumn
    view: memoryview
    pages: Sequence[Page]
    from_row: int
    to_row: int

    def parts(self) -> Iterator[tuple[Page, slice]]:
        """Give pages, and which of their elements belong to these rows."""
        width, first = self.column.width, 0
        for page in self.pages:
            low, high = max(self.from_row * width - first, 0), min(self.to_row * width - first, page.elements)
            first += page.elements
            if low < high:
                yield page, slice(low, high)


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
    valid = flags(len(numbers)) if lacking else None
    at = 0
    for one in stretches:
        for page, inside in one.parts():
            there = slice(at, at + inside.stop - inside.start)
            if not one.column.fill(one.view, page, inside, numbers[there], None if valid is None else valid[there]):
                return None
            at = there.stop
    bits = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))
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
        number, at = _varint(header, at + 1)
        numbers.append(number >> 1)
    kind, size, packed = numbers
    return (size, packed) if kind == 0 else (0, 0)


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """Give a number of variable length, and where the next byte is."""
    number = shift = 0
    while at < len(data):
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            break
    return number, at


def _after_levels(content: memoryview, levels: int) -> int:
    """Give where numbers begin: each run of levels is preceded by its length."""
    at = 0
    for _ in range(levels):
        at += 4 + int.from_bytes(content[at : at + 4], "little")
    return at


def _flags(levels: memoryview, count: int) -> NDArray[np.bool_]:
    """Give levels of one bit, as runs of one value and runs of eight packed bits a byte (Parquet, RLE hybrid)."""
    flags, at, filled = np.zeros(count, dtype=bool), 0, 0
    while at < len(levels) and filled < count:
        header, at = _varint(levels, at)
        length = header >> 1
        if header & 1:
            bits = np.unpackbits(np.frombuffer(levels[at : at + length], np.uint8), bitorder="little")
            flags[filled : filled + len(bits)] = bits[: count - filled]
            at, filled = at + length, filled + len(bits)
        else:
            flags[filled : filled + length] = levels[at]
            at, filled = at + 1, filled + length
    return flags


def _spread(numbers: NDArray[np.generic], present: NDArray[np.bool_]) -> NDArray[np.generic]:
    """Give numbers their places among missing ones, which become zero."""
    out = np.zeros(len(present), numbers.dtype)
    out[present] = numbers
    return out
