"""A STIS CCD with known truth: dark rates, births and healing, telegraph noise, cosmic rays, frames.

Owns the simulated physics. Must not know files. See spec/stis.md 6.5 and 7.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import temperature
from longwatch.instruments.stis.frames import COSMIC_RAY, SATURATED, Frames, Stack

Images = NDArray[np.float64]

READNOISE_DN: Final = 6.24
BIAS_DN: Final = 1.7
"""Pattern that a week's superbias leaves in its frames, and that their errors state [DN]."""

FULL_DN: Final = 33000.0
"""Signal at which a pixel is saturated [DN]."""

_HOT_SHARE: Final = 0.043
_BIRTHS_PER_DAY: Final = 30.0 / (c.SHAPE[0] * c.SHAPE[1])
_HEALS_NEW: Final = 0.48
_HEALS_OLD: Final = 0.02
_PARTLY: Final = 0.3
_COSMIC: Final = 0.02
_FLAGGED: Final = 0.95
_HALO_DN: Final = 130.0
_TELEGRAPH: Final = 0.002
_TRAIL: Final = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """What the simulated detector does.

    Parameters
    ----------
    births
        Births of hot pixels, as a multiple of those observed.
    cosmic, halos
        Whether cosmic rays hit, and whether some are left unflagged.
    flagged
        Whether the files flag cosmic rays.
    bias_dn
        Pattern of the superbias [DN].
    one_law
        True: every pixel grows by 7 per cent a degree; else each by what was measured at its rate.
    telegraph
        Share of pixels that jump between two levels.
    """

    births: float = 1.0
    cosmic: bool = True
    halos: bool = True
    flagged: bool = True
    bias_dn: float = BIAS_DN
    one_law: bool = False
    telegraph: float = _TELEGRAPH


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Period:
    """One simulated period and its truth.

    Parameters
    ----------
    frames, stack
        What a reader of its files gets.
    rate
        (n_row, n_col), mean true rate over the frames [electron / s at 18 deg C].
    born
        Pixels that turned hot in this period.
    birth_mjd
        When [MJD]; NaN elsewhere.
    growth
        True growth per degree [1 / deg C].
    cosmic
        (n, n_row, n_col), samples that cosmic rays hit, flagged or not.
    """

    frames: Frames
    stack: Stack
    rate: Images
    born: NDArray[np.bool_]
    birth_mjd: Images
    growth: Images
    cosmic: NDArray[np.bool_]


