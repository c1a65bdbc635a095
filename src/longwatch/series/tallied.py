"""Statistics of rows at hand: of derived channels, and of rows that were selected or filtered.

Owns the way from a fetched table to statistics. Must not know how those of whole months are kept.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from astropy.table import Table

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.series.asked import Asked
from longwatch.series.bins import level_named
from longwatch.series.intervals import instants_of
from longwatch.series.sampled import Sampled
from longwatch.series.tabulated import channels_with_statistics, statistics_table
from longwatch.series.values import to_arrow


def statistics_of(table: Table, spec: SeriesSpec, asked: Asked, stat: str, *, chosen: bool) -> Table:
    """Give the statistics of a fetched table.

    Parameters
    ----------
    table
        From `Series.fetch`.
    spec
        Its series.
    asked
        Which columns it has, and which of them are derived.
    stat
        Width of the bins, as `fetch` takes it.
    chosen
        Whether somebody named the columns.

    Returns
    -------
    Table
        As from `fetch` with `stat`.
    """
    level, made = level_named(stat), {one.name: one for one in asked.derived}
    stored = [name for name in asked.names if name not in made]
    columns = channels_with_statistics(spec, stored, chosen=chosen) if set(stored) != {spec.time} else []
    columns += [one.typed(table[name]) for name, one in made.items()]
    found = [(column, sampled(table, column).statistics(level)) for column in columns]
    return statistics_table(spec, level, found, table.meta | {"stat": str(level)})


def sampled(table: Table, column: Column) -> Sampled:
    """Give a channel of a fetched table, ready to be counted."""
    values = pa.chunked_array([to_arrow(column, np.ma.asanyarray(table[column.name].data), of=column.name)])
    return Sampled.of(column, instants_of(table), values, TimeScale(table.meta["scale"]))
