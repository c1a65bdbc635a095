"""Tables as plain values: what every way of writing them begins with.

Owns how times, masks, NaN and arrays are spelled. Must not know consoles or files.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from astropy.table import Column, Table
from astropy.time import Time

from longwatch.cli.words import trimmed

Cell: TypeAlias = str | int | float | bool | Sequence["Cell"] | None
"""One value; None is missing, and NaN stays NaN."""


def columns_of(table: Table, *, precision: int = 6) -> dict[str, list[Cell]]:
    """Give a table's columns as plain values.

    Parameters
    ----------
    table
        Any table; its times become ISO text in UTC, its masked elements None.
    precision
        Digits of a second.

    Returns
    -------
    dict
        Lists of equal length by column name; numbers of single precision in their shortest spelling.
    """
    return {name: _cells(table[name], precision) for name in table.colnames}


def iso(times: Time, *, precision: int = 6) -> list[str | None]:
    """Give times as ISO text in UTC, without zeros at the end; masked ones are None."""
    texts = np.atleast_1d(Time(times, precision=precision).utc.isot).tolist()
    masked = np.atleast_1d(times.mask)
    return [None if hidden else trimmed(text) for text, hidden in zip(texts, masked, strict=True)]


def records(columns: Mapping[str, Sequence[Cell]]) -> Iterator[dict[str, Cell]]:
    """Give rows as JSON can say them: NaN and infinity, which JSON does not know, as the words."""
    for row in zip(*columns.values(), strict=True):
        yield {name: sayable(cell) for name, cell in zip(columns, row, strict=True)}


def sayable(cell: Cell) -> Cell:
    """Give a value as JSON can say it."""
    match cell:
        case float() if not math.isfinite(cell):
            return "NaN" if math.isnan(cell) else f"{'-' if cell < 0 else ''}Infinity"
        case list() | tuple():
            return [sayable(one) for one in cell]
        case _:
            return cell


def _cells(column: Column | Time, precision: int) -> list[Cell]:
    match column:
        case Time():
            return list(iso(column, precision=precision))
        case _ if column.dtype == object:
            return [_plain(element) for element in column]
        case _ if column.dtype.kind == "f" and column.dtype.itemsize == 4:
            return _singles(column)
        case _:
            return list(column.tolist())


def _singles(column: Column) -> list[Cell]:
    """Give numbers of single precision as the shortest that are stored alike: 0.1, not 0.10000000149."""
    shortest = np.ma.asarray(column).astype(str).astype(np.float64)
    return list(np.ma.array(shortest, mask=np.ma.getmaskarray(column)).tolist())


def _plain(element: object) -> Cell:
    """Give an element of a column of lists."""
    match element:
        case np.ndarray():
            return list(element.tolist())
        case None | str() | int() | float():
            return element
        case _:
            return None if np.ma.is_masked(element) else str(element)
