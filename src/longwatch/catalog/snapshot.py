"""What every query and every write is given: a connection and the commit it speaks for.

Owns the two values and the predicates of life and tenure. Must not know any other table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, func, or_, select

from longwatch.catalog import tables as t
from longwatch.catalog.bulk import insert_columns
from longwatch.domain.run import Run

T = TypeVar("T")

CHUNK = 500
"""Values in one IN list: below the limit of every supported database."""

Record: TypeAlias = Mapping[str, object]
"""One row to be written, by column name."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The archive as one commit shows it. Opaque outside the catalogue but for `commit`.

    Parameters
    ----------
    connection
        An open transaction.
    commit
        Number of the commit every query of this snapshot speaks for.
    """

    connection: Connection
    commit: int

    def lives(self, table: FromClause) -> ColumnElement[bool]:
        """Give the predicate "this row exists at the snapshot's commit"."""
        return alive(table, self.commit)

    def tenured(self, version_id: ColumnElement[int]) -> ColumnElement[bool]:
        """Give the predicate "this version answers for its product at the snapshot's commit"."""
        tenure = t.tenures
        return select(tenure.c.id).where(tenure.c.version_id == version_id, alive(tenure, self.commit)).exists()


@dataclass(frozen=True, slots=True)
class Change(Snapshot):
    """One write transaction, alone in the archive; it sees its own rows.

    Parameters
    ----------
    run
        The run every row of this change belongs to.
    """

    run: Run
    _next: dict[str, int] = field(default_factory=dict)

    def new_ids(self, table: Table, count: int) -> range:
        """Give that many unused ids of a table; safe because a writer is alone."""
        first = self._next.get(table.name)
        if first is None:
            newest = self.connection.execute(select(func.max(table.c.id))).scalar()
            first = (newest or 0) + 1
        self._next[table.name] = first + count
        return range(first, first + count)

    def add(self, table: Table, records: Iterable[Record]) -> list[int]:
        """Insert rows with an id and this commit as `c_from`; gives their ids."""
        columns = _columns(records)
        ids = self.new_ids(table, max(map(len, columns.values()), default=0))
        life = {"c_from": [self.commit] * len(ids)} if "c_from" in table.c else {}
        self.add_columns(table, {"id": ids, **life, **columns})
        return list(ids)

    def add_plain(self, table: Table, records: Iterable[Record]) -> None:
        """Insert rows as they stand; every row names the same columns. `BadQuery` for values no database holds."""
        self.add_columns(table, _columns(records))

    def add_columns(self, table: Table, columns: Mapping[str, Sequence[object]]) -> None:
        """Insert rows given as (n_row,) values by column name; as for `add_plain`."""
        insert_columns(self.connection, table, columns)

    def retire(self, table: Table, condition: ColumnElement[bool]) -> int:
        """Close the life of the current rows that meet a condition; gives how many."""
        done = self.connection.execute(table.update().where(table.c.c_to.is_(None), condition).values(c_to=self.commit))
        return done.rowcount


def _columns(records: Iterable[Record]) -> dict[str, list[object]]:
    rows = list(records)
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


@dataclass(frozen=True, slots=True)
class Aside(Snapshot):
    """A write transaction for what is derived and can be made again: it has no number in the order of events.

    Nothing that is asked `as_of` a commit is written in it.
    """


def alive(table: FromClause, commit: int) -> ColumnElement[bool]:
    """Give the predicate "added at or before a commit, and not retired by then"."""
    return and_(table.c.c_from <= commit, or_(table.c.c_to.is_(None), table.c.c_to > commit))


def chunks(values: Iterable[T]) -> Iterable[list[T]]:
    """Cut values into lists short enough for an IN clause."""
    known = list(values)
    return (known[i : i + CHUNK] for i in range(0, len(known), CHUNK))
