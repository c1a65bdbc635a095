"""Answers as people get them: astropy tables with units, descriptions and masks.

Owns the dressing of rows. Must not know segments or the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np
import pyarrow as pa
from astropy import units
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.series.values import from_arrow

Meta = Mapping[str, object]


def to_astropy(columns: Iterable[Column], stored: pa.Table, meta: Meta) -> Table:
    """Give stored rows as a table.

    Parameters
    ----------
    columns
        Which columns, in this order.
    stored
        Holds them.
    meta
        Becomes the table's metadata.

    Returns
    -------
    Table
        Every column with unit and description; masked only where elements are missing.
    """
    return dressed(((column, from_arrow(column, stored[column.name])) for column in columns), meta)


def dressed(values: Iterable[tuple[Column, NDArray[np.generic]]], meta: Meta) -> Table:
    """Give arrays as a table with the columns' units and descriptions."""
    given = list(values)
    return Table(
        [array for _, array in given],
        names=[column.name for column, _ in given],
        units=[_unit(column.unit) if array.dtype.kind in "iuf" else None for column, array in given],
        descriptions=[column.description for column, _ in given],
        copy=False,
        meta=dict(meta),
    )


@cache
def _unit(text: str) -> units.UnitBase:
    """Give a unit, parsed once; words, flags and lists have none."""
    return units.Unit(text)
