"""Stored columns as the series declares them now.

Owns the types of columns, the added ones among them. Must not know segments or which rows answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from longwatch.domain.column import column_named
from longwatch.domain.series import SeriesSpec
from longwatch.series.rows import VERSION
from longwatch.series.values import all_missing, arrow_type

SPAN = "_span"
"""Column that says to which of several spans a row belongs."""


def conformed(spec: SeriesSpec, names: Iterable[str], table: pa.Table) -> pa.Table:
    """Give columns as they are declared now: those a segment has not are missing in all its rows."""
    return pa.table({name: _conformed(spec, name, table) for name in names if name != SPAN})


def concatenated(spec: SeriesSpec, names: Iterable[str], parts: Sequence[pa.Table]) -> pa.Table:
    """Give tables one after the other; also where there are none, with the columns' types."""
    types = {name: type_of(spec, name) for name in names}
    return pa.table(
        {
            name: pa.chunked_array([chunk for part in parts for chunk in part[name].chunks], type=kind)
            for name, kind in types.items()
        }
    )


def _conformed(spec: SeriesSpec, name: str, table: pa.Table) -> pa.ChunkedArray:
    if name in table.column_names:
        stored = table[name]
        return stored if stored.type == type_of(spec, name) else stored.cast(type_of(spec, name))
    return pa.chunked_array([all_missing(column_named(spec.columns, name, of=spec.name), table.num_rows)])


def type_of(spec: SeriesSpec, name: str) -> pa.DataType:
    """Give the storage type of a column."""
    if name in {SPAN, VERSION}:
        return pa.int64()
    return arrow_type(column_named(spec.columns, name, of=spec.name))
