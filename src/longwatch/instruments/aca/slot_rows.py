"""Rows of a slot as one masked structured array, under the old names and in the old types.

Owns how blocks of columns become rows. Must not know which rows answer. See spec/aca-dark-hdr3-l0.md 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.aca_table import centred
from longwatch.series.blocks import Blocks, Origin
from longwatch.series.memory import uninitialised
from longwatch.series.pages import Values

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
    for block in blocks:
        columns = {name: block.columns[name.lower()] for name in names if name != FILENAME}
        if _IMAGE in columns:
            columns[_IMAGE] = _images(columns[_IMAGE], block.columns["imgsize"].numbers if centered else None)
        last = first + block.n_rows
        files = [one for one in origins if one.from_row < last and one.to_row > first]
        _fill(data[first:last], mask[first:last], columns, [_moved(one, first) for one in files])
        first = last
    return rows


def _fill(data: np.ndarray, mask: np.ndarray, columns: Mapping[str, Values], files: Sequence[Origin]) -> None:
    """Fill rows; what is the same in all of them is copied row by row, with the name of the file."""
    same = {name: values.numbers[0] for name, values in columns.items() if not any(values.numbers.strides)}
    row = np.zeros(1, data.dtype)
    for name, value in same.items():
        row[name] = value
    whole = data.view(f"V{data.itemsize}")
    pairs = [(data[name], values.numbers) for name, values in columns.items() if name not in same]
    pairs += [(mask[name], values.missing) for name, values in columns.items() if values.missing is not None]
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


def _moved(one: Origin, first: int) -> Origin:
    """Give an origin with its rows counted from another one."""
    return one._replace(from_row=one.from_row - first, to_row=one.to_row - first)


def _images(values: Values, sizes: np.ndarray | None) -> Values:
    """Give images as they lie, or in the middle where their sizes are given."""
    numbers, missing = values
    if sizes is not None:
        shown = centred(np.ma.MaskedArray(numbers, mask=False if missing is None else missing), sizes)
        return Values(np.ma.getdata(shown), np.ma.getmaskarray(shown))
    flat = (len(numbers), c.FULL * c.FULL)
    return Values(numbers.reshape(flat), None if missing is None else missing.reshape(flat))
