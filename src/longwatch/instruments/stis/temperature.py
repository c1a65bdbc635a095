"""How dark signal follows the temperature of the CCD housing.

Owns the laws, arrays to numbers. Must not know files, periods or archives. See spec/stis.md 3.1(2), 3.1(9) and 3.3.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

REFERENCE_C: Final = 18.0
"""Housing temperature to which dark signal is scaled [deg C]."""

LINEAR_K: Final = 0.07
"""Growth of dark signal per degree that reference files state [1 / deg C]."""

SIDE_2_MJD: Final = 52091.0
"""Before 2001-07-01 (Side-1) the housing temperature was not telemetered with the exposure [MJD]."""

LOG_RATES: Final = (-2.50, -2.00, -1.75, -1.50, -1.00, -0.50, 0.00, 0.50, 1.00)
"""Dark rates at which the sensitivity was measured [log10 of electron / s at 18 deg C]."""

_SENSITIVITY: Final = {
    2004: (0.038, 0.067, 0.088, 0.096, 0.088, 0.077, 0.069, 0.064, 0.057),
    2010: (0.056, 0.069, 0.078, 0.086, 0.085, 0.080, 0.071, 0.066, 0.058),
    2012: (0.071, 0.081, 0.089, 0.094, 0.086, 0.078, 0.071, 0.065, 0.058),
    2014: (0.054, 0.068, 0.079, 0.085, 0.085, 0.079, 0.071, 0.065, 0.058),
    2018: (0.055, 0.067, 0.077, 0.085, 0.083, 0.077, 0.070, 0.064, 0.059),
}
"""Sensitivity [1 / deg C] at each of `LOG_RATES`, by the first year after the span it was measured in."""


def is_known(temp_c: ArrayLike, mjd: ArrayLike) -> Bools:
    """Tell where the housing temperature can be used.

    Parameters
    ----------
    temp_c
        OCCDHTAV [deg C]; NaN, zero and negative values (-1 is "unknown") say nothing.
    mjd
        Start of the exposure [MJD].

    Returns
    -------
    Bools
        False on Side-1 and where the header does not say; such frames are used as they are and flagged.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray((np.asarray(mjd) >= SIDE_2_MJD) & (np.asarray(temp_c) > 0))


def factor(temp_c: ArrayLike, mjd: ArrayLike, *, k: ArrayLike = LINEAR_K) -> Floats:
    """Give how many times brighter dark signal is than at 18 deg C.

    Parameters
    ----------
    temp_c, mjd
        As in `is_known`; one value a frame.
    k
        Growth per degree [1 / deg C]: a number, or an image of it (from `sensitivity`, or measured pixel by pixel).

    Returns
    -------
    Floats
        1 + k (T - 18) for each frame, `(n,)`, or `(n, n_row, n_col)` where `k` is an image; 1 where the temperature
        is not known or lies where the law would give none or less: never zero, never negative.
    """
    known, warmer = is_known(temp_c, mjd), np.asarray(temp_c, dtype=np.float64) - REFERENCE_C
    slope = np.asarray(k, dtype=np.float64)
    along = (..., *(np.newaxis,) * slope.ndim)
    brighter = 1.0 + slope * np.where(known, warmer, 0.0)[along]
    return np.where(known[along] & (brighter > 0), brighter, 1.0)


def sensitivity(rate: ArrayLike, *, year: float) -> Floats:
    """Give the measured growth per degree at a dark rate; brighter pixels do not follow the law of the faint ones.

    Parameters
    ----------
    rate
        Dark rate [electron / s at 18 deg C]; NaN gives the growth of `LINEAR_K`.
    year
        Year of the exposures; the medians were measured in five spans from 2001 to 2017.

    Returns
    -------
    Floats
        [1 / deg C], of the rate's shape: interpolated in log rate, constant beyond 0.003 and 10 electron / s.
    """
    spans = [last for last in _SENSITIVITY if year <= last]
    measured = _SENSITIVITY[min(spans, default=max(_SENSITIVITY))]
    rates = np.asarray(rate, dtype=np.float64)
    dark = np.log10(np.where(rates > 0, rates, 10.0 ** LOG_RATES[0]))
    return np.where(np.isnan(rates), LINEAR_K, np.interp(dark, LOG_RATES, measured))
