"""Properties of a whole detector, band of rows after band of rows, in bounded memory.

Owns the division into bands and the reading of pixels out of opened files. Must not know archives or periods.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from longwatch.fits.image import ImagePlane
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import temperature
from longwatch.instruments.stis.dark_files import Imset
from longwatch.instruments.stis.frames import Bools, Frames, Stack, scaled
from longwatch.instruments.stis.properties import (
    has_flags,
    life_properties,
    old_properties,
    read_noise_of_pairs,
    with_measured_growth,
    with_own_growth,
)
from longwatch.instruments.stis.rejection import HALO, reject
from longwatch.instruments.stis.selection import Choice, Growth

Images: TypeAlias = dict[str, np.ndarray]

ROWS: Final = 64
"""Rows of a band: 58 frames of it are 15 MB an image."""

WORKERS: Final = 2
"""Bands worked on at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Opened:
    """An exposure and the bytes of its file, mapped or in memory.

    Parameters
    ----------
    imset
        The exposure.
    data
        The uncompressed file.
    """

    imset: Imset
    data: memoryview


def frames_of(opened: Sequence[Opened], *, start_mjd: float, stop_mjd: float) -> Frames:
    """Give what exposures, in order of time, were taken with."""
    taken = [one.imset for one in opened]
    biases = list(dict.fromkeys(imset.bias for imset in taken))
    return Frames(
        exptime_s=np.array([imset.exptime_s for imset in taken]),
        gain=np.array([imset.gain for imset in taken]),
        temp_c=np.array([imset.temp_c for imset in taken]),
        mjd=np.array([imset.mjd for imset in taken]),
        start_mjd=start_mjd,
        stop_mjd=stop_mjd,
        readnoise_dn=np.array([imset.readnoise_dn for imset in taken]),
        bias=np.array([biases.index(imset.bias) for imset in taken], dtype=np.int64),
    )


def derive_images(
    opened: Sequence[Opened], frames: Frames, choice: Choice, biases: Sequence[Opened] = ()
) -> tuple[Images, Images]:
    """Derive the properties of every pixel.

    Parameters
    ----------
    opened
        Exposures of one shape and place, in order of time; at least one.
    frames
        What they were taken with.
    choice
        How.
    biases
        Biases of the same shape and place, in order of time: where there are any, their pairs tell the read noise.

    Returns
    -------
    tuple
        (n_row, n_col) images by name: the properties of `stis.ccd`, and those of `stis.life`. They do not depend on
        how rows are banded.

    Notes
    -----
    Where no frame flags cosmic rays, our own rejection takes the place of the flags for both.
    """
    n_row = opened[0].imset.sci.shape[0]
    flagged = any(has_flags(_rows(one, one.imset.dq, 0, n_row)) for one in opened)
    starts = range(0, n_row, ROWS)

    def derive(first: int) -> tuple[Images, Images]:
        old, life = _band(opened, frames, choice, first=first, flagged=flagged)
        if biases:
            life[c.READNOISE_TRUE.name] = _bias_noise(biases, choice, first, min(first + ROWS, n_row))
        return old, life

    with ThreadPoolExecutor(WORKERS) as pool:
        bands = list(pool.map(derive, starts))
    return _joined([old for old, _ in bands]), _joined([life for _, life in bands])


def _band(
    opened: Sequence[Opened], frames: Frames, choice: Choice, *, first: int, flagged: bool
) -> tuple[Images, Images]:
    """Derive one band; rows beside it are read too, for cosmic rays that reach in."""
    n_row = opened[0].imset.sci.shape[0]
    halo = HALO * (1 + (not flagged) + (choice.growth is Growth.PIXEL))  # once more for every rejection before the last
    low, high = max(first - halo, 0), min(first + ROWS + halo, n_row)
    stack = _read(opened, low, high)
    good = stack.good(choice.mask)
    if not flagged:
        good = reject(scaled(stack, frames), good, frames).good
    old = old_properties(stack, frames, good)
    life = life_properties(stack, _grown(stack, frames, good, old["sci_mean"], choice.growth), good)
    inside = slice(first - low, min(first + ROWS, n_row) - low)
    return {name: image[inside] for name, image in old.items()}, {name: image[inside] for name, image in life.items()}


def _bias_noise(biases: Sequence[Opened], choice: Choice, low: int, high: int) -> np.ndarray:
    """Give the read noise of rows from pairs of biases."""
    sci = np.array([_rows(one, one.imset.sci, low, high) for one in biases], dtype=np.float32)
    dq = np.array([_rows(one, one.imset.dq, low, high) for one in biases], dtype=np.int16)
    good = ((dq & np.int16(choice.mask)) == 0) & np.isfinite(sci)
    return read_noise_of_pairs(sci, good).astype(c.READNOISE_TRUE.dtype)


def _grown(stack: Stack, frames: Frames, good: Bools, sci_mean: np.ndarray, growth: Growth) -> Frames:
    """Give the frames with the growth our own properties use."""
    match growth:
        case Growth.LINEAR:
            return frames
        case Growth.RATE:
            return with_measured_growth(frames, sci_mean)
        case Growth.PIXEL:
            return with_own_growth(stack, with_measured_growth(frames, sci_mean), good)


def _read(opened: Sequence[Opened], low: int, high: int) -> Stack:
    """Read rows of all exposures; a temperature factor that a file was already divided by is put back."""
    shape = len(opened), high - low, opened[0].imset.sci.shape[1]
    sci, err, dq = np.empty(shape, np.float32), np.empty(shape, np.float32), np.empty(shape, np.int16)
    for number, one in enumerate(opened):
        imset = one.imset
        sci[number], err[number] = (_rows(one, plane, low, high) for plane in (imset.sci, imset.err))
        dq[number] = _rows(one, imset.dq, low, high)
        if imset.scaled:
            back = np.float32(temperature.factor(imset.temp_c, imset.mjd)[()])
            sci[number] *= back
            err[number] *= back
    return Stack(sci=sci, err=err, dq=dq)


def _rows(one: Opened, plane: ImagePlane, low: int, high: int) -> np.ndarray:
    """Give rows of an image as they are stored."""
    width, dtype = plane.shape[1], np.dtype(plane.dtype)
    begin = plane.offset + low * width * dtype.itemsize
    return np.frombuffer(one.data, dtype, (high - low) * width, begin).reshape(high - low, width)


def _joined(bands: Sequence[Images]) -> Images:
    return {name: np.concatenate([band[name] for band in bands]) for name in bands[0]}
