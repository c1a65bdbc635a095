"""Weeks of an anneal period, as superdarks are made of them.

Owns the division of days. Must not know frames or pixels. See spec/stis.md 3.1(7).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_UNDIVIDED: Final = 12
_LONGEST: Final = 9


def week_lengths(days: int) -> tuple[int, ...]:
    """Divide whole days into weeks whose lengths differ by at most one day, longer ones first.

    Parameters
    ----------
    days
        Whole days of a period, at least 1.

    Returns
    -------
    tuple[int, ...]
        Fewest weeks of at most nine days; one week for a period of less than twelve days.
    """
    count = 1 if days < _UNDIVIDED else -(-days // _LONGEST)
    short, longer = divmod(days, count)
    return (short + 1,) * longer + (short,) * (count - longer)


def week_of(mjd: NDArray[np.float64], *, start_mjd: float, stop_mjd: float) -> NDArray[np.int64]:
    """Give the week in which each frame was taken.

    Parameters
    ----------
    mjd
        (n,), start of the frames [MJD].
    start_mjd, stop_mjd
        The period [MJD]; the fraction of a day at its end belongs to the last week.

    Returns
    -------
    NDArray
        (n,), number of the week from 0.
    """
    lengths = week_lengths(max(int(stop_mjd - start_mjd), 1))
    ends = start_mjd + np.cumsum(lengths[:-1])
    return np.searchsorted(ends, mjd, side="right")
