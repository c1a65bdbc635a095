"""The columns of a binary or ASCII table: names, types and places in a row.

Owns TTYPE, TFORM, TDIM, TBCOL and their checks. Must not know the rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Final

from longwatch.errors import BadFile
from longwatch.fits.layout import count
from longwatch.fits.scaling import Scaling, read_scaling

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longwatch.fits.header import Header
    from longwatch.fits.layout import Layout

MAX_COLUMNS: Final = 999
"""Most columns FITS allows."""

WIDTHS: Final = {"L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8, "C": 8, "M": 16, "P": 8, "Q": 16}
"""Bytes of one element of each type code; bits (X) are packed."""

_DECLARES: Final = ("TTYPE", "TFORM", "TUNIT", "TDIM", "TNULL", "TSCAL", "TZERO", "TBCOL")
_TABLES: Final = 128
"""Tables whose columns are remembered: files of one kind have the same."""

_BINARY: Final = re.compile(r"(\d{0,18})(?:([PQ])([LXBIJKAEDCM])|([LXBIJKAEDCM])).*", re.ASCII)
_ASCII: Final = re.compile(r"([AIFED])(\d{1,9})(?:\.\d*)?", re.ASCII)
_TDIM: Final = re.compile(r"\( *(\d{1,18} *(?:, *\d{1,18} *)*)\)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table.

    Parameters
    ----------
    name
        TTYPE, or `col3` where there is none; a name that was there before is followed by `_2`, `_3`.
    tform
        Format as the file has it.
    unit
        TUNIT; empty if not stated.
    tdim
        Shape of one cell in index order, slowest first; of strings the last is their length. None if not stated.
    tnull
        Stored integer that means null, or in an ASCII table the text; None if not stated.
    code
        Type code of the elements.
    repeat
        Elements of a cell (characters of strings, 1 for a descriptor).
    offset, width
        Place in the row [byte].
    descriptor
        `P` or `Q` where the cells are arrays in the heap, else empty.
    scaling
        How stored numbers become physical ones.
    """

    name: str
    tform: str
    unit: str
    tdim: tuple[int, ...] | None
    tnull: int | str | None
    code: str
    repeat: int
    offset: int
    width: int
    descriptor: str
    scaling: Scaling


def read_columns(header: Header, layout: Layout, *, where: str) -> tuple[TableColumn, ...]:
    """Read the columns a header declares, and check that they fill its rows.

    Parameters
    ----------
    header, layout
        Header of the table and what it says.
    where
        What to call the HDU in messages.

    Raises
    ------
    BadFile
        Raised if a format is unknown, or if the columns do not fit the row.
    """
    number = count(header, "TFIELDS", where=where, most=MAX_COLUMNS)
    if len(layout.shape) != 2 or layout.dtype != "u1":
        raise BadFile(
            f"{where}: sought a table of rows of bytes; there are axes {layout.shape} of {layout.dtype}. "
            "The header is damaged or of another HDU: fetch the file again."
        )
    rows, row = layout.shape
    if rows and not row:
        raise BadFile(f"{where}: sought rows of at least a byte; there are {rows} rows of none. Mend the header.")
    said = header.cards_of(_DECLARES)
    asked = _Asked(said or "", number, layout.kind == "ascii-table", header, where)
    columns = _columns.__wrapped__(asked) if said is None else _columns(asked)
    if _misfits(layout, columns):
        width = sum(column.width for column in columns)
        raise BadFile(
            f"{where}: sought columns that fill rows of {row} bytes (NAXIS1); TFORM gives {width}. Mend the header."
        )
    return columns


@dataclass(frozen=True, slots=True)
class _Asked:
    """Columns of a header; those of two headers are the same if the same is said of as many."""

    said: str
    number: int
    is_ascii: bool
    header: Header = field(compare=False)
    where: str = field(compare=False)