@dataclass(slots=True, kw_only=True, eq=False)
class Detector:
    """A square of the CCD that lives through anneal periods.

    Parameters
    ----------
    rows, cols
        Which part of the CCD.
    rng
        Random numbers.
    ways
        What it does.
    cool, old, new
        (n_row, n_col), rate without damage, of hot pixels that survived an anneal, of those born since
        [electron / s at 18 deg C].
    """

    rows: slice
    cols: slice
    rng: np.random.Generator
    ways: Ways = field(default_factory=Ways)
    cool: Images = field(init=False)
    old: Images = field(init=False)
    new: Images = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the damage of years."""
        shape = self.rows.stop - self.rows.start, self.cols.stop - self.cols.start
        slope = 1.33 - 0.67 * np.arange(self.rows.start, self.rows.stop)[:, None] / c.SHAPE[0]
        self.cool = 0.029 * slope * self.rng.lognormal(0, 0.25, shape)
        self.cool.flat[self.rng.integers(0, self.cool.size, 2)] *= 0.01
        self.old = _hot(self.rng.random(shape) < _HOT_SHARE, self.rng)
        self.new = np.zeros(shape)

    def observe(self, start_mjd: float, stop_mjd: float, *, n_frames: int, exptime_s: float = c.EXPOSURE_S) -> Period:
        """Take the darks of a period, in which hot pixels are born.

        Parameters
        ----------
        start_mjd, stop_mjd
            The period [MJD].
        n_frames
            Darks, evenly spread.
        exptime_s
            Exposure time of each [s].

        Returns
        -------
        Period
            Frames and truth.
        """
        frames = self._frames(start_mjd, stop_mjd, n_frames, exptime_s)
        birth_mjd = self._births(start_mjd, stop_mjd)
        rate = self._rates(frames.mjd, birth_mjd)
        growth = self._growth(rate.mean(axis=0), start_mjd)
        stack, cosmic = self._expose(frames, rate, growth)
        return Period(
            frames=frames,
            stack=stack,
            rate=rate.mean(axis=0),
            born=np.isfinite(birth_mjd),
            birth_mjd=birth_mjd,
            growth=growth,
            cosmic=cosmic,
        )

    def anneal(self) -> None:
        """Heal some of the hot pixels, new ones more often; some keep a part of their rate."""
        stays = self.rng.random(self.new.shape) >= _HEALS_NEW
        heals = self.rng.random(self.new.shape) < _HEALS_OLD
        partly = (self.rng.random(self.new.shape) < _PARTLY) * self.rng.uniform(0, 0.5, self.new.shape)
        self.old = self.old * np.where(heals, partly, 1.0) + self.new * np.where(stays, 1.0, partly)
        self.new = np.zeros_like(self.new)

    def _frames(self, start_mjd: float, stop_mjd: float, n_frames: int, exptime_s: float) -> Frames:
        days = np.arange(n_frames, dtype=np.float64) * ((stop_mjd - start_mjd) / n_frames)
        wave = 0.8 * np.sin(2 * np.pi * (start_mjd + days) / 365.25)
        return Frames(
            exptime_s=np.full(n_frames, exptime_s),
            gain=np.ones(n_frames),
            temp_c=np.clip(20.0 + wave + self.rng.normal(0, 0.8, n_frames), 15.4, 24.0),
            mjd=start_mjd + days,
            start_mjd=start_mjd,
            stop_mjd=stop_mjd,
            readnoise_dn=np.full(n_frames, READNOISE_DN),
            bias=(days // 7).astype(np.int64),
        )

    def _births(self, start_mjd: float, stop_mjd: float) -> Images:
        chance = _BIRTHS_PER_DAY * self.ways.births * (stop_mjd - start_mjd)
        born = (self.rng.random(self.cool.shape) < chance) & (self.old == 0)
        self.new = _hot(born, self.rng)
        return np.where(born, self.rng.uniform(start_mjd, stop_mjd, born.shape), np.nan)

    def _rates(self, mjd: NDArray[np.float64], birth_mjd: Images) -> Images:
        """Give the true rate in each frame, charge trails of hot pixels included."""
        with np.errstate(invalid="ignore"):
            new = np.where(mjd[:, None, None] >= birth_mjd, self.new, 0.0)
        hot = self.old + new
        rate = self.cool + hot + self._telegraph(mjd)
        for away in range(1, min(6, rate.shape[1])):
            rate[:, :-away] += _TRAIL * np.exp(-away / 2.0) * hot[:, away:]
        return np.asarray(rate)

    def _telegraph(self, mjd: NDArray[np.float64]) -> Images:
        """Give the upper level of pixels that jump between two, where they are up."""
        size = np.where(self.rng.random(self.cool.shape) < self.ways.telegraph, self.rng.uniform(0.02, 0.5), 0.0)
        dwell, phase = self.rng.uniform(1, 10, size.shape), self.rng.random(size.shape)
        return np.asarray(size * (np.floor(mjd[:, None, None] / dwell + phase) % 2))

    def _growth(self, rate: Images, mjd: float) -> Images:
        if self.ways.one_law:
            return np.full(rate.shape, temperature.LINEAR_K)
        return temperature.sensitivity(rate, year=1858.88 + mjd / 365.25)

    def _expose(self, frames: Frames, rate: Images, growth: Images) -> tuple[Stack, NDArray[np.bool_]]:
        seconds = frames.exptime_s[:, None, None]
        signal = self.rng.poisson(rate * temperature.factor(frames.temp_c, frames.mjd, k=growth) * seconds).astype(
            float
        )
        pattern = self.rng.normal(0, self.ways.bias_dn, (frames.bias.max() + 1, *rate.shape[1:]))[frames.bias]
        sci = signal + pattern + self.rng.normal(0, READNOISE_DN, rate.shape)
        dq = np.where(sci > FULL_DN, SATURATED, 0).astype(np.int16)
        hit = self.rng.random(rate.shape) < _COSMIC * seconds / c.EXPOSURE_S * self.ways.cosmic
        flagged = hit & ((self.rng.random(rate.shape) < _FLAGGED) | (not self.ways.halos))
        sci += np.where(flagged, 500 + self.rng.exponential(720, rate.shape), 0.0)
        sci += np.where(hit & ~flagged, self.rng.exponential(_HALO_DN, rate.shape), 0.0)
        if self.ways.flagged:
            dq |= np.where(flagged, COSMIC_RAY, 0).astype(np.int16)
        err = np.sqrt(np.maximum(sci, 0) + READNOISE_DN**2 + self.ways.bias_dn**2)
        return Stack(sci=sci.astype(np.float32), err=err.astype(np.float32), dq=dq), hit


def _hot(where: np.ndarray, rng: np.random.Generator) -> Images:
    """Give the rate of hot pixels, 0 elsewhere: their number above L falls as L^-0.7 from 0.1 to 22 electron / s."""
    rate = 0.1 * (1 - rng.random(where.shape)) ** (-1 / 0.7)
    return np.where(where, np.minimum(rate, 22.0), 0.0)
