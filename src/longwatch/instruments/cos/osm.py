"""The physics of OSM shifts: how far the optics-select mechanisms put the lamp spectrum off.

Owns the arithmetic, arrays to numbers. Must not know files, tables of the archive, or monitors. See spec/cos.md 2.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]

NOMINAL_FPPOS: Final = 3
"""FP-POS whose offset is zero."""

PAIRS: Final = {"FUV": (("FUVA", "FUVB"),), "NUV": (("NUVB", "NUVC"), ("NUVC", "NUVA"))}
"""Segments (stripes) whose shifts are compared, first minus second."""


class Setting(NamedTuple):
    """What an FP-POS correction depends on."""

    segment: str
    opt_elem: str
    cenwave: int
    fpoffset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FpShifts:
    """The shifts FP-POS makes by design, as one LAMPTAB has them.

    Parameters
    ----------
    pixels
        FP_PIXEL_SHIFT [pix] of each setting.
    by_fpoffset
        False for an old table without FPOFFSET: then there is nothing to correct.
    """

    pixels: dict[Setting, float]
    by_fpoffset: bool = True

    def of(self, setting: Setting) -> float | None:
        """Give the shift of a setting [pix]; 0 for a table without FPOFFSET, None for a setting that is not in it."""
        return self.pixels.get(setting) if self.by_fpoffset else 0.0


class SearchRange(NamedTuple):
    """Where CalCOS looks for the lamp spectrum, about its expected place [pix]."""

    low: float
    high: float


class Trend(NamedTuple):
    """A straight line through shifts over time, by least squares."""

    slope: float
    """[pix / d]"""
    intercept: float
    """At MJD 0 [pix]."""
    slope_error: float | None
    """One standard deviation of the slope [pix / d]; None for two points, which always lie on a line."""


def flash_numbers(lamp_on: Floats, lamp_off: Floats) -> Indices:
    """Give the number of the lamp flash of each row of one exposure, from 1 in order of time.

    Parameters
    ----------
    lamp_on, lamp_off
        (n,) when the lamp was switched on and off [s], in any order of rows.

    Returns
    -------
    ndarray
        (n,) the flash each row belongs to. Rows whose lamp times overlap are one flash, so the number is right for
        files in order of segments (FUV), in order of flashes (NUV), and where a segment misses a flash.
    """
    numbers = np.zeros(len(lamp_on), np.int64)
    number, until = 0, -np.inf
    for row in np.argsort(lamp_on, kind="stable"):
        if lamp_on[row] > until:
            number += 1
        until = max(until, lamp_off[row])
        numbers[row] = number
    return numbers


def segment_differences(exposure: NDArray[np.int64], segment: NDArray[np.str_], pair: tuple[str, str]) -> Indices:
    """Find the rows of two segments that belong together.

    Parameters
    ----------
    exposure
        (n,) a number for each exposure and flash.
    segment
        (n,) segment of each row. Leave rows out where the spectrum was not found: their shifts are copies.
    pair
        The two segments.

    Returns
    -------
    ndarray
        (2, m) rows of the first and of the second segment; a flash that only one of them has is left out.
    """
    first, second = (np.flatnonzero(segment == name) for name in pair)
    _, at_first, at_second = np.intersect1d(exposure[first], exposure[second], return_indices=True)
    return np.stack([first[at_first], second[at_second]])


def drift_pairs(series: NDArray[np.int64], elapsed: Floats) -> Indices:
    """Pair every later flash of an exposure and segment with the first one of that same segment.

    Parameters
    ----------
    series
        (n,) a number for each exposure and segment. Leave rows out where the spectrum was not found.
    elapsed
        (n,) time of the flash [s].

    Returns
    -------
    ndarray
        (2, m) rows of the first flash and of the later one; an exposure with one flash has no drift.
    """
    order = np.lexsort((elapsed, series))
    if not len(order):
        return np.empty((2, 0), np.int64)
    starts = np.r_[True, np.diff(series[order]) != 0]
    first = order[np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))]
    later = elapsed[order] > elapsed[first]
    return np.stack([first[later], order[later]])


def compute_drift(shift: Floats, elapsed: Floats, pairs: Indices) -> Floats:
    """Give the drift of each pair: change of the shift over the time between the two flashes.

    Parameters
    ----------
    shift
        (n,) shift [pix].
    elapsed
        (n,) time of the flash [s].
    pairs
        (2, m) as `drift_pairs` gives them.

    Returns
    -------
    ndarray
        (m,) [pix / s].
    """
    drift: Floats = (shift[pairs[1]] - shift[pairs[0]]) / (elapsed[pairs[1]] - elapsed[pairs[0]])
    return drift


def compute_trend(mjd: Floats, shift: Floats) -> Trend | None:
    """Fit a straight line by least squares.

    Parameters
    ----------
    mjd, shift
        (n,) time [d] and shift [pix]; no NaN.

    Returns
    -------
    Trend or None
        None where all times are equal: a slope cannot be told.
    """
    if len(mjd) < 2 or np.ptp(mjd) == 0:
        return None
    t, y = mjd - mjd.mean(), shift - shift.mean()
    spread = float(t @ t)
    slope = float(t @ y) / spread
    rest = y - slope * t
    error = float(np.sqrt(rest @ rest / (len(t) - 2) / spread)) if len(t) > 2 else None
    return Trend(slope, float(shift.mean() - slope * mjd.mean()), error)


def search_margin(corrected: Floats, search: SearchRange) -> Floats:
    """Give how far each shift is from the nearer end of the search range.

    Parameters
    ----------
    corrected
        (n,) shift corrected for FP-POS [pix].
    search
        The range.

    Returns
    -------
    ndarray
        (n,) [pix]; negative: outside.
    """
    return np.minimum(corrected - search.low, search.high - corrected)
