"""Columns: what one measured or derived number means, said once.

Owns name, unit, description and storage type of a column. Must not know where columns are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from astropy import units

from longwatch.errors import BadQuery

Dtype: TypeAlias = Literal["f8", "f4", "i8", "i4", "i2", "u4", "u2", "u1", "bool", "str"]
"""Storage type of one element; `str` is stored as a dictionary, so states cost little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One named column.

    Parameters
    ----------
    name
        The field's own word in lower case: the FITS keyword or column where there is one.
    unit
        `astropy.units` string; dimensionless is written as `""`, never implied.
    description
        One sentence that says what the number means.
    dtype
        Storage type of one element. A missing element is masked, whatever the type; NaN is a value.
    shape
        Shape of one row's element: `()` for a scalar, `(8, 8)` for an image.
    ragged
        True where each row holds a list of its own length.
    ucd
        IVOA unified content descriptor, where one fits.
    """

    name: str
    unit: str
    description: str
    dtype: Dtype = "f8"
    shape: tuple[int, ...] = ()
    ragged: bool = False
    ucd: str = ""

    def __post_init__(self) -> None:
        """Refuse a unit that astropy does not know."""
        try:
            units.Unit(self.unit)
        except ValueError as error:
            raise BadQuery(
                f"Column {self.name!r}: {self.unit!r} is no unit that astropy knows. "
                'Write it as an `astropy.units` string such as "electron / s", or "" for a dimensionless number.'
            ) from error


def column_named(columns: tuple[Column, ...], name: str, *, of: str) -> Column:
    """Give the column of that name.

    Parameters
    ----------
    columns
        The columns to choose from.
    name
        The name sought.
    of
        What the columns belong to, for the message.

    Returns
    -------
    Column
        The one with that name.

    Raises
    ------
    BadQuery
        Raised if there is none; the message lists those there are.
    """
    for column in columns:
        if column.name == name:
            return column
    raise BadQuery(f"{of} has no column {name!r}. It has: {', '.join(c.name for c in columns)}.")
