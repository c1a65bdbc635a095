"""What each period says of some pixels: by our own properties, or by the old ones.

Owns the choice of properties, and the forms in which pixels are named. Must not know lives or states.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np
from astropy.table import Table
from astropy.time import Time
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
    """What periods say of some pixels.

    Parameters
    ----------
    number, start, stop
        (n_period,), the periods and their dates (UTC; empty where they are not known).
    rate, error, p_jump, t_jump
        (n_period, n_pixel); NaN: not known.
    """

    number: NDArray[np.int64]
    start: NDArray[np.str_]
    stop: NDArray[np.str_]
    rate: NDArray[np.floating]
    error: NDArray[np.floating]
    p_jump: NDArray[np.floating]
    t_jump: NDArray[np.floating]


def tell(archive: Archive, places: Places) -> Told:
    """Tell of pixels in order of period: by our own properties where darks were derived, else by the old ones."""
    tellers = ((c.LIFE, _tell_life), (c.CUBE, _tell_old))
    parts = [of_cube(archive, places) for name, of_cube in tellers if name in archive.cubes and len(places)]
    if not parts:
        none, dates = np.zeros((0, len(places))), np.zeros(0, dtype=str)
        return Told(
            number=np.zeros(0, np.int64), start=dates, stop=dates, rate=none, error=none, p_jump=none, t_jump=none
        )
    joined = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Told)}
    _, first = np.unique(joined["number"], return_index=True)
    return Told(**{name: values[first] for name, values in joined.items()})


def _tell_life(archive: Archive, places: Places) -> Told:
    table, values = _held_values(archive, c.LIFE, (*LIFE, c.P_JUMP.name, c.T_JUMP.name), places)
    error, p_jump, t_jump = (np.ma.filled(values[p.name], np.nan) for p in (c.DARK_RATE_ERR, c.P_JUMP, c.T_JUMP))
    return Told(
        number=np.asarray(table["epoch"]),
        start=_dates(table["start"]),
        stop=_dates(table["stop"]),
        rate=told_rate(values[c.DARK_RATE.name], values[c.N_GOOD.name], values[c.N_SAT.name]),
        error=error,
        p_jump=p_jump,
        t_jump=t_jump,
    )


def _tell_old(archive: Archive, places: Places) -> Told:
    table, values = _held_values(archive, c.CUBE, _OLD, places)
    number = np.asarray(table["epoch"])
    sci, err, n_bad = (
        np.ma.filled(values[p.name].astype(np.float64), np.nan) for p in (c.SCI_MEAN, c.ERR_MEAN, c.NAN_COUNT)
    )
    n_good = _n_darks(archive, number)[:, None] - n_bad
    unknown = np.full(sci.shape, np.nan)
    return Told(
        number=number,
        start=_dates(table["start"]),
        stop=_dates(table["stop"]),
        rate=sci / c.EXPOSURE_S,
        error=err / c.EXPOSURE_S / np.sqrt(np.where(n_good > 0, n_good, np.nan)),
        p_jump=unknown,
        t_jump=unknown,
    )


def _n_darks(archive: Archive, number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the darks of periods as their table counts them; NaN where it does not."""
    epochs = archive.timelines[c.TIMELINE].epochs() if c.TIMELINE in archive.timelines else Table()
    if "n_darks" not in epochs.colnames:
        return np.full(len(number), np.nan)
    listed = zip(epochs["number"].tolist(), np.ma.filled(np.ma.asarray(epochs["n_darks"], float), np.nan), strict=True)
    known = dict(listed)
    return np.array([known.get(one, np.nan) for one in number.tolist()])


def _held_values(
    archive: Archive, name: str, properties: Sequence[str], places: Places
) -> tuple[Table, dict[str, np.ma.MaskedArray]]:
    """Give the periods a cube holds as a table, and (n_period, n_place) of each property."""
    table = archive.cubes[name].pixels([(int(row), int(col)) for row, col in places], properties=properties)
    count = len(table) // len(places)
    values = {p: np.ma.asarray(table[p]).reshape(len(places), count).T for p in properties}
    return table[:count], values


def _dates(times: Time) -> NDArray[np.str_]:
    """Write times; empty where they are masked."""
    return np.where(times.mask, "", times.unmasked.isot)


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
