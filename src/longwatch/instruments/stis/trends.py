"""What changes inside a period: trend with time, with temperature, and one sudden step.

Owns the fits, arrays to numbers. Must not know files or periods. See spec/stis.md 3.1(9) and 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfc, ndtri

from longwatch.instruments.stis.temperature import REFERENCE_C

Bools = NDArray[np.bool_]
Images = NDArray[np.float32]
Floats = NDArray[np.float64]

OUTLIER_CHANCE: Final = 0.5
"""A sample is an outlier of a fit if fewer than so many as far off are expected among all."""

_PASSES: Final = 2
_FREE: Final = 3


class Measured(NamedTuple):
    """A number for each pixel, (n_row, n_col), and its standard deviation; NaN where it cannot be told."""

    value: Floats
    error: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """The most likely sudden change of each pixel.

    Parameters
    ----------
    p
        (n_row, n_col), chance that noise alone makes a step as large; NaN with fewer than four samples.
    mjd
        Middle between the last sample before and the first after it [MJD].
    size
        Mean after minus mean before [unit of the samples].
    """

    p: Floats
    mjd: Floats
    size: Floats


class _Line(NamedTuple):
    """Weighted straight lines: value at the origin, slope, and the variances of the two with their covariance."""

    at_zero: Floats
    slope: Floats
    var_zero: Floats
    var_slope: Floats
    covariance: Floats


def time_trend(rate: Images, good: Bools, variance: Images, mjd: Floats) -> Measured:
    """Give the weighted straight trend of a period.

    Parameters
    ----------
    rate
        (n, n_row, n_col), samples.
    good
        Which count.
    variance
        Of each sample.
    mjd
        (n,), when [day].

    Returns
    -------
    Measured
        Change a day, in the unit of the samples.
    """
    weight = np.where(good, 1.0 / variance, 0.0).astype(np.float32)
    line = _line(weight, rate, good, mjd - mjd.mean())
    return Measured(line.slope, np.sqrt(line.var_slope))


def temperature_coefficient(rate: Images, good: Bools, temp_c: Floats) -> Measured:
    """Give the growth of the rate per degree, relative to the rate at 18 deg C.

    Parameters
    ----------
    rate
        (n, n_row, n_col), rates as observed, not scaled by temperature.
    good
        Which count; frames of unknown temperature must not.
    temp_c
        (n,), housing temperature [deg C].

    Returns
    -------
    Measured
        [1 / deg C].

    Notes
    -----
    Two passes leave out samples of which fewer than `OUTLIER_CHANCE` were to be expected. Errors come from the
    scatter about the line.
    """
    known = np.isfinite(temp_c)
    warmer = np.where(known, temp_c - REFERENCE_C, 0.0)
    left = good & known[:, None, None]
    for _ in range(_PASSES):
        residual, scatter = _residual(rate, left, warmer)
        count = np.maximum(left.sum(axis=0), 1)
        limit = -ndtri(np.minimum(OUTLIER_CHANCE / (2.0 * count), 0.5)) * scatter
        with np.errstate(invalid="ignore"):
            left &= np.abs(residual) <= limit.astype(np.float32)
    _, scatter = _residual(rate, left, warmer)
    line = _line(left.astype(np.float32), rate, left, warmer)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = line.slope / line.at_zero
        spread = line.var_slope - 2 * value * line.covariance + value**2 * line.var_zero
        return Measured(value, scatter * np.sqrt(np.maximum(spread, 0.0)) / np.abs(line.at_zero))


def find_step(rate: Images, good: Bools, variance: Images, mjd: Floats) -> Step:
    """Find the one step in time that explains the samples best.

    Parameters
    ----------
    rate, good, variance, mjd
        As in `time_trend`, in order of time.

    Returns
    -------
    Step
        By the largest likelihood ratio; `p` allows for the number of places tried.

    Notes
    -----
    Noise is the larger of the mean variance and of what consecutive samples differ by, so that slow changes and
    pixels noisier than the model are no steps.
    """
    count = good.cumsum(axis=0, dtype=np.float32)
    total = np.where(good, rate, np.float32(0)).cumsum(axis=0, dtype=np.float32)
    n, all_of_it = count[-1], total[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = total[:-1] - count[:-1] * (all_of_it / n)
        ratio = np.square(ahead) * n / (count[:-1] * (n - count[:-1]))
        best = np.nan_to_num(ratio, nan=-1.0, posinf=-1.0).argmax(axis=0)[None]
        before, sum_before = (np.take_along_axis(part, best, 0)[0] for part in (count, total))
        size = (all_of_it - sum_before) / (n - before) - sum_before / before
        strength = np.take_along_axis(ratio, best, 0)[0] / _noise(rate, good, variance)
        chance = np.minimum(n * erfc(np.sqrt(strength / 2.0)), 1.0)
    told = n > _FREE
    return Step(
        p=np.where(told, chance, np.nan),
        mjd=np.where(told, _between(good, best[0], mjd), np.nan),
        size=np.where(told, size, np.nan),
    )


def _noise(rate: Images, good: Bools, variance: Images) -> Floats:
    """Give the variance of a pixel's samples as consecutive ones show it, at least that of the model."""
    both = good[1:] & good[:-1]
    apart = np.where(both, np.diff(rate, axis=0), np.float32(0))
    seen = np.square(apart).sum(axis=0, dtype=np.float64) / (2.0 * np.maximum(both.sum(axis=0), 1))
    expected = np.where(good, variance, np.float32(0)).sum(axis=0, dtype=np.float64)
    return np.asarray(np.maximum(seen, expected / np.maximum(good.sum(axis=0), 1)))


def _between(good: Bools, last: NDArray[np.int64], mjd: Floats) -> Floats:
    """Give the middle between the sample at `last` and the next one that counts."""
    number = np.arange(len(good))[:, None, None]
    later = (good & (number > last)).argmax(axis=0)
    return np.asarray((mjd[last] + mjd[later]) / 2.0)


def _residual(rate: Images, good: Bools, at: Floats) -> tuple[Images, Floats]:
    """Give what a line leaves over, and the scatter of it."""
    line = _line(good.astype(np.float32), rate, good, at)
    slope, zero = line.slope.astype(np.float32), line.at_zero.astype(np.float32)
    residual = rate - (zero + slope * at.astype(np.float32)[:, None, None])
    free = good.sum(axis=0) - 2.0
    square = np.where(good, np.square(residual), np.float32(0)).sum(axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return residual, np.where(free > 0, np.sqrt(square / free), np.nan)


def _line(weight: Images, y: Images, good: Bools, at: Floats) -> _Line:
    """Fit a straight line to each pixel."""
    x = at.astype(np.float32)
    values = np.where(good, y, np.float32(0))
    s, sx, sxx = (np.einsum("i...,i->...", weight, x**power, dtype=np.float64) for power in (0, 1, 2))
    weighted = weight * values
    sy, sxy = (np.einsum("i...,i->...", weighted, x**power, dtype=np.float64) for power in (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        det = s * sxx - sx**2
        det = np.where((det > 0) & (good.sum(axis=0) >= _FREE), det, np.nan)
        return _Line((sxx * sy - sx * sxy) / det, (s * sxy - sx * sy) / det, sxx / det, s / det, -sx / det)
