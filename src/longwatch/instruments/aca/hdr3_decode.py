"""Header-3 bytes to numbers, and which of them to believe.

Owns the arithmetic. Must not know files, series or the names users know. See spec/aca-dark-hdr3-l0.md 4.1 and 4.3.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.aca.hdr3_channels import CHANNELS, WIDTH, Channel, Coding, Field

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

CADENCE_S: Final = 4.1
"""Seconds between 8x8 images."""

_TOLERANCE_S: Final = 1e-3
_SHORTEST_S: Final = CADENCE_S - _TOLERANCE_S
_LONGEST_S: Final = CADENCE_S + _TOLERANCE_S
_SLOTS_APART_S: Final = 2.1
_BLOCK: Final = 32_768
"""Samples that are looked at together: as many as fit into the cache."""

_COUNTS: Final = (
    15728, 15518, 15256, 14933, 14541, 14077, 13537, 12921, 12235, 11487, 10693, 9864, 9024,
    8192, 7379, 6604, 5876, 5204, 4591, 4037, 3544, 3106, 2719, 2381, 2085,
)  # fmt: skip
_FIRST_C: Final = -40.0
_STEP_C: Final = 5.0


def decode(slot: int, data: NDArray[np.uint8]) -> dict[str, np.ndarray]:
    """Give the channels that the images of a slot carry.

    Parameters
    ----------
    slot
        Image slot.
    data
        (n, 12) header-3 bytes: words 2 to 7 of image type 6, then of type 7.

    Returns
    -------
    dict[str, np.ndarray]
        (n,) by channel, in its unit and storage type; NaN is a temperature off the thermistor's curve.
    """
    return {channel.name: _values(channel, data) for channel in CHANNELS if channel.slot == slot}


def thermistor(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    """Give the temperature of a thermistor [deg_C].

    Parameters
    ----------
    counts
        A/D counts.

    Returns
    -------
    np.ndarray
        A cubic spline through 25 measured points; NaN below -40 and above 80 deg_C.
    """
    celsius = _curve()(np.asarray(counts, dtype=float))
    outside = (np.asarray(counts) < _COUNTS[-1]) | (np.asarray(counts) > _COUNTS[0])
    return np.where(outside, np.nan, celsius)


def field_values(field: Field, words: NDArray[np.generic]) -> NDArray[np.int64]:
    """Give some bits of whole numbers, or what their code stands for."""
    code = (words.astype(np.int64) >> field.low) & ((1 << field.width) - 1)
    return np.asarray(field.values, dtype=np.int64)[code] if field.values else code


def lose_unfollowed(time: NDArray[np.float64], lost: NDArray[np.bool_], after: float | None) -> None:
    """Mark samples of a slot whose bytes may be of two images as lost: those the next one does not follow in 4.1 s.

    Parameters
    ----------
    time
        (n,) ascending times of the slot's 8x8 images [s].
    lost
        (n,) flags to add to.
    after
        What to take for the time after the last [s]; None: it is not known yet, and the last sample stays as it is.
    """
    for begin in range(0, len(time) - 1, _BLOCK):
        part = time[begin : begin + _BLOCK + 1]
        steps = part[1:] - part[:-1]
        lost[begin : begin + len(steps)] |= (steps < _SHORTEST_S) | (steps > _LONGEST_S)
    if after is not None and len(time):
        lost[-1] |= not _SHORTEST_S <= after - time[-1] <= _LONGEST_S


def nearest(time: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Give for each time the index of the nearest in another slot, and whether it belongs to the same update.

    Parameters
    ----------
    time, other
        Ascending [s].
    """
    if not len(other):
        return np.zeros(len(time), np.intp), np.zeros(len(time), bool)
    right = np.clip(np.searchsorted(other, time), 1, max(len(other) - 1, 1))
    right = np.minimum(right, len(other) - 1)
    left = np.maximum(right - 1, 0)
    index = np.where(time - other[left] <= other[right] - time, left, right)
    return index, np.abs(other[index] - time) < _SLOTS_APART_S


def _values(channel: Channel, data: NDArray[np.uint8]) -> np.ndarray:
    whole = _whole(channel.coding, data[:, channel.first : channel.first + WIDTH[channel.coding]])
    if channel.coding == "thermistor":
        return thermistor(whole).astype(channel.dtype)
    scaled = whole if channel.scale == 1.0 else whole * channel.scale
    return scaled.astype(channel.dtype)


def _whole(coding: Coding, data: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Give bytes, highest first, as whole numbers."""
    bits = 8 * data.shape[1]
    value = np.zeros(len(data), np.int64)
    for byte in data.T:
        value = (value << 8) | byte
    match coding:
        case "i16" | "i32" | "thermistor":
            return np.asarray(value - (value >> (bits - 1) << bits))
        case "offset16" | "offset32":
            return np.asarray(value - (1 << (bits - 1)))
        case _:
            return value


@cache
def _curve() -> CubicSpline:
    from scipy.interpolate import CubicSpline

    celsius = _FIRST_C + _STEP_C * np.arange(len(_COUNTS))
    return CubicSpline(_COUNTS[::-1], celsius[::-1])
