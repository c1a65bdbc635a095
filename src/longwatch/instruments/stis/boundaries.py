"""Anneal periods cut from the exposures themselves, by the rule that made the observatory's table.

Owns the rule. Must not know files, archives or tables. See spec/stis.md 2.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

DAY_US: Final = 86_400_000_000
APART_DAYS: Final = 5.0
"""An anneal exposure this long after the last boundary is the next boundary [day]."""

OPEN_DAYS: Final = 60.0
"""Length given to the first period, and to the one that is not closed yet [day]."""

MONITOR_S: Final = 960.0
"""Shortest dark of the dark monitor that counts to a period [s]."""

OLD_PROGRAMS: Final = (7092, 7601, 7802, 7926, 7948, 7949)
"""Dark-monitor programs that a search by title does not find."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One period, half-open.

    Parameters
    ----------
    number
        From 0.
    start_us, stop_us
        Its span [microseconds of TAI].
    provisional
        True for the last one: its end is not known yet.
    annealed_us
        Start of the last exposure of the anneal that opens the period; None for the first period, which no anneal
        opens. Where a month is counted from the end of one anneal to the start of the next, as reference files are
        made, this is where it begins and `stop_us` where it ends.
    """

    number: int
    start_us: int
    stop_us: int
    provisional: bool = False
    annealed_us: int | None = None


def cut_periods(anneals_us: Sequence[int], *, apart_days: float = APART_DAYS) -> tuple[Cut, ...]:
    """Cut periods at the exposures of the hot-pixel-annealing programs.

    Parameters
    ----------
    anneals_us
        Starts of these exposures [microseconds of TAI], in any order.
    apart_days
        Least distance of two boundaries [day].

    Returns
    -------
    tuple[Cut, ...]
        From 60 days before the first exposure on. The last period begins at the last exposure, not at the last
        boundary, so there is a gap before it; it is provisional and 60 days long.
    """
    ordered = sorted(anneals_us)
    if not ordered:
        return ()
    boundaries, lasts = [ordered[0]], [ordered[0]]
    for at in ordered[1:]:
        if at - boundaries[-1] >= apart_days * DAY_US:
            boundaries.append(at)
            lasts.append(at)
        lasts[-1] = at
    length = round(OPEN_DAYS * DAY_US)
    edges = [ordered[0] - length, *boundaries]
    closed = tuple(
        Cut(number=number, start_us=start, stop_us=stop, annealed_us=annealed)
        for number, ((start, stop), annealed) in enumerate(zip(pairwise(edges), [None, *lasts], strict=False))
    )
    last = Cut(
        number=len(closed),
        start_us=ordered[-1],
        stop_us=ordered[-1] + length,
        provisional=True,
        annealed_us=ordered[-1],
    )
    return (*closed, last)


def belongs(exptime_s: float, proposid: int, programs: Sequence[int] = ()) -> bool:
    """Tell whether a dark is one of the dark monitor's.

    Parameters
    ----------
    exptime_s
        Exposure time [s].
    proposid
        Its program.
    programs
        The dark monitor's programs; empty: any.
    """
    return exptime_s >= MONITOR_S and (not programs or proposid in {*programs, *OLD_PROGRAMS})


def period_of(cuts: Sequence[Cut], at_us: int) -> int | None:
    """Give the number of the period that holds an instant [microseconds of TAI], or None in a gap."""
    return next((cut.number for cut in cuts if cut.start_us <= at_us < cut.stop_us), None)
