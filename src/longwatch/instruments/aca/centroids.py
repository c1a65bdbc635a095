"""Where a star lies in an image, and how bright it is.

Owns first moments and the magnitude scale. Must not know how images are stored. See spec/aca-dark-hdr3-l0.md 5.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.errors import BadQuery

GAIN: Final = 5.0
"""Electrons per DN."""

INTEG_S: Final = 1.696
"""Usual integration time [s]."""

_RATE_AT_ZERO: Final = 5263.0
_MAG_AT_ZERO: Final = 10.32


def centroid_fm(
    img: np.ndarray,
    bgd: float | np.ndarray | None = None,
    pix_zero_loc: str = "center",
    norm_clip: float | None = None,
) -> tuple[float, float, float]:
    """Give the first-moment centroid of one image.

    Parameters
    ----------
    img
        (n, n) pixels. Of 8x8 the inner 6x6 count, of 6x6 all; both without their four corners.
    bgd
        Background to take off first, a number or an image.
    pix_zero_loc
        `center`: a whole number is the centre of a pixel; `edge`: its lower-left edge.
    norm_clip
        Lowest sum to divide by; None: refuse a sum of 0 or less.

    Returns
    -------
    tuple of float
        Row and column from the first pixel of the whole image, and the sum of the pixels that count.

    Raises
    ------
    BadQuery
        Raised if the image is not square, or its sum is 0 or less and no `norm_clip` is given.
    """
    pixels = np.asarray(img, dtype=float)
    if pixels.ndim != 2 or pixels.shape[0] != pixels.shape[1]:
        raise BadQuery(f"A centroid needs a square image, not {pixels.shape}. Cut one out.")
    if pix_zero_loc not in {"center", "edge"}:
        raise BadQuery(f"pix_zero_loc is {pix_zero_loc!r}; it may be 'center' or 'edge'.")
    row, col, norm = (float(one[0]) for one in first_moments((pixels - (0 if bgd is None else bgd))[None], norm_clip))
    if norm_clip is None and norm <= 0:
        raise BadQuery(
            f"The image sums to {norm:g}; there is nothing to centre on. Give norm_clip, or less background."
        )
    half = 0.5 if pix_zero_loc == "edge" else 0.0
    return row + half, col + half, norm


def first_moments(
    images: NDArray[np.floating], norm_clip: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Give first-moment centroids of many images at once.

    Parameters
    ----------
    images
        (n, size, size), background taken off.
    norm_clip
        Lowest sum to divide by.

    Returns
    -------
    tuple of np.ndarray
        (n,) row, column and sum; row and column are NaN where the sum is 0 or less and there is no `norm_clip`.
    """
    size = images.shape[1]
    weight = _counted(size)
    place = np.arange(size)
    total = np.einsum("nij,ij->n", images, weight)
    clipped = total if norm_clip is None else np.maximum(total, norm_clip)
    below = np.where(clipped > 0, clipped, np.nan)
    row = np.einsum("nij,ij,i->n", images, weight, place) / below
    col = np.einsum("nij,ij,j->n", images, weight, place) / below
    return row, col, clipped


def magnitude(rate: float | NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the magnitude of a count rate [electron / s]."""
    return np.asarray(_MAG_AT_ZERO - 2.5 * np.log10(np.asarray(rate) / _RATE_AT_ZERO))


def count_rate(mag: float | NDArray[np.floating]) -> NDArray[np.float64]:
    """Give the count rate [electron / s] of a magnitude."""
    return np.asarray(_RATE_AT_ZERO * 10 ** ((_MAG_AT_ZERO - np.asarray(mag)) / 2.5))


def _counted(size: int) -> NDArray[np.float64]:
    """Give 1 for pixels that count and 0 for the others."""
    weight = np.ones((size, size))
    if size == 8:
        weight[[0, -1], :] = weight[:, [0, -1]] = 0
        weight[np.ix_([1, 6], [1, 6])] = 0
    elif size == 6:
        weight[np.ix_([0, 5], [0, 5])] = 0
    return weight
