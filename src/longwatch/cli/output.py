"""Writing answers: data to standard output, talk to standard error.

Owns the forms (text, JSON, CSV, ECSV) and what changes on a terminal. Must not know what the answers mean.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

import typer

from longwatch.cli.words import count
from longwatch.errors import BadQuery

if TYPE_CHECKING:
    from astropy.table import Table

    from longwatch.cli.cells import Cell

SCREEN_ROWS: Final = 40
"""A terminal shows so many rows of a table; a pipe gets all."""

FOLDED: Final = 40
"""A terminal folds texts that are longer than so many characters."""


class Form(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    ECSV = "ecsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What people see of a table; programs get all of it.

    Parameters
    ----------
    columns
        Names, in order; None: all.
    nothing
        Said where there are no rows, with what to do.
    precision
        Digits of a second in times.
    """

    columns: Sequence[str] | None = None
    nothing: str = "Nothing found."
    precision: int = 0


def form_of(*, as_json: bool = False, as_csv: bool = False, as_ecsv: bool = False) -> Form:
    """Give the form that was asked for; raises `BadQuery` for more than one."""
    asked = [form for form, wanted in ((Form.JSON, as_json), (Form.CSV, as_csv), (Form.ECSV, as_ecsv)) if wanted]
    if len(asked) > 1:
        raise BadQuery(f"--{' and --'.join(asked)} cannot both be written. Choose one.")
    return asked[0] if asked else Form.TEXT


def say(text: str) -> None:
    """Talk to the person, on standard error."""
    typer.echo(text, err=True)


def write(text: str) -> None:
    """Write a line of an answer."""
    typer.echo(text)


def write_json(value: object) -> None:
    """Write a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def write_table(table: Table, form: Form = Form.TEXT, shown: Shown = Shown()) -> None:
    """Write a table.

    Parameters
    ----------
    table
        The table.
    form
        How.
    shown
        What of it people see.
    """
    from longwatch.cli.cells import columns_of, records

    match form:
        case Form.JSON:
            write_json(list(records(columns_of(table))))
        case Form.CSV:
            _write_csv(columns_of(table))
        case Form.ECSV:
            table.write(sys.stdout, format="ascii.ecsv")
        case Form.TEXT:
            _write_text(table, shown)


def write_grid(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write rows under a header: drawn by rich on a terminal, aligned by blanks in a pipe."""
    right = [all(is_number(cell) for cell in column) for column in zip(*rows, strict=True)] or [False] * len(header)
    texts = [[spelled(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(header, texts, right)
        return
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    write("\n".join(_aligned(line, widths, right) for line in (header, *texts)))


def spelled(cell: Cell) -> str:
    """Give a value as people read it."""
    match cell:
        case None:
            return "-"
        case bool():
            return "yes" if cell else "no"
        case float():
            return f"{cell:.8g}"
        case list() | tuple():
            return f"[{count(len(cell), 'value')}]"
        case _:
            return str(cell)


def is_number(cell: Cell) -> bool:
    """Tell whether a value is set flush right: a number, or missing."""
    match cell:
        case bool():
            return False
        case int() | float() | None:
            return True
        case _:
            return False


def _aligned(line: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)]
    return "  ".join(cells).rstrip()


def _write_text(table: Table, shown: Shown) -> None:
    from longwatch.cli.cells import columns_of

    if not len(table):
        say(shown.nothing)
        return
    part = table if shown.columns is None else table[list(shown.columns)]
    cut = len(part) - SCREEN_ROWS if sys.stdout.isatty() else 0
    columns = columns_of(part[:SCREEN_ROWS] if cut > 0 else part, precision=shown.precision)
    header = [f"{name} [{unit}]" if (unit := _unit(part, name)) else name for name in columns]
    write_grid(header, list(zip(*columns.values(), strict=True)))
    if cut > 0:
        say(f"... and {count(cut, 'row')} more: pipe it on to see all, or add --csv.")


def _unit(table: Table, name: str) -> str:
    unit = table[name].info.unit
    return "" if unit is None else str(unit)


def _draw(header: Sequence[str], texts: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Draw on a terminal; only columns of long texts are folded, and a line may be longer than the terminal."""
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    drawn = Drawn(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for name, is_right, width in zip(header, right, widths, strict=True):
        justify: Literal["left", "right"] = "right" if is_right else "left"
        drawn.add_column(Text(name), justify=justify, no_wrap=width <= FOLDED, overflow="fold")
    for row in texts:
        drawn.add_row(*(Text(cell) for cell in row))
    console = Console(highlight=False)
    console.width = max(console.width, sum(min(width, FOLDED) + 2 for width in widths))
    console.print(drawn)


def _write_csv(columns: Mapping[str, Sequence[Cell]]) -> None:
    """Write CSV: missing is empty, and an array is JSON in its cell."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([json.dumps(cell) if isinstance(cell, list) else cell for cell in row])
