"""Frames of a period as arrays: what each was taken with, and its pixels.

Owns the values the physics is given, and the scales that follow from them. Must not know files or archives.
See spec/stis.md 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longwatch.instruments.stis import temperature
from longwatch.instruments.stis.columns import EXPOSURE_S
from longwatch.instruments.stis.weeks import week_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BAD_DQ: Final = 1 | 2 | 4 | 256 | 8192
"""Data-quality bits that take a sample out: decoding error, lost, outside the aperture, saturated, cosmic ray."""

_READNOISE_DN: Final = ((56792.0, 6.24), (54900.0, 5.71), (0.0, 4.0))
"""Read noise at gain 1 [DN] since a date [MJD]."""

SATURATED: Final = 256
COSMIC_RAY: Final = 8192


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """What the frames of a period were taken with, in order of time.

    Parameters
    ----------
    exptime_s
        (n,), exposure time [s].
    gain
        (n,), ATODGAIN [electron / DN].
    temp_c
        (n,), housing temperature [deg C]; NaN or -1: unknown.
    mjd
        (n,), start [MJD].
    start_mjd, stop_mjd
        The period [MJD].
    readnoise_dn
        (n,), read noise of the amplifier [DN].
    bias
        (n,), number of the bias reference each frame was calibrated with: its error is common to them.
    k
        Growth of dark signal per degree [1 / deg C], a number or an image.
    """

    exptime_s: Floats
    gain: Floats
    temp_c: Floats
    mjd: Floats
    start_mjd: float
    stop_mjd: float
    readnoise_dn: Floats
    bias: NDArray[np.int64]
    k: ArrayLike = temperature.LINEAR_K

    def __len__(self) -> int:
        """Give how many frames there are."""
        return len(self.mjd)

    @cached_property
    def factor(self) -> Floats:
        """(n, 1, 1) or (n, n_row, n_col), brightness relative to 18 deg C."""
        found = temperature.factor(self.temp_c, self.mjd, k=self.k)
        return found if found.ndim > 1 else found[:, None, None]

    @cached_property
    def scale(self) -> NDArray[np.float32]:
        """As `factor`: what brings DN of a frame to DN in 1100 s at 18 deg C."""
        return np.asarray(EXPOSURE_S / (self.exptime_s[:, None, None] * self.factor), dtype=np.float32)

    @cached_property
    def noise(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `factor`: variance of a scaled sample by read noise, and by counting, for each DN of scaled signal."""
        read = self.scale * self.readnoise_dn.astype(np.float32)[:, None, None]
        return np.square(read), self.scale / self.gain.astype(np.float32)[:, None, None]

    @cached_property
    def week(self) -> NDArray[np.int64]:
        """(n,), week of the period."""
        return week_of(self.mjd, start_mjd=self.start_mjd, stop_mjd=self.stop_mjd)

    @property
    def electrons(self) -> NDArray[np.float32]:
        """(n, 1, 1), electron / s for one DN in 1100 s."""
        return np.asarray(self.gain / EXPOSURE_S, dtype=np.float32)[:, None, None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stack:
    """The pixels of the frames: the whole detector or a band of its rows.

    Parameters
    ----------
    sci, err
        (n, n_row, n_col) float32, signal and its error [DN].
    dq
        (n, n_row, n_col), data-quality bits.
    """

    sci: NDArray[np.float32]
    err: NDArray[np.float32]
    dq: NDArray[np.int16]

    def good(self, mask: int = BAD_DQ) -> Bools:
        """Tell which samples count: none of the bits is set, and the signal is a number."""
        return np.asarray(((self.dq & np.int16(mask)) == 0) & np.isfinite(self.sci))


def expected_readnoise(mjd: float) -> float:
    """Give the read noise of amplifier D at gain 1 as it was at a time [MJD]: 4.0, 5.71 or 6.24 DN."""
    return next(noise for since, noise in _READNOISE_DN if mjd >= since)


def scaled(stack: Stack, frames: Frames) -> NDArray[np.float32]:
    """Give the signal in 1100 s at 18 deg C.

    Returns
    -------
    NDArray
        (n, n_row, n_col) [DN].
    """
    return stack.sci * frames.scale


def sample_variance(frames: Frames, signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the variance that read noise and counting give a scaled sample.

    Parameters
    ----------
    frames
        The frames.
    signal
        Expected signal in 1100 s at 18 deg C [DN], anything that broadcasts against (n, n_row, n_col).

    Returns
    -------
    NDArray
        [DN^2 in 1100 s at 18 deg C]; negative signal counts as none.
    """
    read, photon = frames.noise
    return np.asarray(read + photon * np.maximum(signal, np.float32(0)), dtype=np.float32)
