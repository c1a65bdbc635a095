"""Which elements of a page are there, by the levels that stand before its numbers.

Owns the run-length code of levels. Must not know files, types of numbers or rows of a series.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longwatch.series.memory import flags

_RUNS = 4096
"""Runs of levels that are looked at one by one, at most; from there on pyarrow is quicker."""

_REMEMBERED = 16
"""Answers that are kept: as many as a few row groups of images need."""

_FEW = 1 << 20
"""Elements of a page about which an answer is kept, at most."""

_WORD = 64
"""Bits of a number, at most; what goes on is damaged."""

_STRETCHES = 64
"""Stretches of rows that lack the same elements, at most: where there are more of them, they are not told apart."""


class Alike(NamedTuple):
    """Rows one after the other that lack the same elements.

    Parameters
    ----------
    from_row, to_row
        The first row and the one after the last.
    there
        (width,), which elements of a row are there; not to be written to.
    stretches
        Between which elements of a row these lie.
    per_row
        How many elements of a row that is.
    before
        How many elements are there before these rows.
    """

    from_row: int
    to_row: int
    there: NDArray[np.bool_]
    stretches: Sequence[tuple[int, int]]
    per_row: int
    before: int


@dataclass(frozen=True, eq=False, slots=True)
class Presence:
    """Which elements of a page are there.

    Parameters
    ----------
    count
        How many.
    alike
        The rows, stretch by stretch; empty where that would be more than a few.
    each
        (n,), which elements are there, where rows are not told apart; not to be written to.
    """

    count: int
    alike: Sequence[Alike]
    each: NDArray[np.bool_]

    @property
    def there(self) -> NDArray[np.bool_]:
        """(n,), which are; not to be written to."""
        if not self.alike:
            return self.each
        out = flags(self.alike[-1].to_row * len(self.alike[0].there)).reshape(-1, len(self.alike[0].there))
        for one in self.alike:
            out[one.from_row : one.to_row] = one.there
        return out.reshape(-1)

    def of_row(self, row: int) -> Alike:
        """Give the stretch a row lies in, where stretches are told apart."""
        return self.alike[bisect_right(self.alike, row, key=attrgetter("from_row")) - 1]


def presence_of(levels: memoryview, count: int, top: int, width: int) -> Presence | None:
    """Tell which elements are there; columns of a row group often lack the same rows, so the last answers are kept.

    Parameters
    ----------
    levels
        Runs of levels.
    count
        How many elements they speak of.
    top
        The level of an element that is there.
    width
        Elements in a row.

    Returns
    -------
    Presence
        None where that takes long or the runs are damaged.
    """
    look = _presence if count <= _FEW else _presence.__wrapped__
    return look(bytes(levels), count, top, width)


def before_numbers(content: memoryview, levels: int) -> int:
    """Give where numbers begin after some runs of levels, each of which is preceded by its length."""
    at = 0
    for _ in range(levels):
        at += 4 + int.from_bytes(content[at : at + 4], "little")
    return at


@lru_cache(maxsize=_REMEMBERED)
def _presence(levels: bytes, count: int, top: int, width: int) -> Presence | None:
    there = _present(levels, count, top, width)
    if there is None:
        return None
    alike = _alike(there.reshape(-1, width))
    if alike:
        last = alike[-1]
        return Presence(last.before + (last.to_row - last.from_row) * last.per_row, alike, there[:0])
    there.flags.writeable = False
    return Presence(int(np.count_nonzero(there)), alike, there)


def _alike(rows: NDArray[np.bool_]) -> list[Alike]:
    """Give stretches of rows that lack the same elements; none where they are many."""
    width = rows.shape[1]
    parts = rows.view(np.uint64) if width % 8 == 0 else rows
    changed = np.flatnonzero(parts[1:] != parts[:-1]) // parts.shape[1] + 1
    first = (np.unique(changed) if parts.shape[1] > 1 else changed).tolist()
    if len(first) >= _STRETCHES:
        return []
    found, before = [], 0
    for begin, end in pairwise([0, *first, len(rows)]):
        there = rows[begin].copy()
        there.flags.writeable = False
        found.append(Alike(begin, end, there, _stretches(there), int(np.count_nonzero(there)), before))
        before += (end - begin) * found[-1].per_row
    return found


def _stretches(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Give between which elements of a row those that are there lie."""
    ends = np.flatnonzero(there[1:] != there[:-1]) + 1
    edges = [0, *ends.tolist(), len(there)]
    return [(begin, end) for begin, end in pairwise(edges) if there[begin]]


def varint(data: Sequence[int], at: int) -> tuple[int, int]:
    """Give a number of variable length, and where the next byte is."""
    number = shift = 0
    while at < len(data) and shift < _WORD:
        number |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            break
    return number, at


def _present(levels: bytes, count: int, top: int, width: int) -> NDArray[np.bool_] | None:
    """Give which elements have the highest level, from runs of one level and of packed bits (Parquet, RLE hybrid).

    Where rows of some width repeat each other, so do the bytes of their runs, and these are not looked at one by one.

    Parameters
    ----------
    levels
        The runs.
    count
        How many elements they speak of.
    top
        The highest level.
    width
        After how many elements they may repeat each other.

    Returns
    -------
    np.ndarray
        (count,); None where that takes long or the runs are damaged.
    """
    there, filled, at = np.zeros(count, dtype=bool), 0, 0
    bits = top.bit_length()
    seen: dict[int, tuple[int, int]] = {}
    for _ in range(_RUNS):
        if at >= len(levels) or filled >= count:
            return there
        header, at = varint(levels, at)
        packed, length = header & 1, header >> 1
        n_bytes, n_elements = (length * bits, length * 8) if packed else ((bits + 7) // 8, length)
        run = levels[at : at + n_bytes]
        if len(run) < n_bytes or not n_elements:
            return None
        there[filled : filled + n_elements] = (
            _unpacked(run, bits, top)[: count - filled] if packed else int.from_bytes(run, "little") == top
        )
        at, filled = at + n_bytes, filled + n_elements
        begun, first = seen.get(filled % width, (at, filled))
        n_times = min(_repeats(levels[begun:at], memoryview(levels)[at:]), (count - filled) // max(filled - first, 1))
        if n_times > 0:
            into = slice(filled, filled + n_times * (filled - first))
            there[into].reshape(n_times, -1)[:] = there[first:filled]
            at, filled = at + n_times * (at - begun), into.stop
        seen[filled % width] = (at, filled)
    return None


def _repeats(part: bytes, rest: memoryview) -> int:
    """Give how often bytes follow once more."""
    size = len(part)
    if not size or rest[:size] != part:
        return 0
    data = np.frombuffer(rest, np.uint8)
    differ = data[size:] != data[:-size]
    first = int(np.argmax(differ)) if len(differ) else 0
    return 1 + (first if len(differ) and differ[first] else len(differ)) // size


def _unpacked(run: bytes, bits: int, top: int) -> NDArray[np.bool_]:
    """Give which of some packed levels are the highest one."""
    found = np.unpackbits(np.frombuffer(run, np.uint8), bitorder="little").reshape(-1, bits)
    wanted = np.array([top >> place & 1 for place in range(bits)], np.uint8)
    return np.asarray((found == wanted).all(axis=1))
