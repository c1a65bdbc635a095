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

_RUNS = 4096
"""Runs of levels that are looked at one by one, at most; from there on pyarrow is quicker."""

_REMEMBERED = 8
"""Answers about which elements are missing that are kept: as many as a row group of images needs."""

_FEW = 1 << 20
"""Elements of a page about which an answer is kept, at most."""

_STEP = 16_384
"""Elements that are looked at together for whether some are missing."""

_HEADER = 32
"""Bytes in which the three numbers lie that are read of a page's header."""


class Values(NamedTuple):
    """Elements of a column that lie together.

    Parameters
    ----------
    numbers
        (n,), as they are stored, maybe not writable; 0 where one is missing.
    missing
        (n,), which are; None: none.
    """

    numbers: NDArray[np.generic]
    missing: NDArray[np.bool_] | None


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
    known
        The elements, if the footer says them: all are one whole number, or all are missing.
    """

    from_byte: int
    to_byte: int
    codec: str
    size: int
    elements: int
    missing: int
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
    """

    metadata: pq.FileMetaData
    leaf: int
    kind: pa.DataType
    stored: np.dtype[np.generic]
    levels: int
    top: int

    @classmethod
    def of(cls, metadata: pq.FileMetaData, at: int, kind: pa.DataType) -> PlainColumn | None:
        """Give a column if its type allows it."""
        leaf = metadata.schema.column(at)
        flat = leaf.max_repetition_level == int(pa.types.is_fixed_size_list(kind)) and leaf.physical_type in _NUMBERS
        if not (is_number(_element(kind)) and flat and sys.byteorder == "little"):
            return None
        stored = np.dtype("<u4") if _element(kind) == pa.uint32() else _NUMBERS[leaf.physical_type]
        levels = (leaf.max_repetition_level > 0) + (leaf.max_definition_level > 0)
        return cls(metadata, at, kind, stored, levels, leaf.max_definition_level)

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
        if not (_ENCODINGS.issuperset(said.encodings) and said.compression in _CODECS):
            return None
        begin, end = said.data_page_offset, said.data_page_offset + said.total_compressed_size
        size, packed = _sizes(view[begin : min(end, begin + _HEADER)])
        numbers = (elements - missing) * self.stored.itemsize
        if not (0 < packed < end - begin and numbers <= size <= numbers + elements + _SLACK):
            return None
        values = None
        if missing == elements:
            values = Values(np.broadcast_to(self.stored.type(0), elements), np.broadcast_to(np.True_, elements))
        elif self.stored.kind in "iu" and not missing and known.has_min_max and known.min == known.max:
            values = Values(np.broadcast_to(self.stored.type(known.min), elements), None)
        return Page(end - packed, end, _CODECS[said.compression], size, elements, missing, values)

    def values(self, view: memoryview, page: Page) -> Values | None:
        """Give the elements of a page, where they lie if that can be; None if the page is not as it should be."""
        if page.known is not None:
            return page.known
        content = page.content(view)
        at = _after_levels(content, self.levels)
        count = page.elements - page.missing
        if len(content) - at != count * self.stored.itemsize:
            return None
        numbers = np.frombuffer(content, self.stored, count, at)
        if not page.missing:
            return Values(numbers, None)
        if not self.top:
            return None
        levels = bytes(content[_after_levels(content, self.levels - 1) + 4 : at])
        look = _presence if page.elements <= _FEW else _presence.__wrapped__
        found = look(levels, page.elements, self.top, self.width)
        if found is None or np.count_nonzero(found.there) != count:
            return None
        return Values(_spread(numbers, found.there), found.missing)


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
        number, at = _varint(header, at + 1)
        numbers.append(number >> 1)
    kind, size, packed = numbers
    return (size, packed) if kind == 0 else (0, 0)


def _varint(data: Sequence[int], at: int) -> tuple[int, int]:
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


class _Presence(NamedTuple):
    """Which of some elements are there, and which are missing; not to be written to."""

    there: NDArray[np.bool_]
    missing: NDArray[np.bool_]


@lru_cache(maxsize=_REMEMBERED)
def _presence(levels: bytes, count: int, top: int, width: int) -> _Presence | None:
    """Give both sides of `_present`; columns of a row group often lack the same rows, so the last are remembered."""
    there = _present(levels, count, top, width)
    if there is None:
        return None
    missing = ~there
    there.flags.writeable = missing.flags.writeable = False
    return _Presence(there, missing)


def _present(levels: bytes, count: int, top: int, width: int) -> NDArray[np.bool_] | None:
    """Give which elements have the highest level, from runs of one level and of packed bits (Parquet, RLE hybrid).

    Where rows of some width repeat each other, so do the bytes of their runs, and these are not looked at one by one.

    Parameters
    ----------
    levels
        The runs.
    count
        How many elements they speak of.
    top
        The highest level.
    width
        After how many elements they may repeat each other.

    Returns
    -------
    np.ndarray
        (count,); None where that takes long or the runs are damaged.
    """
    there, filled, at = np.zeros(count, dtype=bool), 0, 0
    bits = top.bit_length()
    seen: dict[int, tuple[int, int]] = {}
    for _ in range(_RUNS):
        if at >= len(levels) or filled >= count:
            return there
        header, at = _varint(levels, at)
        packed, length = header & 1, header >> 1
        n_bytes, n_elements = (length * bits, length * 8) if packed else ((bits + 7) // 8, length)
        run = levels[at : at + n_bytes]
        if len(run) < n_bytes or not n_elements:
            return None
        there[filled : filled + n_elements] = (
            _unpacked(run, bits, top)[: count - filled] if packed else int.from_bytes(run, "little") == top
        )
        at, filled = at + n_bytes, filled + n_elements
        begun, first = seen.get(filled % width, (at, filled))
        n_times = min(_repeats(levels[begun:at], memoryview(levels)[at:]), (count - filled) // max(filled - first, 1))
        if n_times > 0:
            into = slice(filled, filled + n_times * (filled - first))
            there[into].reshape(n_times, -1)[:] = there[first:filled]
            at, filled = at + n_times * (at - begun), into.stop
        seen[filled % width] = (at, filled)
    return None


def _repeats(part: bytes, rest: memoryview) -> int:
    """Give how often bytes follow once more."""
    size = len(part)
    if not size or rest[:size] != part:
        return 0
    n_times = len(rest) // size
    each = np.frombuffer(rest[: n_times * size], np.uint8).reshape(n_times, size)
    same = (each == np.frombuffer(part, np.uint8)).all(axis=1)
    return n_times if same.all() else int(np.argmin(same))


def _unpacked(run: bytes, bits: int, top: int) -> NDArray[np.bool_]:
    """Give which of some packed levels are the highest one."""
    found = np.unpackbits(np.frombuffer(run, np.uint8), bitorder="little").reshape(-1, bits)
    wanted = np.array([top >> place & 1 for place in range(bits)], np.uint8)
    return np.asarray((found == wanted).all(axis=1))


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
