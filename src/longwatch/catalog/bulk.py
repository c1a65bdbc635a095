"""Many new rows at once, handed to the driver as they are.

Owns the way past SQLAlchemy's handling of parameters, which doubles the time of an insert (ADR 0002).
Must not know what a row means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table, TypeDecorator, insert
from sqlalchemy.sql.compiler import SQLCompiler

from longwatch.catalog.storable import fit_columns


def insert_columns(connection: Connection, table: Table, columns: Mapping[str, Sequence[object]]) -> None:
    """Insert rows.

    Parameters
    ----------
    connection
        In a transaction.
    table
        Where to.
    columns
        (n_row,) values each, by column name; None: no value. Columns left out are NULL.

    Raises
    ------
    BadQuery
        Raised for values no database holds; see `fit_columns`.
    """
    if not any(map(len, columns.values())):
        return
    fitted = fit_columns(table, columns)
    for name, values in fitted.items():
        kind = table.c[name].type
        if isinstance(kind, TypeDecorator):
            fitted[name] = [kind.process_bind_param(value, connection.dialect) for value in values]
    statement = _statement(connection.dialect, table, tuple(fitted))
    in_order = statement.positiontup
    rows = zip(*(fitted[name] for name in in_order or fitted), strict=True)
    records = list(rows) if in_order else [dict(zip(fitted, row, strict=True)) for row in rows]
    connection.exec_driver_sql(statement.string, records)


@lru_cache(maxsize=256)
def _statement(dialect: Dialect, table: Table, names: tuple[str, ...]) -> SQLCompiler:
    return insert(table).compile(dialect=dialect, column_keys=names)
