"""Which darks make the properties of a period, and why others do not.

Owns the rules. Must not know files or archives. See spec/stis.md 3.1(8), 3.3 and 7.2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from longwatch.domain.epoch import Scalar
from longwatch.instruments.stis.boundaries import MONITOR_S
from longwatch.instruments.stis.dark_files import Imset
from longwatch.instruments.stis.frames import BAD_DQ

_SAME_START_D = 1.0 / 86400.0


class Growth(StrEnum):
    """How much dark signal grows with temperature.

    LINEAR: 7 per cent a degree for all. RATE: as was measured at each pixel's rate. PIXEL: as each pixel's own frames
    say, as far as they tell more than its rate does.
    """

    LINEAR = "linear"
    RATE = "rate"
    PIXEL = "pixel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How properties are derived.

    Parameters
    ----------
    ccdamp, ccdgain
        Amplifier and commanded gain of the frames to use.
    shortest_s, longest_s
        Exposure times to use [s].
    mask
        Data-quality bits that take a sample out.
    growth
        Which growth with temperature our own properties use; the compatible five always use 7 per cent a degree.
    """

    ccdamp: str = "D"
    ccdgain: float = 1.0
    shortest_s: float = MONITOR_S
    longest_s: float = 1900.0
    mask: int = BAD_DQ
    growth: Growth = Growth.RATE

    @property
    def keywords(self) -> dict[str, Scalar]:
        """What is kept with a derived period, so that it can be made again."""
        return {
            "CCDAMP": self.ccdamp,
            "CCDGAIN": self.ccdgain,
            "EXP_MIN": self.shortest_s,
            "EXP_MAX": self.longest_s,
            "MASK": self.mask,
            "GROWTH": self.growth.value,
        }


FEWEST_PAIRS: Final = 10
"""Pairs of biases from which on they, and not the scatter of darks, tell the read noise."""

USUAL: Final = Choice()
"""Amplifier D, gain 1, at least 960 s: the dark monitor."""


def reasons(taken: Sequence[Imset], choice: Choice) -> list[str]:
    """Say of each exposure why it is not used.

    Parameters
    ----------
    taken
        Exposures of a period, in order of time.
    choice
        What is wanted.

    Returns
    -------
    list[str]
        Empty for those that are used.
    """
    found = [_why_not(imset, choice) for imset in taken]
    _say_doubles(taken, found)
    used = [imset for imset, why in zip(taken, found, strict=True) if not why]
    if used:
        first = used[0]
        usual = max(
            {(imset.sci.shape, imset.origin) for imset in used},
            key=lambda place: (sum((i.sci.shape, i.origin) == place for i in used), place == _place_of(first)),
        )
        found = [
            why or ("" if _place_of(imset) == usual else f"covers {_covered(imset)}, most cover another part")
            for imset, why in zip(taken, found, strict=True)
        ]
    return found


def bias_reasons(taken: Sequence[Imset], like: Imset, choice: Choice) -> list[str]:
    """Say of each bias why it does not tell the read noise: it must have been taken as the darks were.

    Parameters
    ----------
    taken
        Biases of a period.
    like
        One of its darks.
    choice
        What is wanted.

    Returns
    -------
    list[str]
        Empty for those that are used; none is where they make fewer than `FEWEST_PAIRS` pairs.
    """
    any_time = replace(choice, shortest_s=0.0, longest_s=math.inf)
    covers = [_place_of(imset) == _place_of(like) for imset in taken]
    found = [
        _why_not(imset, any_time) or ("" if alike else f"covers {_covered(imset)}, the darks another part")
        for imset, alike in zip(taken, covers, strict=True)
    ]
    few = found.count("") < 2 * FEWEST_PAIRS
    return [why or f"fewer than {FEWEST_PAIRS} pairs of biases" for why in found] if few else found


def _why_not(imset: Imset, choice: Choice) -> str:
    rules = (
        (imset.ccdamp == choice.ccdamp, f"amplifier {imset.ccdamp or 'not stated'}, not {choice.ccdamp}"),
        (imset.ccdgain == choice.ccdgain, f"gain {imset.ccdgain:g}, not {choice.ccdgain:g}"),
        (imset.binning == (1, 1), f"binned {imset.binning[0]} x {imset.binning[1]}"),
        (not imset.subarray, "a sub-array"),
        (imset.exptime_s >= choice.shortest_s, f"{imset.exptime_s:g} s, shorter than {choice.shortest_s:g} s"),
        (imset.exptime_s <= choice.longest_s, f"{imset.exptime_s:g} s, longer than {choice.longest_s:g} s"),
    )
    return next((why for is_fine, why in rules if not is_fine), "")


def _say_doubles(taken: Sequence[Imset], found: list[str]) -> None:
    """Leave out the second of two exposures that began at the same moment: a member and its association."""
    last: Imset | None = None
    for number, imset in enumerate(taken):
        if found[number]:
            continue
        if last is not None and imset.mjd - last.mjd < _SAME_START_D:
            found[number] = f"the same exposure as {last.rootname}"
        else:
            last = imset


def _place_of(imset: Imset) -> tuple[tuple[int, ...], tuple[int, int]]:
    return imset.sci.shape, imset.origin


def _covered(imset: Imset) -> str:
    (n_row, n_col), (row, col) = imset.sci.shape, imset.origin
    return f"rows {row} to {row + n_row - 1} and columns {col} to {col + n_col - 1}"
