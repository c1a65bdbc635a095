"""What every supported database holds alike: text of a length, whole numbers of a range, plain floats.

Owns the check, so that SQLite takes nothing that PostgreSQL or MariaDB refuse. Must not know what a value means.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TypeAlias, cast

from sqlalchemy import BigInteger, Double, Integer, String, Table, Text

from longwatch.errors import BadQuery

_SHOWN = 40
"""Characters of a value that a message shows."""

Plain: TypeAlias = Callable[[Sequence[object]], bool]
"""`plain(values)` tells whether all of some values can be stored as they are."""

Fit: TypeAlias = Callable[[str, object], object]
"""`fit(name of the column, value)` gives the value to be stored, or raises `BadQuery`."""


def fit_columns(table: Table, columns: Mapping[str, Sequence[object]]) -> dict[str, Sequence[object]]:
    """Make the values of new rows plain: numpy's numbers become Python's.

    Parameters
    ----------
    table
        The table they are for.
    columns
        (n_row,) values each, by column name; None: no value.

    Returns
    -------
    dict[str, Sequence[object]]
        The same, to be handed to the driver of any database.

    Raises
    ------
    BadQuery
        Raised if a text is longer than its column, holds NUL or is no UTF-8, or a whole number leaves its range.
    """
    known, found = _columns(table), dict(columns)
    for name, values in columns.items():
        if name in known:
            plain, fit = known[name]
            given = [value for value in values if value is not None]
            if not plain(given):
                said = f"{table.name}.{name}"
                found[name] = [None if value is None else fit(said, value) for value in values]
    return found


def plain_text(text: str) -> str:
    r"""Give a text that every database takes: what is no UTF-8, and NUL, is written as `\udce9` or `\x00`."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


@lru_cache(maxsize=64)
def _columns(table: Table) -> dict[str, tuple[Plain, Fit]]:
    """Give by column what tells at once that all values fit, and what looks closer at one."""
    found: dict[str, tuple[Plain, Fit]] = {}
    for column in table.columns:
        match column.type:
            case Text():
                pass
            case String(length=int() as length):
                found[column.name] = partial(_are_short, length=length), partial(_text, length=length)
            case BigInteger():
                found[column.name] = partial(_are_small, limit=1 << 63), partial(_whole, limit=1 << 63)
            case Integer():
                found[column.name] = partial(_are_small, limit=1 << 31), partial(_whole, limit=1 << 31)
            case Double():
                found[column.name] = _are_floats, _number
            case _:
                pass
    return found


def _are_short(values: Sequence[object], *, length: int) -> bool:
    words = cast("Sequence[str]", values)
    every = "".join(words)
    return every.isascii() and every.isprintable() and max(map(len, words), default=0) <= length


def _are_small(values: Sequence[object], *, limit: int) -> bool:
    numbers = cast("Sequence[int]", values)
    return {int}.issuperset(map(type, values)) and -limit <= min(numbers, default=0) and max(numbers, default=0) < limit


def _are_floats(values: Sequence[object]) -> bool:
    return {float}.issuperset(map(type, values))


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
