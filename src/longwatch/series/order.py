"""The order of rows, and which of several rows with an equal key answers.

Owns sorting and the rule "the highest version wins" as pure functions over arrays. Must not know tables or versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_RUN = 256
"""Rows of a run on average, from which on runs are selected whole."""

Array: TypeAlias = NDArray[np.float64] | NDArray[np.int64]
"""Numbers; words are given as their rank."""


def ascending(keys: Sequence[Array]) -> bool:
    """Tell whether rows are sorted by their first key and it never repeats: then nothing needs doing."""
    first = keys[0]
    return bool(np.all(first[1:] > first[:-1]))


def sorting(keys: Sequence[Array]) -> NDArray[np.intp]:
    """Give the stable order of rows by several keys, the weightiest first."""
    return np.lexsort(tuple(reversed(keys)))


def repeats(keys: Sequence[Array]) -> NDArray[np.bool_]:
    """Tell of each sorted row whether the next one has the same key; the last row has none next."""
    if not len(keys[0]):
        return np.zeros(0, dtype=bool)
    same = np.ones(len(keys[0]) - 1, dtype=bool)
    for key in keys:
        same &= key[1:] == key[:-1]
    return np.append(same, False)


def selections(flags: NDArray[np.bool_]) -> list[slice | NDArray[np.intp]]:
    """Give what selects the rows whose flag is set, in order: slices of long runs, quick to copy, or their numbers."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    if len(edges) * _RUN > len(flags):
        return [np.flatnonzero(flags)]
    ends = [0, *edges.tolist(), len(flags)]
    first = 0 if flags[:1].any() else 1
    return [slice(begin, end) for begin, end in islice(pairwise(ends), first, None, 2)]


def answering(keys: Sequence[Array], rank: Array) -> NDArray[np.intp]:
    """Give the rows that answer, sorted: of rows with an equal key the one with the highest rank, or the last given.

    Rows are sorted by their first key, which costs little where long runs of them are sorted already, and only those in
    which it repeats by the others.
    """
    order = np.argsort(keys[0], kind="stable")
    again = repeats([keys[0][order]])
    if not again.any():
        return order
    place = np.flatnonzero(again | np.roll(again, 1))
    rows = order[place]
    order[place] = rows[sorting([*(key[rows] for key in keys), rank[rows]])]
    return order[~repeats([key[order] for key in keys])]
