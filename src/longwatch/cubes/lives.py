"""What became of pixels from epoch to epoch: when they turned hot, whether they healed, how restless they are.

Owns events over the epochs of one property. Must not know units, temperatures or instruments: levels come from outside.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.contracts.monitor import CubeView
from longwatch.errors import NotFound

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """When a pixel is hot in one epoch.

    Parameters
    ----------
    on
        It turns hot above this value.
    off
        It stays hot above this one.
    """

    on: float
    off: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lives:
    """What became of every pixel of a detector.

    Parameters
    ----------
    epochs
        Numbers of the epochs, in the order looked at.
    origin
        Native (row, col) of the first pixel.
    hot
        (n_row, n_col) hot in the last epoch in which it was seen.
    hot_in
        (n_row, n_col) epochs in which it was hot.
    births
        (n_row, n_col) times it turned hot. Hot when first seen is none.
    events
        A row for each birth: row, col (native), epoch, and the value before and after.
    """

    epochs: tuple[int, ...]
    origin: tuple[int, int]
    hot: NDArray[np.bool_]
    hot_in: NDArray[np.int16]
    births: NDArray[np.int16]
    events: Table

    def hot_at_least(self, epochs: int) -> NDArray[np.int64]:
        """Give the native (row, col) of pixels hot in at least so many epochs, (n, 2)."""
        return np.asarray(np.argwhere(self.hot_in >= epochs) + np.array(self.origin))


def watch(cube: CubeView, name: str, levels: Mapping[int, Level]) -> Lives:
    """Go through epochs and note when pixels turned hot; in memory there are two images at a time.

    Parameters
    ----------
    cube
        The cube; it has one plane of the property an epoch.
    name
        The property.
    levels
        When a pixel is hot, by epoch, in order of time.

    Returns
    -------
    Lives
        A pixel that is masked or NaN keeps its state.

    Raises
    ------
    NotFound
        Raised if no epoch is given.
    """
    if not levels:
        raise NotFound(f"Cube {cube.spec.name} was asked for the lives of pixels over no epoch. It is {cube!r}.")
    shape = cube.spec.shape
    hot, seen = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    hot_in, births = np.zeros(shape, dtype=np.int16), np.zeros(shape, dtype=np.int16)
    before = np.full(shape, np.nan, dtype=np.float32)
    found: list[tuple[int, NDArray[np.int64], NDArray[np.floating], NDArray[np.floating]]] = []
    for epoch, values in _images(cube, name, list(levels)):
        now = (values > levels[epoch].on) | (hot & ~(values <= levels[epoch].off))
        born = np.flatnonzero(now & ~hot & seen)
        births.reshape(-1)[born] += 1
        found.append((epoch, born, before.reshape(-1)[born], values.reshape(-1)[born]))
        seen |= ~np.isnan(values)
        hot_in += now
        hot, before = now, values
    events = _events(found, cube)
    return Lives(epochs=tuple(levels), origin=cube.spec.origin, hot=hot, hot_in=hot_in, births=births, events=events)


def values_at(cube: CubeView, name: str, epochs: Sequence[int], places: NDArray[np.integer]) -> Floats:
    """Give one property of many pixels in many epochs.

    Parameters
    ----------
    cube, name, epochs
        As in `watch`.
    places
        (n, 2) native (row, col).

    Returns
    -------
    np.ndarray
        (n_epoch, n); NaN where missing.
    """
    row, col = (np.asarray(places) - np.array(cube.spec.origin)).T
    flat = row * cube.spec.shape[1] + col
    return np.stack([values.reshape(-1)[flat] for _, values in _images(cube, name, epochs)]).astype(float)


def restlessness(values: Floats, edges: Sequence[float], *, jump: float) -> tuple[Floats, NDArray[np.int64]]:
    """Tell pixels that go up and down by themselves from those that change with all the others.

    From every step between two epochs the median step of the pixels of the same brightness is taken off, so that what
    all do, by temperature or with age, does not count.

    Parameters
    ----------
    values
        (n_epoch, n), all above 0; NaN: not known.
    edges
        Edges of the classes of brightness, by which a pixel's median is sorted.
    jump
        Steps larger than this are jumps [dex].

    Returns
    -------
    scatter : np.ndarray
        (n,) standard deviation about the common course, from the median of the absolute steps [dex]; NaN for less than
        two steps.
    jumps : np.ndarray
        (n,) jumps down, or up, whichever are fewer: a pixel that is born or heals has none.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.diff(np.log10(np.where(values > 0, values, np.nan)), axis=0)
    classes = np.searchsorted(np.asarray(edges), _median(values))
    for one in np.unique(classes):
        chosen = classes == one
        steps[:, chosen] -= _median(steps[:, chosen].T)[:, None]
    scatter = 1.4826 / np.sqrt(2) * _median(np.abs(steps))
    scatter[np.count_nonzero(np.isfinite(steps), axis=0) < 2] = np.nan
    with np.errstate(invalid="ignore"):
        up, down = (steps > jump).sum(axis=0), (steps < -jump).sum(axis=0)
    return scatter, np.minimum(up, down)


def _median(values: Floats) -> Floats:
    """Give the median over the first axis of what is known; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmedian(values, axis=0))


def _images(cube: CubeView, name: str, epochs: Sequence[int]) -> Iterator[tuple[int, NDArray[np.floating]]]:
    for epoch in epochs:
        image = np.ma.asarray(cube.image(name, epoch=epoch))
        yield epoch, np.asarray(np.ma.filled(image.astype(np.result_type(image.dtype, np.float32)), np.nan))


def _events(
    found: Sequence[tuple[int, NDArray[np.int64], NDArray[np.floating], NDArray[np.floating]]], cube: CubeView
) -> Table:
    flat = np.concatenate([born for _, born, _, _ in found])
    row, col = np.divmod(flat, cube.spec.shape[1])
    return Table(
        {
            "row": row + cube.spec.origin[0],
            "col": col + cube.spec.origin[1],
            "epoch": np.repeat([epoch for epoch, *_ in found], [len(born) for _, born, _, _ in found]),
            "before": np.concatenate([before for *_, before, _ in found]),
            "after": np.concatenate([after for *_, after in found]),
        }
    )
