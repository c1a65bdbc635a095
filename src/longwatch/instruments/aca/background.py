"""Background of images: what the camera finds on board, and what a dark map says.

Owns both computations. Must not know where images or maps are stored. See spec/aca-dark-hdr3-l0.md 2.4 and 2.5.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longwatch.errors import BadQuery
from longwatch.instruments.aca.centroids import GAIN, INTEG_S
from longwatch.instruments.aca.dark_files import ORIGIN, SHAPE
from longwatch.instruments.aca.dark_model import dark_temp_scale_img

Floats = NDArray[np.float64]

_ROWS: Final = np.array([0, 0, 0, 0, 7, 7, 7, 7])
_COLS: Final = np.array([0, 1, 6, 7, 0, 1, 6, 7])
_SHARE: Final = 1.5
_LEAST_DN: Final = 10.0
_BITS: Final = 1 << np.arange(7, -1, -1)
_FULL: Final = 8


class Background(NamedTuple):
    """What the camera reports of its eight background pixels.

    Parameters
    ----------
    average, rms
        (n,) mean and standard deviation of the pixels kept [DN].
    status
        (n,) a bit for each pixel kept, A1 the highest and P4 the lowest.
    """

    average: Floats
    rms: Floats
    status: NDArray[np.int64]


def onboard_background(images: NDArray[np.floating]) -> Background:
    """Compute the background of 8x8 images as the camera does (BGDTYP 'FLAT').

    The pixels farthest from the mean are dropped as long as they are off by more than 1.5 times the mean
    and 10 DN.

    Parameters
    ----------
    images
        (n, 8, 8) [DN].
    """
    pixels = np.asarray(images, dtype=float)[:, _ROWS, _COLS]
    kept = np.ones(pixels.shape, bool)
    for _ in range(len(_ROWS)):
        mean = _mean(pixels, kept)
        off = np.where(kept, np.abs(pixels - mean[:, None]), -1.0)
        most = off.max(axis=1)
        beyond = most > np.maximum(_SHARE * mean, _LEAST_DN)
        if not beyond.any():
            break
        kept &= ~(beyond[:, None] & (off == most[:, None]))
    mean = _mean(pixels, kept)
    spread = np.sqrt(_mean((pixels - mean[:, None]) ** 2, kept))
    return Background(average=mean, rms=spread, status=np.asarray(kept @ _BITS))


def dark_background(
    dark: NDArray[np.floating],
    rows: NDArray[np.integer],
    cols: NDArray[np.integer],
    *,
    t_dark: float,
    t_ccd: NDArray[np.floating],
    integ: float | NDArray[np.floating] = INTEG_S,
) -> Floats:
    """Give the dark current under 8x8 images.

    Parameters
    ----------
    dark
        (1024, 1024) map [electron / s], row and column -512 first.
    rows, cols
        (n,) row and column of the first pixel of each 8x8 image.
    t_dark, t_ccd
        Temperature of the map, and (n,) of the CCD [deg_C]; brought over by the law `pixel-2023`.
    integ
        Integration time [s].

    Returns
    -------
    np.ndarray
        (n, 8, 8) [DN]; 0 off the CCD.

    Raises
    ------
    BadQuery
        Raised if the map is not 1024x1024, or the arrays differ in length.
    """
    if dark.shape != SHAPE or not len(rows) == len(cols) == len(t_ccd):
        raise BadQuery(f"Sought a map {SHAPE} and one row, column and temperature an image; the map is {dark.shape}.")
    padded = np.pad(np.asarray(dark, dtype=float), _FULL)
    step = np.arange(_FULL) + _FULL
    row = np.clip(rows[:, None] - ORIGIN[0] + step, 0, padded.shape[0] - 1)
    col = np.clip(cols[:, None] - ORIGIN[1] + step, 0, padded.shape[1] - 1)
    cut = padded[row[:, :, None], col[:, None, :]]
    scaled = dark_temp_scale_img(cut, t_dark, np.asarray(t_ccd, dtype=float)[:, None, None])
    return np.asarray(scaled * (np.asarray(integ) / GAIN).reshape(-1, 1, 1))


def background_subtracted(images: NDArray[np.floating], dark_dn: Floats) -> Floats:
    """Take the dark current off images [DN]; nothing falls below 0."""
    return np.maximum(np.asarray(images, dtype=float) - dark_dn, 0.0)


def _mean(values: Floats, kept: NDArray[np.bool_]) -> Floats:
    return np.asarray(np.where(kept, values, 0.0).sum(axis=1) / np.maximum(kept.sum(axis=1), 1))
