"""Statistics per UTC day: count, mean, smallest and largest value of each channel.

Owns the arithmetic. Must not know where rows come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.domain.utc import Ints, utc_from_us
from longwatch.errors import BadQuery
from longwatch.series.answer import Meta, dressed

Floats = NDArray[np.float64]

_DATE = Column(name="date", unit="", description="UTC day", dtype="str")
_MJD = Column(name="mjd", unit="d", description="Modified Julian Date of its midnight, UTC", dtype="i8")


class DayStats(NamedTuple):
    """Statistics of one channel.

    Parameters
    ----------
    day
        (n_day,), days since 1970-01-01 UTC that have at least one row.
    n_good
        (n_day,), values neither missing nor NaN.
    mean, low, high
        (n_day,), NaN where `n_good` is 0.
    """

    day: Ints
    n_good: Ints
    mean: Floats
    low: Floats
    high: Floats


def day_stats(us: Ints, values: NDArray[np.generic]) -> DayStats:
    """Give the statistics of one channel for every UTC day that has rows.

    Parameters
    ----------
    us
        (n_row,), ascending instants [microseconds of TAI].
    values
        (n_row,), numbers; masked and NaN elements do not count.

    Returns
    -------
    DayStats
        By day.
    """
    day = utc_from_us(us)[0]
    days, begin = np.unique(day, return_index=True)
    if not len(days):
        return DayStats(days, np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))
    numbers = np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)
    good = ~np.isnan(numbers)
    count = np.add.reduceat(good.astype(np.int64), begin)
    with np.errstate(invalid="ignore"):
        mean = np.add.reduceat(np.where(good, numbers, 0.0), begin) / np.where(count, count, np.nan)
    low = np.fmin.reduceat(numbers, begin)
    return DayStats(days, count, mean, low, np.fmax.reduceat(numbers, begin))


def channel_stats(channels: Sequence[Column], us: Ints, table: Table) -> list[DayStats]:
    """Give the statistics of each channel of a fetched table."""
    return [day_stats(us, np.ma.asanyarray(table[channel.name].data)) for channel in channels]


def joined(months: Sequence[Sequence[DayStats]], n_channels: int) -> list[DayStats]:
    """Give the statistics of months that follow each other as one for each channel."""
    empty = [day_stats(np.empty(0, np.int64), np.empty(0))] * n_channels
    return [DayStats(*map(np.concatenate, zip(*parts, strict=True))) for parts in zip(empty, *months, strict=True)]


def daily_table(channels: Sequence[Column], stats: Sequence[DayStats], meta: Meta) -> Table:
    """Give statistics as a table: `date`, `mjd`, and four columns for each channel."""
    day = stats[0].day
    values = [(_DATE, day.astype("M8[D]").astype(str)), (_MJD, day + 40_587)]
    for channel, found in zip(channels, stats, strict=True):
        values += [
            (_statistic(channel, "count", "Number of values of", unit=""), found.n_good),
            (_statistic(channel, "mean", "Mean of"), found.mean),
            (_statistic(channel, "min", "Smallest value of"), found.low),
            (_statistic(channel, "max", "Largest value of"), found.high),
        ]
    return dressed(values, meta)


def with_statistics(column: Column) -> Column:
    """Give a column back that has statistics; raises `BadQuery` for words, flags, arrays and lists."""
    if column.dtype in {"str", "bool"} or column.shape or column.ragged:
        held = "arrays" if column.shape or column.ragged else f"type {column.dtype}"
        raise BadQuery(f"Column {column.name!r} holds {held}, of which there is no daily mean. Fetch it instead.")
    return column


def _statistic(channel: Column, name: str, words: str, unit: str | None = None) -> Column:
    description = f"{words} {channel.name} on this UTC day: {channel.description}".rstrip(": ")
    return Column(name=f"{name}_{channel.name}", unit=channel.unit if unit is None else unit, description=description)
