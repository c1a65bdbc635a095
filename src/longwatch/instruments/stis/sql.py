"""Questions in SQL about periods and pixels, which cannot change anything.

Owns the tables named as the old database's, in memory, and what a statement may do. Must not know archives.
See spec/stis.md 2.1, 4 and 5.
"""

from __future__ import annotations

import sqlite3
import time
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
from astropy.table import Column, MaskedColumn, Table

from longwatch.errors import BadQuery

Cell: TypeAlias = str | int | float | None

TABLES: Final = {
    "ANNEAL_PERIOD": "AnnealNumber INTEGER PRIMARY KEY, StartDate TEXT, EndDate TEXT, NumberOfDarks INTEGER",
    "DARKS": "Darks TEXT, AnnealNumber INTEGER",
    "INSTRUMENT": "IName TEXT PRIMARY KEY, N_Detectors INTEGER, Functioning INTEGER",
    "DETECTOR": "DName TEXT PRIMARY KEY, Annealed INTEGER, N_Rows INTEGER, N_Columns INTEGER, IName TEXT",
    "PIXEL": "RowNum INTEGER, ColumnNum INTEGER, Detector_Name TEXT",
    "HAS_PROPERTIES_IN": (
        "AnnealNumber INTEGER, RowNum INTEGER, ColumnNum INTEGER, Stability REAL, Sci_Mean REAL, Err_Mean REAL, "
        "NaN_Count INTEGER, Readnoise REAL, PRIMARY KEY (AnnealNumber, RowNum, ColumnNum)"
    ),
}
"""Tables and their columns, as the old database had them."""

_INSERTS: Final = {
    "ANNEAL_PERIOD": "INSERT INTO ANNEAL_PERIOD VALUES (?, ?, ?, ?)",
    "DARKS": "INSERT INTO DARKS VALUES (?, ?)",
    "INSTRUMENT": "INSERT INTO INSTRUMENT VALUES (?, ?, ?)",
    "DETECTOR": "INSERT INTO DETECTOR VALUES (?, ?, ?, ?, ?)",
    "PIXEL": "INSERT INTO PIXEL VALUES (?, ?, ?)",
    "HAS_PROPERTIES_IN": "INSERT INTO HAS_PROPERTIES_IN VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
}

_MAY: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_NEVER: Final = frozenset({"load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"})
_STEPS: Final = 10_000
_LONGEST: Final = 10_000_000
"""Longest text or blob a statement may make [byte]."""


class ReadOnlySql:
    """A database in memory that is filled once, and then only read."""

    def __init__(self) -> None:
        self._link = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._link.close)
        for name, columns in TABLES.items():
            self._link.execute(f"CREATE TABLE {name} ({columns})")

    def fill(self, table: str, rows: Iterable[Sequence[Cell]]) -> None:
        """Add rows to one of `TABLES`; not possible after `close_to_writing`."""
        self._link.execute("BEGIN")
        self._link.executemany(_INSERTS[table], rows)
        self._link.execute("COMMIT")

    def close_to_writing(self) -> None:
        """Allow nothing but reading from now on."""
        self._link.execute("PRAGMA query_only = ON")
        self._link.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
        self._link.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._link.set_authorizer(_allow)

    def query(
        self,
        statement: str,
        parameters: Sequence[Cell] | Mapping[str, Cell] = (),
        *,
        max_rows: int,
        timeout_s: float,
    ) -> Table:
        """Ask one question.

        Parameters
        ----------
        statement
            One SELECT.
        parameters
            Values for its `?` or `:name`.
        max_rows
            Most rows it may give.
        timeout_s
            Longest time it may take [s].

        Returns
        -------
        Table
            Columns under the statement's names; numbers as numbers. Null is NaN in a column of floats, else masked.

        Raises
        ------
        BadQuery
            Raised if the statement is wrong, would change anything, takes too long, or gives too many rows.
        """
        until = time.monotonic() + timeout_s
        self._link.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        try:
            cursor = self._link.execute(statement, parameters)
            rows = cursor.fetchmany(max_rows + 1)
            names = [name for name, *_ in cursor.description or ()]
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise BadQuery(_told(error, timeout_s)) from error
        finally:
            self._link.set_progress_handler(None, 0)
        if not names:
            raise BadQuery(f"There is no question in {statement!r}. Write one SELECT.")
        if len(rows) > max_rows:
            raise BadQuery(f"The answer has more than {max_rows} rows. Add a WHERE or a LIMIT, or raise max_rows.")
        return _table(names, rows)


def _allow(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Allow reading, and functions that only calculate."""
    called = (second or first or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
    return sqlite3.SQLITE_OK if action in _MAY and called not in _NEVER else sqlite3.SQLITE_DENY


def _told(error: Exception, timeout_s: float) -> str:
    text = str(error)
    if "interrupted" in text:
        return f"The statement took longer than {timeout_s:g} s and was stopped. Narrow it, or raise timeout_s."
    if "not authorized" in text or "prohibited" in text or "readonly" in text:
        return f"Only SELECT is allowed, and the tables {', '.join(TABLES)} cannot be changed ({text})."
    return f"The statement cannot be answered: {text}. There are the tables {', '.join(TABLES)}."


def _table(names: Sequence[str], rows: Sequence[tuple[Cell, ...]]) -> Table:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    table = Table()
    for name, values in zip(names, columns, strict=True):
        own, number = name, 2
        while own in table.colnames:
            own, number = f"{name}_{number}", number + 1
        table[own] = _column(values)
    return table


def _column(values: Sequence[Cell]) -> Column:
    there = [value for value in values if value is not None]
    data = np.array(there) if there else np.zeros(0)
    if len(there) == len(values):
        return Column(data)
    missing = np.array([value is None for value in values])
    if data.dtype.kind == "f":
        filled = np.full(len(values), np.nan)
        filled[~missing] = data
        return Column(filled)
    padded = np.zeros(len(values), dtype=data.dtype)
    padded[~missing] = data
    return MaskedColumn(padded, mask=missing)
