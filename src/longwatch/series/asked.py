"""What is asked of a series: which columns are read, which are derived from them, and in which order they are given.

Owns the finding of columns by name. Must not know how rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from longwatch.domain.column import column_named
from longwatch.domain.derived import Derived
from longwatch.domain.epoch import Scalar
from longwatch.domain.series import SeriesSpec
from longwatch.errors import BadQuery
from longwatch.series.answer import dressed


def named(columns: str | Sequence[str]) -> list[str]:
    """Give one name or several as a list."""
    match columns:
        case str():
            return [columns]
        case _:
            return list(columns)


def conditions(where: Mapping[str, Scalar] | None) -> dict[str, Scalar]:
    """Give what columns must be; raises `BadQuery` where that is no single value."""
    for name, value in (where or {}).items():
        match value:
            case None | str() | int() | float() | np.generic():
                continue
            case _:
                raise BadQuery(f"where={{{name!r}: {value!r}}} is no single value. Name one; ask again for another.")
    return dict(where or {})


def at_most(limit: int | None) -> int | None:
    """Give how many rows are wanted; raises `BadQuery` where that is no number from 0 on."""
    if limit is not None and limit < 0:
        raise BadQuery(f"At most {limit} rows cannot be given. Name a limit from 0 on, or None: all rows.")
    return limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Columns of an answer, and what making them takes.

    Parameters
    ----------
    names
        As they are given; the time first.
    stored
        What is read.
    derived
        What is made of it.
    """

    names: tuple[str, ...]
    stored: tuple[str, ...]
    derived: tuple[Derived, ...] = ()

    @classmethod
    def of(
        cls,
        spec: SeriesSpec,
        columns: str | Sequence[str] | None,
        known: Mapping[str, Derived],
        *,
        beside: Sequence[str] = (),
    ) -> Asked:
        """Find columns by name.

        Parameters
        ----------
        spec
            The series.
        columns
            Names; None: all stored and derived ones.
        known
            Its derived channels.
        beside
            Columns that are read, but not given unless they are asked for.

        Raises
        ------
        BadQuery
            Raised if a name is unknown; the message lists those there are.
        """
        chosen = [*(column.name for column in spec.columns), *known] if columns is None else named(columns)
        names = list(dict.fromkeys([spec.time, *chosen]))
        derived = tuple(known[name] for name in names if name in known)
        stored = dict.fromkeys(name for name in names if name not in known)
        stored |= dict.fromkeys(need for one in derived for need in one.needs) | dict.fromkeys(beside)
        every = (*spec.columns, *(one.column for one in known.values()))
        there = {column.name for column in every}
        for name in stored:
            if name not in there:
                column_named(every, name, of=f"Series {spec.name!r}")
        return cls(names=tuple(names), stored=tuple(stored), derived=derived)

    @property
    def channels(self) -> dict[str, tuple[str, ...]]:
        """Every column that is given, and the stored ones it comes from."""
        made = {one.name: (one.name, *one.needs) for one in self.derived}
        return {name: made.get(name, (name,)) for name in self.names}

    def made(self, table: Table) -> Table:
        """Give a table of stored columns with the derived ones."""
        if not self.derived:
            return table
        stored = {name: np.ma.asanyarray(table[name].data) for one in self.derived for name in one.needs}
        found = dressed((one.of(stored, len(table)) for one in self.derived), {})
        table.add_columns(list(found.columns.values()))
        return table

    def given(self, table: Table) -> Table:
        """Give a table with the columns that were asked for, in their order, behind those no series stores."""
        if len(self.names) == len(self.stored) and not self.derived:
            return table
        extra = [name for name in table.colnames if name not in {*self.stored, *self.names}]
        return table[[*extra, *self.names]]
