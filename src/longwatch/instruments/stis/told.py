"""What each period says of some pixels: by our own properties, or by the old ones.

Owns the choice of properties, and the forms in which pixels are named. Must not know lives or states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.lives import told_rate

Places: TypeAlias = NDArray[np.int64]
Pixels: TypeAlias = Sequence[tuple[int, int]] | NDArray[np.bool_] | tuple[slice, slice]
"""(row, col) of each pixel, a mask, or a rectangle as two slices."""

LIFE: Final = tuple(p.name for p in (c.DARK_RATE, c.DARK_RATE_ERR, c.CHI2_FRAME, c.N_GOOD, c.N_SAT))
"""Properties by which the state of a pixel is told."""

_OLD: Final = (c.SCI_MEAN.name, c.ERR_MEAN.name, c.NAN_COUNT.name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What one period says of some pixels: its dates, and (n,) of each number."""

    start: str
    stop: str
    rate: NDArray[np.floating]
    error: NDArray[np.floating]
    p_jump: NDArray[np.floating]
    t_jump: NDArray[np.floating]


def tell_life(archive: Archive, places: Places) -> dict[int, Told]:
    """Tell of pixels by our own properties, period by period."""
    names = (*LIFE, c.P_JUMP.name, c.T_JUMP.name)
    frames, values = _held_values(archive, c.LIFE, names, places)
    rate = told_rate(values[c.DARK_RATE.name], values[c.N_GOOD.name], values[c.N_SAT.name])
    error, p_jump, t_jump = (np.ma.filled(values[p.name], np.nan) for p in (c.DARK_RATE_ERR, c.P_JUMP, c.T_JUMP))
    return {
        number: Told(start=start, stop=stop, rate=rate[n], error=error[n], p_jump=p_jump[n], t_jump=t_jump[n])
        for n, (number, start, stop) in enumerate(frames)
    }


def tell_old(archive: Archive, places: Places) -> dict[int, Told]:
    """Tell of pixels by the old properties, period by period."""
    frames, values = _held_values(archive, c.CUBE, _OLD, places)
    epochs = archive.timelines[c.TIMELINE].epochs() if c.TIMELINE in archive.timelines else Table()
    n_darks = dict(zip(epochs["number"], epochs["n_darks"], strict=True)) if "n_darks" in epochs.colnames else {}
    sci, err = (np.ma.filled(values[p.name].astype(float), np.nan) / c.EXPOSURE_S for p in (c.SCI_MEAN, c.ERR_MEAN))
    unknown = np.full(len(places), np.nan)
    told = {}
    for n, (number, start, stop) in enumerate(frames):
        count = np.ma.filled(np.ma.masked_equal(n_darks.get(number, 0), 0).astype(float), np.nan) - np.ma.filled(
            values[c.NAN_COUNT.name][n].astype(float), np.nan
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            error = err[n] / np.sqrt(np.where(count > 0, count, np.nan))
        told[number] = Told(start=start, stop=stop, rate=sci[n], error=error, p_jump=unknown, t_jump=unknown)
    return told


def _held_values(
    archive: Archive, name: str, properties: Sequence[str], places: Places
) -> tuple[list[tuple[int, str, str]], dict[str, np.ma.MaskedArray]]:
    """Give number, start and stop of the periods a cube holds, and (n_period, n_place) of each property."""
    table = archive.cubes[name].pixels([(int(row), int(col)) for row, col in places], properties=properties)
    count = len(table) // len(places)
    first = table[:count]
    dates = ([str(getattr(time, "isot", "")) for time in first[end]] for end in ("start", "stop"))
    values = {p: np.ma.asarray(table[p]).reshape(len(places), count).T for p in properties}
    return list(zip(first["epoch"].tolist(), *dates, strict=True)), values


def places_of(pixels: Pixels) -> Places:
    """Give (n, 2) rows and columns."""
    mask = np.zeros(c.SHAPE, dtype=bool)
    match pixels:
        case (slice() as rows, slice() as cols):
            mask[rows, cols] = True
        case np.ndarray() if pixels.dtype == bool and pixels.shape == c.SHAPE:
            mask = pixels
        case np.ndarray() if pixels.dtype == bool:
            raise BadQuery(f"A mask of pixels has the shape {c.SHAPE} of the detector; there is {pixels.shape}.")
        case _:
            return np.array(pixels, dtype=np.int64).reshape(-1, 2)
    return np.argwhere(mask)
