"""32-bit words whose halves come in the images of two slots.

Owns how halves become numbers. Must not know the names users know. See spec/aca-dark-hdr3-l0.md 4.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.aca.hdr3_channels import Joined
from longwatch.instruments.aca.hdr3_decode import lose_unfollowed
from longwatch.instruments.aca.samples import Samples, empty_samples, lost_rows, side_by_side
from longwatch.series.blocks import Blocks


def joined_values(joined: Joined, high: np.ma.MaskedArray, low: np.ma.MaskedArray) -> np.ma.MaskedArray:
    """Give 32-bit numbers from their halves.

    Parameters
    ----------
    joined
        What they are.
    high
        (n,) high halves, in the unit of the number; masked where missing.
    low
        (n,) low halves at the same times, 0 to 65535; masked where missing.

    Returns
    -------
    np.ma.MaskedArray
        (n,) float64 in the unit of the number; masked where a half is missing that it needs.
    """
    without_low, mask = np.ma.getmaskarray(low), np.ma.getmaskarray(high)
    values = np.empty(len(low))
    _join(joined, np.ma.getdata(high), np.ma.getdata(low), without_low, out=values)
    return np.ma.MaskedArray(values, mask=mask if joined.fallback else mask | without_low)


def joined_samples(joined: Joined, high: Blocks, low: Blocks, after: float) -> Samples | None:
    """Join halves as they are read, if both slots have samples at the very same times; else None.

    Parameters
    ----------
    joined
        What they are.
    high, low
        Rows of the two slots.
    after
        What to take for the time after the last [s].

    Returns
    -------
    Samples
        As `joined_values` has them; those that are not followed by the next one in one cadence are lost.
    """
    found, filled = empty_samples(len(high), np.float64), 0
    time, lost = found.time, found.lost
    for into, one, other in side_by_side(high, low):
        before, filled = max(into.start - 1, 0), into.stop
        time[into] = one["time"].numbers
        without_high, without_low = lost_rows(one, joined.high), lost_rows(other, joined.low)
        _join(joined, one[joined.high].numbers, other[joined.low].numbers, without_low, out=found.values[into])
        lost[into] = False if without_high is None else without_high
        if without_low is not None and not joined.fallback:
            lost[into] |= without_low
        lose_unfollowed(time[before:filled], lost[before:filled], None)
    lose_unfollowed(time[-1:], lost[-1:], after)
    return found if filled == len(high) else None


def _join(
    joined: Joined,
    high: NDArray[np.generic],
    low: NDArray[np.generic],
    without_low: NDArray[np.bool_] | None,
    *,
    out: np.ndarray,
) -> None:
    """Add low halves to high ones; nothing where they are missing (None: nowhere)."""
    out[:] = low
    out *= joined.scale / 65536
    if without_low is not None:
        np.copyto(out, 0.0, where=without_low)
    out += high
