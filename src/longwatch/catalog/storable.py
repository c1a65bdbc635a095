"""What every supported database holds alike: text of a length, whole numbers of a range, plain floats.

Owns the check, so that SQLite takes nothing that PostgreSQL or MariaDB refuse. Must not know what a value means.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import TypeAlias, cast

from sqlalchemy import BigInteger, Double, Integer, String, Table, Text

from longwatch.errors import BadQuery

_SHOWN = 40
"""Characters of a value that a message shows."""

Fit: TypeAlias = Callable[[str, object], object]
"""`fit(name of the column, value)` gives the value to be stored, or raises `BadQuery`."""


def fit_records(table: Table, records: Iterable[dict[str, object]]) -> None:
    """Make the values of new rows plain, in place: numpy's numbers become Python's.

    Parameters
    ----------
    table
        The table they are for.
    records
        The rows, by column name.

    Raises
    ------
    BadQuery
        Raised if a text is longer than its column, holds NUL or is no UTF-8, or a whole number leaves its range.
    """
    columns = _columns(table)
    for record in records:
        for name, plain, fit in columns:
            value = record.get(name)
            if value is not None and not plain(value):
                record[name] = fit(f"{table.name}.{name}", value)


def plain_text(text: str) -> str:
    r"""Give a text that every database takes: what is no UTF-8, and NUL, is written as `\udce9` or `\x00`."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


@lru_cache(maxsize=64)
def _columns(table: Table) -> tuple[tuple[str, Callable[[object], bool], Fit], ...]:
    """Give for each column what tells at once that a value fits, and what looks closer."""
    found: list[tuple[str, Callable[[object], bool], Fit]] = []
    for column in table.columns:
        match column.type:
            case Text():
                pass
            case String(length=int() as length):
                found.append((column.name, partial(_is_short, length=length), partial(_text, length=length)))
            case BigInteger():
                found.append((column.name, partial(_is_small, limit=1 << 63), partial(_whole, limit=1 << 63)))
            case Integer():
                found.append((column.name, partial(_is_small, limit=1 << 31), partial(_whole, limit=1 << 31)))
            case Double():
                found.append((column.name, _is_float, _number))
            case _:
                pass
    return tuple(found)


def _is_short(value: object, *, length: int) -> bool:
    text = cast("str", value)
    return len(text) <= length and text.isascii() and text.isprintable()


def _is_small(value: object, *, limit: int) -> bool:
    return type(value) is int and -limit <= value < limit


def _is_float(value: object) -> bool:
    return type(value) is float


def _text(name: str, value: object, *, length: int) -> str:
    text = cast("str", value)
    if len(text) > length:
        raise BadQuery(
            f"{name} takes {length} characters, but was given {len(text)}: {plain_text(text[:_SHOWN])!r}... Shorten it."
        )
    if plain_text(text) != text:
        raise BadQuery(f"{name} takes UTF-8 without NUL, but was given {plain_text(text[:_SHOWN])!r}. Rename it.")
    return text


def _whole(name: str, value: object, *, limit: int) -> int:
    number = operator.index(cast("int", value))
    if not -limit <= number < limit:
        raise BadQuery(f"{name} takes whole numbers from {-limit} to {limit - 1}, but was given {number}.")
    return number


def _number(_name: str, value: object) -> float:
    return float(cast("float", value))
