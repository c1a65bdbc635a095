"""In which order the rows of a segment lie, so that a question reads little beside what it asks for.

Owns that choice. Must not know Parquet, nor which rows answer.

Rows lie by time. Where there are many rows of few keys, as of the slots of a camera, they lie key by key, each key's by
time, and no row group holds rows of two keys: a question for one key then reads nothing of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from longwatch.domain.series import SeriesSpec
from longwatch.series.order import repeats, sorting
from longwatch.series.rows import key_names
from longwatch.series.values import codes

RUN = 2_000
"""Rows lie key by key where each key has at least this many on average."""

GROUP = 20_000
"""Rows that are read together, at least, where they lie by time."""

GROUP_OF_KEY = 10_000
"""Rows that are read together, at least, where they lie key by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Rows as they are to lie.

    Parameters
    ----------
    table
        The rows in their order.
    order
        Names of the columns they are sorted by, the weightiest first.
    time
        Name of the time column.
    cuts
        Where row groups begin and end, from 0 to the number of rows.
    """

    table: pa.Table
    order: Sequence[str]
    time: str
    cuts: Sequence[int]


def laid_out(spec: SeriesSpec, table: pa.Table) -> Layout:
    """Give rows in the order in which they are to lie.

    Parameters
    ----------
    spec
        The series' declaration.
    table
        Rows sorted by time and key.
    """
    names = [name for name in spec.key if name != spec.time]
    if names and not spec.relative and table.num_rows >= RUN:
        keys = [codes(table[name]) for name in names]
        order = sorting(keys)
        ends = np.flatnonzero(~repeats([key[order] for key in keys])) + 1
        if len(ends) * RUN <= table.num_rows:
            cuts = _cuts(ends.tolist(), GROUP_OF_KEY)
            return Layout(table=table.take(order), order=[*names, spec.time], time=spec.time, cuts=cuts)
    return Layout(table=table, order=key_names(spec), time=spec.time, cuts=_cuts([table.num_rows], GROUP))


def _cuts(ends: Sequence[int], size: int) -> list[int]:
    """Give where row groups begin and end: runs of rows that end somewhere, each in groups of a size."""
    cuts = [0]
    for end in ends:
        cuts += [*range(cuts[-1] + size, end, size), end]
    return cuts
