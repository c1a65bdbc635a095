"""Pixels out of slabs: one pixel through all frames, a block of one plane.

Owns the access to bytes. Must not know tables or times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import getitem
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.objectstore import ObjectId, ObjectStore
from longwatch.cubes.plan import Block, Plan, PlaneIndex
from longwatch.domain.utc import Ints
from longwatch.errors import Unavailable


class Opened(Protocol):
    """The bytes of one object, by slice."""

    def __getitem__(self, span: slice, /) -> bytes | memoryview:
        """Give the bytes from `span.start` to `span.stop`."""


@dataclass(frozen=True, slots=True)
class _Ranges:
    """An object that cannot be mapped: each slice is one ranged read."""

    store: ObjectStore
    oid: ObjectId

    def __getitem__(self, span: slice, /) -> bytes:
        return self.store.read(self.oid, span.start, span.stop - span.start)


class Objects(dict[int, Opened]):
    """The objects of a plan, opened when they are first needed; lives as long as one question.

    Parameters
    ----------
    store
        Where they are.
    plan
        Which they are.
    """

    def __init__(self, store: ObjectStore, plan: Plan) -> None:
        super().__init__()
        self._store = store
        self._oids = plan.oids

    def touch(self, numbers: Iterable[int]) -> list[memoryview | None]:
        """Give the maps of objects that were touched before; None where single reads are cheaper or all there is."""
        return self._store.views([self._oids[number] for number in numbers])

    def ranges(self, numbers: Iterable[int], begins: Iterable[int], sizes: Iterable[int]) -> list[bytes]:
        """Read many byte ranges of objects."""
        oids = map(self._oids.__getitem__, numbers)
        return self._store.read_many(list(zip(oids, begins, sizes, strict=True)))

    def __missing__(self, number: int) -> Opened:
        """Open an object."""
        oid = self._oids[number]
        view = self._store.view(oid)
        opened = self[number] = _Ranges(self._store, oid) if view is None else view
        return opened


def read_pixel(
    objects: Objects, plan: Plan, names: Sequence[str], frames: Ints, at: tuple[int, int]
) -> Iterator[tuple[NDArray[np.generic], NDArray[np.bool_]]]:
    """Give one pixel of some properties in many frames; every byte range is known before the first is read.

    Parameters
    ----------
    objects, plan
        The plan and its objects.
    names
        The properties.
    frames
        (n,), numbers of the frames.
    at
        Native (row, col).

    Yields
    ------
    ndarray
        (n,), native byte order, a property at a time; NaN or 0 where missing.
    ndarray of bool
        (n,), True where the pixel was not observed or holds the plane's null value.
    """
    indexes = [plan.index(name) for name in names]
    numbers = [plan.numbers[name] for name in names]
    sizes = np.array([index.stored.itemsize for index in indexes], dtype=np.int64)[:, np.newaxis]
    source, offset, row0, col0, height, width = plan.places[:, np.array(numbers, dtype=np.int64)[:, np.newaxis], frames]
    down, right = at[0] - row0, at[1] - col0
    inside = (down >= 0) & (down < height) & (right >= 0) & (right < width)
    first = offset + (down * width + right) * sizes
    raw = _gather(objects, source[inside], first[inside], (first + sizes)[inside])
    counts = inside.sum(axis=1).tolist()
    _whole(raw, sum(count * index.stored.itemsize for count, index in zip(counts, indexes, strict=True)))
    begin = 0
    for index, here, count in zip(indexes, inside, counts, strict=True):
        found = np.frombuffer(raw, index.stored, count, begin).astype(index.native)
        begin += count * index.stored.itemsize
        yield _spread(index, frames, here, found)


def _gather(objects: Objects, source: Ints, first: Ints, stop: Ints) -> bytes:
    """Join many small byte ranges in order: out of maps where all are held, else read object by object."""
    numbers = source.tolist()
    wanted = list(dict.fromkeys(numbers))
    held = {number: view for number, view in zip(wanted, objects.touch(wanted), strict=True) if view is not None}
    if len(held) == len(wanted):
        views_in_order: Iterator[Opened] = map(held.__getitem__, numbers)
        return b"".join(map(getitem, views_in_order, map(slice, first.tolist(), stop.tolist())))
    order = np.argsort(source, kind="stable")
    blocks = objects.ranges(source[order].tolist(), first[order].tolist(), (stop - first)[order].tolist())
    back = np.argsort(order, kind="stable").tolist()
    return b"".join(map(blocks.__getitem__, back))


def _spread(
    index: PlaneIndex, frames: Ints, here: NDArray[np.bool_], found: NDArray[np.generic]
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """Put the values that were observed where they belong, and say which are missing."""
    values = found
    if len(found) < len(here):
        values = _blank(index, len(here))
        values[here] = found
    return values, ~here | (values == index.null[frames])


def read_block(
    objects: Objects, index: PlaneIndex, frame: int, block: Block
) -> tuple[NDArray[np.generic], NDArray[np.bool_] | None]:
    """Give a block of one plane.

    Parameters
    ----------
    objects, index
        The plan's objects and the planes of the property.
    frame
        Number of the frame.
    block
        What part of the detector.

    Returns
    -------
    ndarray
        Of the block's shape, native byte order; NaN or 0 where missing.
    ndarray of bool
        True where not observed or null; None where no pixel is.
    """
    found = _overlap(index, frame, block)
    if found is None:
        return _blank(index, block.shape), np.ones(block.shape, dtype=bool)
    observed = stored_block(objects, index, frame, found).astype(index.native)
    null = index.null[frame]
    absent = None if np.isnan(null) else observed == observed.dtype.type(null)
    if found == block:
        return observed, absent
    part = np.s_[found.row0 - block.row0 : found.row1 - block.row0, found.col0 - block.col0 : found.col1 - block.col0]
    values, missing = _blank(index, block.shape), np.ones(block.shape, dtype=bool)
    values[part] = observed
    missing[part] = False if absent is None else absent
    return values, missing


def read_stack(objects: Objects, index: PlaneIndex, frames: Ints, block: Block) -> NDArray[np.generic]:
    """Give a block of one property in many frames.

    Parameters
    ----------
    objects, index, block
        As in `read_block`.
    frames
        (n,), numbers of the frames.

    Returns
    -------
    ndarray
        (n, n_row, n_col), native byte order; a `MaskedArray` where any pixel is missing.
    """
    values = np.empty((len(frames), *block.shape), dtype=index.native)
    missing: dict[int, NDArray[np.bool_]] = {}
    whole = covers(index, block)
    for number, frame in enumerate(frames.tolist()):
        if whole[frame]:
            values[number] = stored_block(objects, index, frame, block)
        else:
            values[number], absent = read_block(objects, index, frame, block)
            if absent is not None:
                missing[number] = absent
    return _masked(values, missing)


def read_places(
    objects: Objects, index: PlaneIndex, frames: Ints, places: Ints
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """Give many pixels of one property in many frames.

    Parameters
    ----------
    objects, index
        As in `read_pixel`.
    frames
        (n_frame,), numbers of the frames.
    places
        (n_place, 2), native (row, col); at least one.

    Returns
    -------
    ndarray
        (n_place * n_frame,), all frames of the first place first; NaN or 0 where missing.
    ndarray of bool
        True where missing.
    """
    (row0, col0), (row1, col1) = places.min(axis=0), places.max(axis=0) + 1
    block = Block(row0=int(row0), row1=int(row1), col0=int(col0), col1=int(col1))
    down, right = places[:, 0] - row0, places[:, 1] - col0
    values = np.empty((len(places), len(frames)), dtype=index.native)
    missing = np.zeros(values.shape, dtype=bool)
    whole = covers(index, block)
    for number, frame in enumerate(frames.tolist()):
        if whole[frame]:
            values[:, number] = stored_block(objects, index, frame, block)[down, right]
        else:
            found, absent = read_block(objects, index, frame, block)
            values[:, number] = found[down, right]
            missing[:, number] = False if absent is None else absent[down, right]
    return values.ravel(), missing.ravel()


def stored_block(objects: Objects, index: PlaneIndex, frame: int, block: Block) -> NDArray[np.generic]:
    """Give a block inside a plane as it is stored: big-endian, read-only, mapped where the store can map."""
    source, offset, row0, col0, _, width = index.places[:, frame].tolist()
    line = width * index.stored.itemsize
    begin = offset + (block.row0 - row0) * line
    height = block.row1 - block.row0
    raw = _whole(objects[source][begin : begin + height * line], height * line)
    return np.frombuffer(raw, index.stored).reshape(height, width)[:, block.col0 - col0 : block.col1 - col0]


def covers(index: PlaneIndex, block: Block) -> NDArray[np.bool_]:
    """Tell for each frame whether its plane observed every pixel of a block."""
    _, _, row0, col0, n_row, n_col = index.places
    rows = (row0 <= block.row0) & (block.row1 <= row0 + n_row)
    cols = (col0 <= block.col0) & (block.col1 <= col0 + n_col)
    return np.asarray(rows & cols & np.isnan(index.null))


def _masked(values: NDArray[np.generic], missing: Mapping[int, NDArray[np.bool_]]) -> NDArray[np.generic]:
    if not missing:
        return values
    mask = np.zeros(values.shape, dtype=bool)
    for number, absent in missing.items():
        mask[number] = absent
    return np.ma.MaskedArray(values, mask=mask)


def _overlap(index: PlaneIndex, frame: int, block: Block) -> Block | None:
    _, _, row0, col0, n_row, n_col = index.places[:, frame].tolist()
    low = max(block.row0, row0), max(block.col0, col0)
    high = min(block.row1, row0 + n_row), min(block.col1, col0 + n_col)
    if low[0] >= high[0] or low[1] >= high[1]:
        return None
    return Block(row0=low[0], row1=high[0], col0=low[1], col1=high[1])


def _blank(index: PlaneIndex, shape: int | tuple[int, int]) -> NDArray[np.generic]:
    native = index.native
    return np.full(shape, np.nan if native.kind == "f" else 0, dtype=native)


def _whole(raw: bytes | memoryview, size: int) -> bytes | memoryview:
    if len(raw) != size:
        raise Unavailable(
            f"A slab ends early: sought {size} bytes, there are {len(raw)}. Run `longwatch verify` to name the object "
            "and restore it from a backup."
        )
    return raw
