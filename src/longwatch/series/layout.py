"""In which order the rows of a segment lie, so that a question reads little beside what it asks for.

Owns that choice. Must not know Parquet, nor which rows answer.

Rows lie by time. Where there are many rows of few keys, as of the slots of a camera, they lie key by key, each key's by
time, and no row group holds rows of two keys: a question for one key then reads nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.domain.column import column_named
from longwatch.domain.series import SeriesSpec
from longwatch.series.order import repeats, sorting
from longwatch.series.rows import key_names
from longwatch.series.values import as_arrow, codes

RUN = 2_000
"""Rows lie key by key where each key has at least this many on average."""

GROUP = 20_000
"""Rows that are read together, at least."""

GROUP_OF_ARRAYS = 10_000
"""Rows with arrays, such as images, that are read together, at least, where they lie key by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Rows as they are to lie.

    Parameters
    ----------
    schema
        Their columns; those without a missing element are not nullable.
    order
        Names of the columns they are sorted by, the weightiest first.
    time
        Name of the time column.
    pieces
        The rows in their order; no row group holds rows of two pieces, and equal keys are in one piece.
    group
        Rows in a row group, at most.
    """

    schema: pa.Schema
    order: Sequence[str]
    time: str
    pieces: Iterable[pa.Table]
    group: int


def laid_out(spec: SeriesSpec, table: pa.Table) -> Layout:
    """Give rows in the order in which they are to lie.

    Parameters
    ----------
    spec
        The series' declaration.
    table
        Rows sorted by time and key.
    """
    schema = pa.schema([field if table[field.name].null_count else whole(field) for field in table.schema])
    runs = runs_of_keys(spec, table)
    if runs is None:
        return layout_of(spec, schema, [table], by_key=False)
    ends = np.cumsum([0, *map(len, runs)])
    table = table.take(as_arrow(np.concatenate(runs)))
    pieces = [table.slice(begin, end - begin) for begin, end in pairwise(ends.tolist())]
    return layout_of(spec, schema, pieces, by_key=True)


def layout_of(spec: SeriesSpec, schema: pa.Schema, pieces: Iterable[pa.Table], *, by_key: bool) -> Layout:
    """Give pieces, sorted by key and time or by time and key, with what goes with it."""
    order = [*beside_time(spec), spec.time] if by_key else key_names(spec)
    group = GROUP_OF_ARRAYS if by_key and any(column.shape for column in spec.columns) else GROUP
    return Layout(schema=schema, order=order, time=spec.time, pieces=pieces, group=group)


def runs_of_keys(spec: SeriesSpec, table: pa.Table) -> list[NDArray[np.intp]] | None:
    """Give the rows of each key in the order given; None where rows are to lie by time.

    Parameters
    ----------
    spec
        The series' declaration. Rows lie by time where a column of the key holds real numbers, which may be NaN.
    table
        Holds the columns of the key.
    """
    names = beside_time(spec)
    real = any(column_named(spec.columns, name, of=spec.name).dtype.startswith("f") for name in names)
    if real or not names or spec.relative or table.num_rows < RUN:
        return None
    keys = [codes(table[name]) for name in names]
    order = sorting(keys)
    ends = np.flatnonzero(~repeats([key[order] for key in keys])) + 1
    return np.split(order, ends[:-1]) if len(ends) * RUN <= table.num_rows else None


def beside_time(spec: SeriesSpec) -> list[str]:
    """Give the columns of the key but the time."""
    return [name for name in spec.key if name != spec.time]


def whole(field: pa.Field) -> pa.Field:
    """Say of a column that no element is missing; readers of lists gain nothing by it."""
    return field if pa.types.is_nested(field.type) else field.with_nullable(nullable=False)
