"""Data-quality masks of the CCD by rule, as FITS files that say how they were made; and two masks compared.

Owns the rules, their bits and the file. Must not know archives. See spec/stis.md 2.5 and 5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.cubes.inputs import history
from longwatch.errors import BadQuery
from longwatch.fits.write import CardLike, NamedImage, image_file
from longwatch.instruments.stis import columns as c

Mask = NDArray[np.int16]

HOT_BIT: Final = 16
UNSTABLE_BIT: Final = 32
DEAD_BIT: Final = 4
UNKNOWN_BIT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """What makes a pixel bad.

    Parameters
    ----------
    hot
        Dark rate above the median of the detector from which on a pixel is hot [electron / s].
    unstable_p, unstable_share
        A step inside the period with less chance than this, and larger than this share of the rate, makes it unstable.
    dead_share
        A pixel below this share of the median is dead.
    """

    hot: float = 0.1
    unstable_p: float = 1e-6
    unstable_share: float = 0.2
    dead_share: float = 0.1


PROPERTIES: Final = (c.DARK_RATE, c.P_JUMP, c.JUMP, c.N_GOOD, c.N_SAT)
"""What the rules look at."""


def make_mask(images: Mapping[str, np.ndarray], thresholds: Thresholds = Thresholds()) -> Mask:
    """Give the bits of every pixel.

    Parameters
    ----------
    images
        (n_row, n_col) images of `PROPERTIES` by name; masked pixels were not observed.
    thresholds
        What makes a pixel bad.

    Returns
    -------
    Mask
        Sum of 16 (hot, or saturated more often than good), 32 (unstable), 4 (dead) and 2 (nothing known).
    """
    rate, p_jump, jump = (np.ma.filled(np.ma.asarray(images[p.name], dtype=np.float64), np.nan) for p in PROPERTIES[:3])
    n_good, n_sat = (np.ma.filled(images[p.name], 0) for p in PROPERTIES[3:])
    middle = float(np.nanmedian(rate)) if np.isfinite(rate).any() else 0.0
    with np.errstate(invalid="ignore"):
        saturated = n_sat > n_good
        found = np.where((rate > middle + thresholds.hot) | saturated, HOT_BIT, 0)
        steps = (p_jump < thresholds.unstable_p) & (np.abs(jump) > thresholds.unstable_share * np.abs(rate))
        found |= np.where(steps, UNSTABLE_BIT, 0)
        found |= np.where(rate < thresholds.dead_share * middle, DEAD_BIT, 0)
    found |= np.where(np.isnan(rate) & ~saturated, UNKNOWN_BIT, 0)
    return found.astype(np.int16)


def rules(thresholds: Thresholds) -> tuple[str, ...]:
    """Say the rules in words, bit by bit."""
    return (
        f"{HOT_BIT}: dark_rate > median + {thresholds.hot:g} electron/s, or n_sat > n_good",
        f"{UNSTABLE_BIT}: p_jump < {thresholds.unstable_p:g} and |jump| > {thresholds.unstable_share:g} dark_rate",
        f"{DEAD_BIT}: dark_rate < {thresholds.dead_share:g} median",
        f"{UNKNOWN_BIT}: no dark_rate",
    )


def mask_file(
    mask: Mask, *, thresholds: Thresholds, cards: Mapping[str, CardLike], inputs: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Write a mask as FITS.

    Parameters
    ----------
    mask
        (n_row, n_col) bits.
    thresholds
        They stand in the header, with the rules.
    cards
        Further cards: period, commit, rule of lives.
    inputs
        (rootname, SHA-256) of every frame behind it; they stand in the HISTORY.

    Returns
    -------
    bytes
        A primary header and an image extension DQ; equal for equal arguments.
    """
    said: dict[str, CardLike] = {f"RULE{n}": rule for n, rule in enumerate(rules(thresholds), start=1)}
    numbers: dict[str, CardLike] = {
        "T_HOT": (thresholds.hot, "electron/s above the median"),
        "T_UNSTP": (thresholds.unstable_p, "chance of a step"),
        "T_UNSTSH": (thresholds.unstable_share, "size of a step over the rate"),
        "T_DEAD": (thresholds.dead_share, "share of the median"),
        "N_INPUT": (len(inputs), "frames behind the mask"),
    }
    primary = {"TELESCOP": "HST", "INSTRUME": "STIS", "DETECTOR": "CCD", **cards, **said, **numbers}
    image = NamedImage(name="DQ", values=mask, cards={"BUNIT": "UNITLESS"})
    return image_file([image], cards=primary | ({"HISTORY": history(inputs)} if inputs else {}))[0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Two masks beside each other.

    Parameters
    ----------
    both, first_only, second_only
        (n, 2) places (row, col) of the pixels that have a bit in both, and in one alone.
    """

    both: NDArray[np.int64]
    first_only: NDArray[np.int64]
    second_only: NDArray[np.int64]


def compare(first: np.ndarray, second: np.ndarray, *, bits: int = HOT_BIT) -> Comparison:
    """Compare two masks in some bits.

    Raises
    ------
    BadQuery
        Raised if they are of different shapes.
    """
    if first.shape != second.shape:
        raise BadQuery(
            f"Masks of {first.shape} and {second.shape} cannot be compared. Cut the larger to the smaller one's place."
        )
    one, two = (first & bits) != 0, (second & bits) != 0
    return Comparison(
        both=np.argwhere(one & two), first_only=np.argwhere(one & ~two), second_only=np.argwhere(two & ~one)
    )
