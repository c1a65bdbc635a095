"""Derived channels: a formula over the columns of a series that is data, evaluated whenever it is asked for.

Owns the declaration and its evaluation over arrays. Must not know where declarations are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from longwatch.domain.column import Column, Dtype
from longwatch.domain.expression import Channels, Expression
from longwatch.errors import BadQuery

_TYPES: Final[Mapping[str, Dtype]] = {"b": "bool", "U": "str", "i": "i8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A channel that a formula gives.

    Parameters
    ----------
    name
        Name of the channel, in lower case.
    formula
        Over stored columns of one series, such as `"abs(dac - 511) < 1"`; see `longwatch.domain.expression`.
    unit
        `astropy.units` string of what the formula gives; `""` for a number without one, a word or a flag.
    description
        One sentence.
    """

    name: str
    formula: str
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse a formula that cannot be read, a name that cannot be asked for, and a unit astropy does not know."""
        if not self.name.isidentifier():
            raise BadQuery(f"A channel cannot be called {self.name!r}. Use letters, digits and underscores.")
        Expression.parse(self.formula)
        Column(name=self.name, unit=self.unit, description=self.description)  # refuses an unknown unit

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns the formula speaks of."""
        return Expression.parse(self.formula).names

    @property
    def column(self) -> Column:
        """What it means, as far as it is known before rows are there."""
        said = self.description or f"Derived: {self.formula}"
        return Column(name=self.name, unit=self.unit, description=said)

    def of(self, channels: Channels, size: int) -> tuple[Column, np.ndarray]:
        """Give what it means, with the type the formula gives, and its (size,) values; masked where one is missing."""
        found = Expression.parse(self.formula).evaluate(channels, size)
        return self.typed(found), found if np.ma.is_masked(found) else np.ma.getdata(found)

    def typed(self, values: np.ndarray) -> Column:
        """Give what it means, with the type of some of its values."""
        return replace(self.column, dtype=_TYPES.get(values.dtype.kind, "f8"))

    def check(self, columns: Sequence[Column], *, of: str) -> None:
        """Refuse a formula that speaks of what the columns do not have; raises `BadQuery`."""
        if any(column.name == self.name for column in columns):
            raise BadQuery(f"{of} has a column {self.name!r} already. Choose another name for the derived channel.")
        expression = Expression.parse(self.formula)
        expression.check([column.name for column in columns], of=of)
        empty = {c.name: np.empty((0, *c.shape), "U1" if c.dtype == "str" else c.dtype) for c in columns}
        ragged = [column.name for column in columns if column.ragged and column.name in expression.names]
        if ragged:
            raise BadQuery(f"{ragged[0]!r} holds lists, which a formula cannot take. Derive from other columns.")
        expression.evaluate(empty, 0)
