"""Rows as readers give them, checked against their series' declaration and turned into an Arrow table.

Owns the check. Must not know segments, versions or the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.contracts.reading import Rows
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.errors import BadQuery
from longwatch.series.scale import ZERO_POINT, native_range
from longwatch.series.values import all_missing, arrow_type, as_numpy, to_arrow

VERSION = "_version"
"""Column of every segment: the version that brought the row. Only the writer knows it."""


def key_names(spec: SeriesSpec) -> list[str]:
    """Give the columns that make a row unique, in sorting order: the exposure, the time, the key."""
    exposure = [spec.exposure] if spec.exposure else []
    return list(dict.fromkeys([*exposure, spec.time, *spec.key]))


def schema_of(spec: SeriesSpec) -> pa.Schema:
    """Give the Arrow schema of a series' rows."""
    return pa.schema([pa.field(column.name, arrow_type(column)) for column in spec.columns])


def to_table(spec: SeriesSpec, rows: Rows) -> pa.Table:
    """Give rows as a table of `schema_of(spec)`.

    Parameters
    ----------
    spec
        The series' declaration.
    rows
        The rows; a declared column that is absent is missing in every row.

    Returns
    -------
    pyarrow.Table
        In the order given.

    Raises
    ------
    BadQuery
        Raised if a column is unknown, columns differ in length, shape or type differ from the declaration, a value of
        the key is missing, or a time is missing or NaN.
    """
    n_rows = _length(spec, rows.columns)
    arrays = [_array(spec, column, rows.columns, n_rows) for column in spec.columns]
    table = pa.Table.from_arrays(arrays, [column.name for column in spec.columns])
    _check_key(spec, table)
    return table


def _length(spec: SeriesSpec, columns: Mapping[str, NDArray[np.generic]]) -> int:
    known = {column.name for column in spec.columns}
    unknown = sorted(set(columns) - known)
    if unknown:
        raise BadQuery(
            f"Series {spec.name!r} has no column {', '.join(map(repr, unknown))}. It has: {', '.join(sorted(known))}."
        )
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise BadQuery(f"Rows for series {spec.name!r} have columns of different lengths: {lengths}.")
    return next(iter(lengths.values()), 0)


def _array(spec: SeriesSpec, column: Column, columns: Mapping[str, NDArray[np.generic]], n_rows: int) -> pa.Array:
    given = columns.get(column.name)
    return all_missing(column, n_rows) if given is None else to_arrow(column, given, of=spec.name)


def _check_key(spec: SeriesSpec, table: pa.Table) -> None:
    for name in key_names(spec):
        missing = table[name].null_count
        if missing:
            raise BadQuery(
                f"Series {spec.name!r}: {missing} of {table.num_rows} rows have no {name!r}, which makes a row unique. "
                "Leave such rows out, or fill it."
            )
    times = as_numpy(table[spec.time])
    first, last = native_range(spec.scale)
    wrong = np.flatnonzero(~((times >= first) & (times <= last)))
    if len(wrong):
        raise BadQuery(
            f"Series {spec.name!r}: row {wrong[0]} has the time {times[wrong[0]]} ({ZERO_POINT[spec.scale]}), which is "
            f"no instant; so have {len(wrong)} of {len(times)} rows. Leave such rows out."
        )
