"""Statistics of rows in bins: of numbers, and of states.

Owns the arithmetic. Must not know where rows come from or how statistics are kept.

Statistics are columns with a row a bin: `bin`, `n`, `mean`, `std`, `min`, `max`, `mid` (of the middle row), and in bins
of a day the percentiles `p01` to `p99`; those of states have a row for each state in a bin: `bin`, `state`, `n`.
Values that are missing or NaN do not count, and a bin without any is not there; infinities count. Whatever the type of
a channel, its statistics are computed and kept as 64-bit floats; means are plain ones, not weighted by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.series import TimeScale
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.bins import Level, cut

PERCENTS: Final = (1, 5, 16, 50, 84, 95, 99)
"""Percentiles of a day."""

NUMBERS: Final = ("mean", "std", "min", "max", "mid")
"""Statistics of numbers at every level, beside `bin` and `n`."""

SHARES: Final = tuple(f"p{percent:02}" for percent in PERCENTS)
"""Percentiles by name."""


def is_state(column: Column) -> bool:
    """Tell whether a channel holds words or flags, of which states are counted."""
    return column.dtype in {"str", "bool"}


def has_statistics(column: Column) -> bool:
    """Tell whether a column holds one number, word or flag a row."""
    return not column.shape and not column.ragged


def with_statistics(column: Column) -> Column:
    """Give a column back that has statistics; raises `BadQuery` for arrays and lists."""
    if not has_statistics(column):
        raise BadQuery(f"Column {column.name!r} holds arrays, of which there are no statistics. Fetch it instead.")
    return column


def number_statistics(level: Level, us: Ints, numbers: NDArray[np.float64], scale: TimeScale) -> Columns:
    """Give the statistics of numbers.

    Parameters
    ----------
    level
        Width of the bins.
    us
        (n_row,), ascending instants [microseconds of TAI].
    numbers
        (n_row,), without NaN.
    scale
        Of the series' native time.

    Returns
    -------
    Columns
        (n_bin,) each, as this module says.
    """
    bins, begin = cut(level, us, scale)
    n = np.diff(begin, append=len(us))
    with np.errstate(invalid="ignore", over="ignore"):
        mean = _sums(numbers, begin) / n
        spread = np.sqrt(_sums((numbers - np.repeat(mean, n)) ** 2, begin) / n)
        shares = _percentiles(numbers, begin, n) if level is Level.DAY else {}
    return {
        "bin": bins,
        "n": n,
        "mean": mean,
        "std": spread,
        "min": np.minimum.reduceat(numbers, begin) if len(bins) else mean,
        "max": np.maximum.reduceat(numbers, begin) if len(bins) else mean,
        "mid": numbers[begin + n // 2],
        **shares,
    }


def state_statistics(level: Level, us: Ints, states: tuple[NDArray[np.str_], Ints], scale: TimeScale) -> Columns:
    """Give how often each state occurs in each bin.

    Parameters
    ----------
    level, us, scale
        As for `number_statistics`.
    states
        The words, and (n_row,) which of them each row has.

    Returns
    -------
    Columns
        (n_bin_and_state,) each, by bin and word.
    """
    words, codes = states
    bins, begin = cut(level, us, scale)
    width = max(len(words), 1)
    at = np.repeat(np.arange(len(bins)), np.diff(begin, append=len(us)))
    pairs, n = np.unique(at * width + codes, return_counts=True)
    return {"bin": bins[pairs // width], "state": words[pairs % width], "n": n}


def joined(parts: Sequence[Columns]) -> Columns:
    """Give statistics of stretches that follow each other as one."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def between(found: Columns, first: int, stop: int) -> Columns:
    """Give the statistics of the bins from one number up to another, which is not in it."""
    begin, end = np.searchsorted(found["bin"], [first, stop])
    if begin == 0 and end == len(found["bin"]):
        return found
    return {name: values[begin:end] for name, values in found.items()}


def no_statistics(level: Level, column: Column, scale: TimeScale) -> Columns:
    """Give the statistics of no rows."""
    us = np.empty(0, np.int64)
    if is_state(column):
        return state_statistics(level, us, (np.empty(0, "U1"), us), scale)
    return number_statistics(level, us, np.empty(0), scale)


def _sums(numbers: NDArray[np.float64], begin: Ints) -> NDArray[np.float64]:
    return np.add.reduceat(numbers, begin) if len(begin) else np.empty(0)


def _percentiles(numbers: NDArray[np.float64], begin: Ints, n: Ints) -> dict[str, np.ndarray]:
    """Give percentiles between neighbouring values, in a straight line."""
    found = np.empty((len(begin), len(PERCENTS)))
    for row, (start, count) in enumerate(zip(begin.tolist(), n.tolist(), strict=True)):
        found[row] = np.percentile(numbers[start : start + count], PERCENTS)
    return {name: found[:, i] for i, name in enumerate(SHARES)}
