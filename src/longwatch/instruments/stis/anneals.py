"""What an anneal does to hot pixels: the numbers of the published anneal reports.

Owns counts and formulas. Must not know files or archives. See spec/stis.md 3.5 and 6.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

LEVELS: Final = (0.1, 1.0, 10.0)
"""Dark rates above which a pixel is hot [electron / s at 18 deg C]."""

_TOLD: Final = 1.0
"""Fewest created pixels of which a share can be told."""


def count_above(rate: np.ndarray, level: float) -> int:
    """Count pixels above a rate; NaN and masked pixels never count."""
    with np.errstate(invalid="ignore"):
        return int(np.count_nonzero(np.ma.filled(np.ma.asarray(rate) > level, fill_value=False)))


def creation_rate(n_before: float, n_after_last: float, days: float) -> float:
    """Give how many hot pixels were created each day between two anneals.

    Parameters
    ----------
    n_before
        Hot pixels just before this anneal.
    n_after_last
        Hot pixels just after the anneal before it.
    days
        Days between the two.

    Returns
    -------
    float
        Pixels a day; may be negative. NaN where there are no days.
    """
    return (n_before - n_after_last) / days if days > 0 else float("nan")


def percent_annealed(n_before: float, n_after: float, n_after_last: float) -> float:
    """Give how many of the newly created hot pixels an anneal healed, in per cent.

    Parameters
    ----------
    n_before, n_after
        Hot pixels just before and just after this anneal.
    n_after_last
        Hot pixels just after the anneal before it.

    Returns
    -------
    float
        Below 0 and above 100 where counts grew through the anneal or it healed old ones too; NaN where less than one
        pixel was created, for which the published tables show 9999.
    """
    created = n_before - n_after_last
    return 100.0 * (n_before - n_after) / created if abs(created) >= _TOLD else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What became of the hot pixels in one anneal, pixel by pixel.

    Parameters
    ----------
    n_before, n_after
        Hot pixels just before and just after.
    n_healed
        Hot before, not after.
    n_new
        Hot after, not before.
    """

    n_before: int
    n_after: int
    n_healed: int
    n_new: int

    @property
    def fraction(self) -> float:
        """Share of the hot pixels before that were healed; NaN where there were none."""
        return self.n_healed / self.n_before if self.n_before else float("nan")


def recovery(before: np.ndarray, after: np.ndarray, *, level: float = LEVELS[0]) -> Recovery:
    """Compare the pixels just before and just after an anneal.

    Parameters
    ----------
    before, after
        (n_row, n_col), dark rates [electron / s]; pixels without a rate in either are left out.
    level
        Above it a pixel is hot.

    Returns
    -------
    Recovery
        Counts.
    """
    old, new = np.ma.masked_invalid(before), np.ma.masked_invalid(after)
    both = ~(np.ma.getmaskarray(old) | np.ma.getmaskarray(new))
    was, stays = (np.ma.getdata(old) > level)[both], (np.ma.getdata(new) > level)[both]
    return Recovery(
        n_before=int(was.sum()),
        n_after=int(stays.sum()),
        n_healed=int((was & ~stays).sum()),
        n_new=int((stays & ~was).sum()),
    )
