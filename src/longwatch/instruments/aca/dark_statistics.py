"""Numbers that describe a dark map, and the map from replicas.

Owns the arithmetic. Must not know where maps are stored. See spec/aca-dark-hdr3-l0.md 5.2 and 6.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.errors import BadQuery
from longwatch.instruments.aca.centroids import GAIN

THRESHOLDS: Final = (100, 200, 1000, 2000, 3000)
"""Thresholds above which pixels are counted [electron / s]."""

LEVELS: Final = np.geomspace(10.0, 1e4, 121)
"""Dark currents above which pixels are counted, so that one can ask for any threshold [electron / s]."""

_HALF_WINDOW: Final = 5.0
_BIN: Final = 0.5
_INTEGRATIONS_S: Final = (5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DarkStatistics:
    """What is published of a dark calibration.

    Parameters
    ----------
    mean
        Mean of all pixels [electron / s].
    peak
        Most frequent value: vertex of a parabola through the histogram within 5 of the median [electron / s].
    mean_near_peak
        Mean of the pixels in that window [electron / s].
    warmer
        Number of pixels above each of `THRESHOLDS`.
    above
        Number of pixels above each of `LEVELS`.
    """

    mean: float
    peak: float
    mean_near_peak: float
    warmer: tuple[int, ...]
    above: NDArray[np.int64]


def dark_statistics(image: NDArray[np.floating]) -> DarkStatistics:
    """Give the published numbers of a dark map [electron / s]; NaN pixels do not count."""
    values = np.asarray(image, dtype=float)[np.isfinite(image)]
    median = float(np.median(values))
    near = values[np.abs(values - median) <= _HALF_WINDOW]
    edges = np.arange(median - _HALF_WINDOW, median + _HALF_WINDOW + _BIN / 2, _BIN)
    counts, _ = np.histogram(near, edges)
    curvature, slope, _ = np.polyfit(edges[:-1] + _BIN / 2 - median, counts, 2)
    vertex = -slope / (2 * curvature) if curvature < 0 else 0.0
    return DarkStatistics(
        mean=float(values.mean()),
        peak=median + float(np.clip(vertex, -_HALF_WINDOW, _HALF_WINDOW)),
        mean_near_peak=float(near.mean()),
        warmer=tuple(int(np.count_nonzero(values > threshold)) for threshold in THRESHOLDS),
        above=_above(values),
    )


def pixels_above(above: NDArray[np.number], level: float) -> float:
    """Give how many pixels are above a dark current, from the counts above `LEVELS`.

    Parameters
    ----------
    above
        (121,) counts, as in `DarkStatistics`.
    level
        Dark current [electron / s], from 10 to 10,000.

    Returns
    -------
    float
        Between two levels by a straight line in the logarithms; NaN beyond them.
    """
    counts = np.log(np.maximum(above, 0.1))
    found = np.interp(np.log(level), np.log(LEVELS), counts, left=np.nan, right=np.nan)
    return float(np.exp(found))


def _above(values: NDArray[np.floating]) -> NDArray[np.int64]:
    counts, _ = np.histogram(values[values > LEVELS[0]], np.append(LEVELS, np.inf))
    return np.asarray(np.cumsum(counts[::-1])[::-1])


def dark_from_replicas(short: NDArray[np.floating], long: NDArray[np.floating]) -> NDArray[np.float32]:
    """Give the dark map from full frames at attitudes a few arcmin apart.

    The median over the frames of one integration time removes stars; the difference of the two removes what gathers
    while the CCD is read out.

    Parameters
    ----------
    short, long
        (n, n_row, n_col) frames of 5 s and of 10 s [DN].

    Returns
    -------
    np.ndarray
        (n_row, n_col) [electron / s].

    Raises
    ------
    BadQuery
        Raised if the frames do not have the same shape, or there are fewer than three.
    """
    if short.shape != long.shape or len(short) < 3:
        raise BadQuery(
            f"A dark map needs as many frames of 5 s as of 10 s, three or more: {short.shape}, {long.shape}."
        )
    difference = np.median(long, axis=0) - np.median(short, axis=0)
    return np.asarray(difference * GAIN / (_INTEGRATIONS_S[1] - _INTEGRATIONS_S[0]), dtype=np.float32)
