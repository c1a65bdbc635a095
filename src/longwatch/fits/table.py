"""Tables: the columns of a binary or ASCII table as arrays.

Owns decoding rows and heap. Must not know what a column means.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final

import numpy as np

from longwatch.errors import BadFile
from longwatch.fits.layout import count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from longwatch.fits.columns import TableColumn
    from longwatch.fits.header import Header
    from longwatch.fits.layout import Layout

MAX_HEAP_REUSE: Final = 8
"""How many times its own size the arrays of a column may take from the heap."""

_STORED: Final = {
    **dict.fromkeys("LXBA", "u1"),
    "I": ">i2",
    "J": ">i4",
    "K": ">i8",
    "E": ">f4",
    "D": ">f8",
    "C": ">c8",
    "M": ">c16",
    "P": ">i4",
    "Q": ">i8",
}


def read_table(
    header: Header, layout: Layout, columns: tuple[TableColumn, ...], data: memoryview, *, where: str
) -> dict[str, NDArray[np.generic]]:
    """Give all columns of a table, by name, in native byte order.

    Parameters
    ----------
    header, layout, columns
        Header of the table, what it says, and its columns.
    data
        The bytes of rows and heap.
    where
        What to call the HDU in messages.

    Returns
    -------
    dict
        Arrays of shape (rows,) or (rows, *cell): numbers as stored, unsigned or float64 where scaled; strings without
        trailing blanks; logicals and bits as bool; arrays in the heap as an object array of arrays. NaN is a value of
        the file; masked = TNULL, or a logical that is neither true nor false.

    Raises
    ------
    BadFile
        Raised if a descriptor points out of the heap or a text in an ASCII table is no number.
    """
    if layout.kind == "ascii-table":
        return {column.name: _ascii(column, layout, data, where=where) for column in columns}
    heap = data[min(count(header, "THEAP", where=where, default=prod(layout.shape)), len(data)) :]
    return {
        column.name: _variable(column, layout, data, heap, where=where)
        if column.descriptor
        else _fixed(column, layout, data)
        for column in columns
    }


def _stored(column: TableColumn, layout: Layout, data: memoryview, dtype: str) -> NDArray[np.generic]:
    """Give the cells of a column as they stand, without copying: (rows, elements)."""
    rows, row = layout.shape
    itemsize = np.dtype(dtype).itemsize
    shape = (rows, column.width // itemsize)
    if not prod(shape):
        return np.empty(shape, dtype)
    return np.ndarray(shape, dtype, data, offset=column.offset, strides=(row, itemsize))


def _fixed(column: TableColumn, layout: Layout, data: memoryview) -> NDArray[np.generic]:
    """Give a column whose cells stand in the row."""
    stored = _stored(column, layout, data, _STORED[column.code])
    rows = len(stored)
    if column.code == "A":
        return _strings(column, stored)
    values = _decode(column, stored, column.repeat)
    if column.tdim is not None:
        return values[:, : prod(column.tdim)].reshape(rows, *column.tdim)
    return values.reshape(rows) if column.repeat == 1 else values


def _strings(column: TableColumn, stored: NDArray[np.generic]) -> NDArray[np.generic]:
    """Give a column of strings; a cell may be an array of them."""
    shape = (len(stored), *(column.tdim or (column.repeat,)))
    if not prod(shape):
        return np.broadcast_to(np.array(""), shape[:-1])
    return _text(stored[:, : prod(shape[1:])].reshape(shape))


def _text(characters: NDArray[np.generic]) -> NDArray[np.str_]:
    """Join the last axis of characters to strings, up to a NUL and without trailing blanks."""
    ended = np.logical_or.accumulate(characters == 0, axis=-1)
    codes = np.where(ended, 0, characters).astype(np.uint32)
    return np.strings.rstrip(codes.view(f"U{codes.shape[-1]}")[..., 0], " ")


def _decode(column: TableColumn, stored: NDArray[np.generic], repeat: int) -> NDArray[np.generic]:
    """Give the values of stored elements along the last axis."""
    match column.code:
        case "L":
            known = (stored == ord("T")) | (stored == ord("F"))
            values = stored == ord("T")
            return values if known.all() else np.ma.MaskedArray(values, mask=~known)
        case "X":
            return np.unpackbits(stored.astype(np.uint8), axis=-1, count=repeat).astype(bool)
        case "A":
            return _text(stored)
        case _:
            return column.scaling.physical(stored)


def _variable(
    column: TableColumn, layout: Layout, data: memoryview, heap: memoryview, *, where: str
) -> NDArray[np.generic]:
    """Give a column whose cells are arrays in the heap."""
    cells = np.empty(layout.shape[0], object)
    if not column.repeat:
        return cells
    dtype = np.dtype(_STORED[column.code])
    room = MAX_HEAP_REUSE * len(heap)
    for row, (elements, begin) in enumerate(_stored(column, layout, data, _STORED[column.descriptor]).tolist()):
        number = -(-elements // 8) if column.code == "X" else elements
        room -= number * dtype.itemsize
        if min(number, begin) < 0 or begin + number * dtype.itemsize > len(heap) or room < 0:
            raise BadFile(
                f"{where}: sought {elements} elements of column {column.name!r}, row {row}, at byte {begin} of the "
                f"heap; it has {len(heap)} bytes, each good for {MAX_HEAP_REUSE} uses. Fetch the file again."
            )
        stored = np.frombuffer(heap, dtype, number, begin) if number else np.empty(0, dtype)
        cells[row] = str(_text(stored)) if column.code == "A" and number else _decode(column, stored, elements)
    return cells


def _ascii(column: TableColumn, layout: Layout, data: memoryview, *, where: str) -> NDArray[np.generic]:
    """Give a column of an ASCII table; a blank number is zero."""
    if not layout.shape[0]:
        return np.empty(0, {"A": "U1", "I": "i8"}.get(column.code, "f8"))
    text = _text(_stored(column, layout, data, "u1"))
    if column.code == "A":
        return text
    text = np.strings.strip(text)
    null = np.zeros(text.shape, bool) if column.tnull is None else text == column.tnull
    digits = np.where(null | (text == ""), "0", np.strings.replace(text, "D", "E"))
    try:
        numbers = digits.astype(np.int64 if column.code == "I" else np.float64)
    except (ValueError, OverflowError) as error:
        raise BadFile(
            f"{where}: sought numbers in column {column.name!r}; there is other text ({error}). Mend the file."
        ) from error
    values = column.scaling.physical(numbers)
    return values if column.tnull is None else np.ma.MaskedArray(values, mask=null)