@lru_cache(maxsize=_TABLES)
def _columns(asked: _Asked) -> tuple[TableColumn, ...]:
    names: dict[str, int] = {}
    columns: list[TableColumn] = []
    offset = 0
    for index in range(1, asked.number + 1):
        read = _ascii_column if asked.is_ascii else _binary_column
        name = _name(asked.header, index, names)
        columns.append(read(asked.header, index, offset, where=asked.where, name=name))
        offset += columns[-1].width
    return tuple(columns)


def _misfits(layout: Layout, columns: Sequence[TableColumn]) -> bool:
    """Tell whether the columns are wider than the row, or of a binary table, narrower."""
    row, used = layout.shape[1], sum(column.width for column in columns)
    if layout.kind != "ascii-table":
        return used != row
    return used > row or any(column.offset + column.width > row for column in columns)


def _name(header: Header, index: int, names: dict[str, int]) -> str:
    """Give a column a name no earlier column has."""
    name = header.text(f"TTYPE{index}").strip() or f"col{index}"
    while name in names:
        names[name] += 1
        name = f"{name}_{names[name]}"
    names[name] = 1
    return name


def _binary_column(header: Header, index: int, offset: int, *, where: str, name: str) -> TableColumn:
    """Read a column of a binary table."""
    tform = header.text(f"TFORM{index}").strip().upper()
    found = _BINARY.fullmatch(tform)
    if found is None:
        raise _unknown_format(where, index, header)
    digits, descriptor, element, code = found.groups(default="")
    repeat = int(digits or 1)
    if repeat > 1 and descriptor:
        raise _unknown_format(where, index, header)
    kind = descriptor or code
    scaling = read_scaling(header, (f"TSCAL{index}", f"TZERO{index}", f"TNULL{index}"), where=where)
    return TableColumn(
        name=name,
        tform=tform,
        unit=header.text(f"TUNIT{index}"),
        tdim=_tdim(header, index, code, repeat, where=where),
        tnull=scaling.null,
        code=element or code,
        repeat=repeat,
        offset=offset,
        width=-(-repeat // 8) if kind == "X" else repeat * WIDTHS[kind],
        descriptor=descriptor,
        scaling=scaling,
    )


def _ascii_column(header: Header, index: int, offset: int, *, where: str, name: str) -> TableColumn:
    """Read a column of an ASCII table; where it begins is stated, not added up."""
    tform = header.text(f"TFORM{index}").strip().upper()
    found = _ASCII.fullmatch(tform)
    begin = count(header, f"TBCOL{index}", where=where, default=offset + 1)
    if found is None or int(found[2]) == 0 or begin == 0:
        raise _unknown_format(where, index, header)
    scaling = read_scaling(header, (f"TSCAL{index}", f"TZERO{index}", ""), where=where)
    return TableColumn(
        name=name,
        tform=tform,
        unit=header.text(f"TUNIT{index}"),
        tdim=None,
        tnull=header.text(f"TNULL{index}").strip() or None,
        code=found[1],
        repeat=1,
        offset=begin - 1,
        width=int(found[2]),
        descriptor="",
        scaling=scaling,
    )


def _tdim(header: Header, index: int, code: str, repeat: int, *, where: str) -> tuple[int, ...] | None:
    """Read the shape of a cell; arrays in the heap have none."""
    text = header.text(f"TDIM{index}").strip()
    if not (text and code):
        return None
    found = _TDIM.fullmatch(text)
    axes = tuple(int(axis) for axis in found[1].split(",")) if found else ()
    if not axes or prod(axes) > repeat:
        raise BadFile(f"{where}: sought in TDIM{index} the shape of {repeat} elements; there is {text!r}. Mend it.")
    return axes[::-1]


def _unknown_format(where: str, index: int, header: Header) -> BadFile:
    """Say which format is not known."""
    return BadFile(
        f"{where}: sought a format in TFORM{index}; there is {header.get(f'TFORM{index}')!r}. Mend the header."
    )
