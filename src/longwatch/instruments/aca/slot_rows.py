"""Rows of a slot as one masked structured array, under the old names and in the old types.

Owns how blocks of columns become rows. Must not know which rows answer. See spec/aca-dark-hdr3-l0.md 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.aca_table import centred
from longwatch.series.blocks import Blocks, Origin
from longwatch.series.memory import uninitialised
from longwatch.series.pages import Values

_Pair: TypeAlias = tuple[np.ndarray, np.ndarray]
"""Fields of rows, and what goes into them."""

FILENAME: Final = "FILENAME"
"""Names the file a row came with; no column of the series."""

COLUMNS: Final = tuple(column.name.upper() for column in c.COLUMNS if column is not c.SLOT)
"""Names in capitals of all that is stored of a row but its slot."""

_TYPES: Final = {column.name.upper(): "U4" if column.dtype == "str" else column.dtype for column in c.COLUMNS}
_TYPES["IMGSIZE"] = "i4"
_IMAGE: Final = "IMGRAW"
_BLOCK: Final = 1024
"""Rows that are filled together: as many as fit into the cache, through which all would pass for each column else."""


def old_type(name: str) -> np.dtype[np.generic]:
    """Give the type a column had."""
    return np.dtype(_TYPES[name])


def structured(names: Sequence[str], blocks: Blocks, *, centered: bool) -> np.ma.MaskedArray:
    """Give rows as a masked structured array.

    Parameters
    ----------
    names
        Its fields in capitals, `FILENAME` among them or not.
    blocks
        The rows; they have all these columns, and `imgsize`.
    centered
        True: images are (8, 8) and stand in the middle; False: (64,), in the low corner.
    """
    origins = blocks.origins() if FILENAME in names else []
    image = (c.FULL, c.FULL) if centered else (c.FULL * c.FULL,)
    types = {name: old_type(name) for name in names if name != FILENAME}
    types |= {FILENAME: np.dtype(("U", max((len(one.file) for one in origins), default=1)))}
    shapes = {name: image if name == _IMAGE else () for name in names}
    fields = np.dtype([(name, types[name], shapes[name]) for name in names])
    data = uninitialised(len(blocks) * fields.itemsize, np.uint8).view(fields)
    rows = np.ma.MaskedArray(data)
    mask = np.ma.getmaskarray(rows)
    first = 0
    for block in blocks.stretches():
        last = first + block.n_rows
        columns = {name: block.of(name.lower()) for name in names if name != FILENAME}
        if _IMAGE in columns:
            columns[_IMAGE] = _images(columns[_IMAGE], block.of("imgsize").numbers if centered else None)
        files = [_moved(one, first) for one in origins if one.from_row < last and one.to_row > first]
        _fill(data[first:last], mask[first:last], columns, files)
        first = last
    return rows


def _fill(data: np.ndarray, mask: np.ndarray, columns: Mapping[str, Values], files: Sequence[Origin]) -> None:
    """Fill rows; what is the same in all of them is copied row by row, with the name of the file."""
    row, lacks = np.zeros(1, data.dtype), np.zeros(1, mask.dtype)
    pairs = _fill_one(row, data, {name: one.numbers for name, one in columns.items()})
    pairs += _fill_one(lacks, mask, {name: one.missing for name, one in columns.items() if one.missing is not None})
    if any(lacks.tobytes()):
        mask[:] = lacks
    whole = data.view(f"V{data.itemsize}")
    for begin in range(0, len(data), _BLOCK):
        end = min(begin + _BLOCK, len(data))
        for one in files or [Origin("", 0, len(data))]:
            low, high = max(one.from_row, begin), min(one.to_row, end)
            if low < high:
                if files:
                    row[FILENAME] = one.file
                whole[low:high] = row.view(whole.dtype)
        for into, given in pairs:
            into[begin:end] = given[begin:end]


def _fill_one(row: np.ndarray, rows: np.ndarray, columns: Mapping[str, np.ndarray]) -> list[_Pair]:
    """Put what is the same in all rows into one of them; give the fields that are left, and what goes into them."""
    left: list[_Pair] = []
    for name, given in columns.items():
        if len(given) == 1 or not given.strides[0]:
            row[name] = given[0]
        else:
            left.append((rows[name], given))
    return left


def _moved(one: Origin, first: int) -> Origin:
    """Give an origin with its rows counted from another one."""
    return one._replace(from_row=one.from_row - first, to_row=one.to_row - first)


def _images(values: Values, sizes: np.ndarray | None) -> Values:
    """Give images as they lie, or in the middle where their sizes are given, or that of all."""
    numbers, missing = values
    if sizes is not None:
        each = np.broadcast_to(sizes, len(numbers)) if len(sizes) == 1 else sizes[: len(numbers)]
        shown = centred(np.ma.MaskedArray(numbers, mask=False if missing is None else missing), each)
        return Values(np.ma.getdata(shown), np.ma.getmaskarray(shown))
    flat = (len(numbers), c.FULL * c.FULL)
    return Values(numbers.reshape(flat), None if missing is None else missing.reshape(flat))
