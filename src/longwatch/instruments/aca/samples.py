"""Samples of one channel of a slot, filled block by block.

Owns the arrays of times, values and losses. Must not know what a channel means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from longwatch.domain.times import us_from_cxc
from longwatch.series.blocks import Block, Blocks
from longwatch.series.intervals import within
from longwatch.series.memory import flags, uninitialised
from longwatch.series.order import selections
from longwatch.series.pages import Values
from longwatch.series.registry import BadTimes

Columns: TypeAlias = Mapping[str, Values]
"""Columns of a block."""


class Samples(NamedTuple):
    """Samples of one channel.

    Parameters
    ----------
    time
        (n,) ascending [Chandra seconds].
    values
        (n,); any value where one is missing.
    lost
        (n,), which are of bad quality or missing.
    """

    time: NDArray[np.float64]
    values: np.ndarray
    lost: NDArray[np.bool_]


def empty_samples(n: int, dtype: DTypeLike) -> Samples:
    """Give arrays to be filled."""
    time: NDArray[Any] = uninitialised(n, np.float64)
    return Samples(time, uninitialised(n, dtype), flags(n))


def samples(blocks: Blocks, name: str, dtype: DTypeLike) -> Samples:
    """Give the samples of a channel, those that are missing marked as lost.

    Parameters
    ----------
    blocks
        Rows with the channel, `time` and `quality`.
    name, dtype
        The channel, and the type of its values.
    """
    found = empty_samples(len(blocks), dtype)
    first = 0
    for block in blocks:
        into = slice(first, first + block.n_rows)
        found.time[into], found.values[into] = block.columns["time"].numbers, block.columns[name].numbers
        gone = lost_rows(block.columns, name)
        found.lost[into] = False if gone is None else gone
        first = into.stop
    return found


def present_samples(blocks: Blocks, name: str, dtype: DTypeLike) -> Samples:
    """Give the samples of a channel without those that are missing; arguments as for `samples`."""
    time, values, lost = empty_samples(len(blocks), dtype)
    first = 0
    for block in blocks:
        numbers, missing = block.columns[name]
        for rows in [slice(None)] if missing is None else selections(~missing):
            given = numbers[rows]
            into = slice(first, first + len(given))
            values[into], time[into] = given, block.columns["time"].numbers[rows]
            _bad(block.columns["quality"].numbers[rows], lost[into])
            first = into.stop
    return Samples(time[:first], values[:first], lost[:first])


def side_by_side(one: Blocks, other: Blocks) -> Iterator[tuple[slice, Columns, Columns]]:
    """Give rows of two channels that have the same times, some at a time; it ends where a time is not the same.

    Yields
    ------
    tuple
        Which rows, the columns of the one and of the other.
    """
    if len(one) != len(other):
        return
    first, rows, none = 0, [iter(one), iter(other)], Block(0, {})
    held = [none, none]
    while first < len(one):
        held = [block if block.n_rows else next(more) for block, more in zip(held, rows, strict=True)]
        n_rows = min(block.n_rows for block in held)
        a, b = (block.cut(0, n_rows) for block in held)
        if not one.same_times(a, b):
            return
        yield slice(first, first + n_rows), a.columns, b.columns
        held = [block.cut(n_rows, block.n_rows) if n_rows < block.n_rows else none for block in held]
        first += n_rows


def lose_registered(found: Samples, bad_times: BadTimes, blocks: Blocks, channel: str) -> None:
    """Mark samples that lie in a registered bad time of their channel as lost."""
    start, stop = bad_times.spans(blocks, channel)
    if len(start):
        np.logical_or(found.lost, within(us_from_cxc(found.time), start, stop), out=found.lost)


def _bad(quality: NDArray[np.generic], into: NDArray[np.bool_]) -> None:
    """Say which rows are of bad quality; most often it is one and the same for all."""
    if any(quality.strides):
        np.not_equal(quality, 0, out=into)
    elif len(into):
        into[:] = quality[0] != 0


def lost_rows(columns: Columns, name: str) -> NDArray[np.bool_] | None:
    """Give which rows of a channel are of bad quality or missing; None: none is."""
    quality, missing = columns["quality"].numbers, columns[name].missing
    if not any(quality.strides) and not quality[:1].any():
        return missing
    bad: NDArray[np.bool_] = np.not_equal(quality, 0)
    return bad if missing is None else missing | bad
