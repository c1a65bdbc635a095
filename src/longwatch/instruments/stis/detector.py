"""A STIS CCD with known truth: dark rates, births and healing, telegraph noise, cosmic rays, frames.

Owns the simulated physics. Must not know files. See spec/stis.md 6.5 and 7.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import temperature
from longwatch.instruments.stis.frames import COSMIC_RAY, SATURATED, Frames, Stack, expected_readnoise
from longwatch.instruments.stis.temperature import SIDE_2_MJD

Images = NDArray[np.float64]

READNOISE_DN: Final = 6.24
"""Read noise of amplifier D since May 2014 [DN]."""

BIAS_DN: Final = 1.7
"""Pattern that a week's superbias leaves in its frames, and that their errors state [DN]."""

FULL_DN: Final = 33000.0
"""Signal at which a pixel is saturated [DN]."""

DETECTOR_PROBLEM: Final = 4
SMALL_BLEMISH: Final = 1024

_DEAD: Final = 50
_HOT_COLUMNS: Final = 2
_HOT_COLUMN: Final = 0.05
_SATURATED_RATE: Final = 60.0
_FLAWS: Final = 20170926

_HOT_SHARE: Final = 0.043
_DARK_RATE: Final = ((50495.0, 52030.0, 53195.0, 55055.0, 58000.0), (0.0015, 0.004, 0.0058, 0.0125, 0.029))
"""Median dark rate [electron / s] at some dates [MJD]."""

_BIRTHS_PER_DAY: Final = ((55000.0, 103.0), (0.0, 30.0))
_HEALS_NEW: Final = ((SIDE_2_MJD, 0.48), (0.0, 0.81))
"""Births a day on the whole detector, and share of the newest that an anneal heals, since a date [MJD]."""

_HEALS_OLD: Final = 0.02
_PARTLY: Final = 0.3
_COSMIC: Final = 0.02
_TRACK: Final = 4.5
"""Mean length of a track of a cosmic ray [pix]."""

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
    tracks
        Whether cosmic rays leave tracks of four and five pixels, not single ones; as many pixels are hit.
    flagged
        Whether the files flag cosmic rays.
    bias_dn
        Pattern of the superbias [DN].
    one_law
        True: every pixel grows by 7 per cent a degree; else each by what was measured at its rate.
    telegraph
        Share of pixels that jump between two levels.
    own_growth
        Scatter of single pixels about the growth measured at their rate [1 / deg C].
    flaws
        Whether some pixels are dead, saturated or flagged by the reference file, and some columns hot.
    """

    births: float = 1.0
    cosmic: bool = True
    halos: bool = True
    tracks: bool = False
    flagged: bool = True
    bias_dn: float = BIAS_DN
    one_law: bool = False
    telegraph: float = _TELEGRAPH
    own_growth: float = 0.0
    flaws: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Period:
    """One simulated period and its truth.

    Parameters
    ----------
    frames, stack
        What a reader of its files gets.
    rates
        (n, n_row, n_col), true rate in each frame [electron / s at 18 deg C].
    rate
        (n_row, n_col), their mean.
    own
        (n_row, n_col), what is no trail of another pixel's charge, nor telegraph noise [electron / s at 18 deg C].
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
    rates: Images
    rate: Images
    own: Images
    born: NDArray[np.bool_]
    birth_mjd: Images
    growth: Images
    cosmic: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A period before its frames are taken.

    Parameters
    ----------
    frames
        What they will be taken with.
    birth_mjd
        (n_row, n_col), when pixels turn hot [MJD]; NaN: not in this period.
    growth
        True growth per degree [1 / deg C].
    pattern
        (n_week, n_row, n_col), what each superbias leaves [DN].
    jumps
        (3, n_row, n_col), size [electron / s], dwell time [d] and phase of telegraph noise.
    """

    frames: Frames
    birth_mjd: Images
    growth: Images
    pattern: Images
    jumps: Images


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One frame: (n_row, n_col) pixels as a file has them, and the truth behind them.

    Parameters
    ----------
    sci, err, dq
        Signal [DN], its error [DN], data-quality bits.
    cosmic
        Pixels that cosmic rays hit, flagged or not.
    """

    sci: NDArray[np.float32]
    err: NDArray[np.float32]
    dq: NDArray[np.int16]
    cosmic: NDArray[np.bool_]


@dataclass(slots=True, kw_only=True, eq=False)
class Detector:
    """A rectangle of the CCD that lives through anneal periods.

    Parameters
    ----------
    rows, cols
        Which part of the CCD.
    rng
        Random numbers.
    ways
        What it does.
    mjd
        When it is: at first when it begins to live, then the end of the newest period [MJD].
    flags
        (n_row, n_col), data-quality bits that every frame has.
    cool, old, new
        (n_row, n_col), rate without damage, of hot pixels that survived an anneal, of those born since
        [electron / s at 18 deg C].
    """

    rows: slice
    cols: slice
    rng: np.random.Generator
    ways: Ways = field(default_factory=Ways)
    mjd: float = 58022.0
    cool: Images = field(init=False)
    old: Images = field(init=False)
    new: Images = field(init=False)
    flags: NDArray[np.int16] = field(init=False)

    def __post_init__(self) -> None:
        """Begin with the damage of years."""
        shape = self.rows.stop - self.rows.start, self.cols.stop - self.cols.start
        slope = 1.33 - 0.67 * np.arange(self.rows.start, self.rows.stop)[:, None] / c.SHAPE[0]
        self.cool = np.interp(self.mjd, *_DARK_RATE) * slope * self.rng.lognormal(0, 0.25, shape)
        self.cool.flat[self.rng.integers(0, self.cool.size, 2)] *= 0.01
        self.old = _hot(self.rng.random(shape) < _HOT_SHARE, self.rng)
        self.new = np.zeros(shape)
        self.flags = np.zeros(shape, dtype=np.int16)
        if self.ways.flaws:
            self._spoil(np.random.default_rng(_FLAWS))

    def begin(self, start_mjd: float, stop_mjd: float, *, n_frames: int, exptime_s: float = c.EXPOSURE_S) -> Plan:
        """Begin a period, in which hot pixels will be born.

        Parameters
        ----------
        start_mjd, stop_mjd
            The period [MJD].
        n_frames
            Darks, evenly spread.
        exptime_s
            Exposure time of each [s].
        """
        frames = self._frames(start_mjd, stop_mjd, n_frames, exptime_s)
        self.mjd = stop_mjd
        shape, n_weeks = self.cool.shape, int(frames.bias.max()) + 1
        birth_mjd = self._births(start_mjd, stop_mjd)
        size = np.where(self.rng.random(shape) < self.ways.telegraph, self.rng.uniform(0.02, 0.5, shape), 0.0)
        growth = self._growth(start_mjd)
        return Plan(
            frames=frames,
            birth_mjd=birth_mjd,
            growth=growth,
            pattern=self.rng.normal(0, self.ways.bias_dn, (n_weeks, *shape)),
            jumps=np.array([size, self.rng.uniform(1, 10, shape), self.rng.random(shape)]),
        )

    def rate(self, plan: Plan, at_mjd: float) -> Images:
        """Give the true rate at a moment, charge trails of hot pixels included [electron / s at 18 deg C]."""
        with np.errstate(invalid="ignore"):
            hot = self.old + np.where(at_mjd >= plan.birth_mjd, self.new, 0.0)
        size, dwell, phase = plan.jumps
        rate = self.cool + hot + size * (np.floor(at_mjd / dwell + phase) % 2)
        for away in range(1, min(6, len(rate))):
            rate[:-away] += _TRAIL * np.exp(-away / 2.0) * hot[away:]
        return np.asarray(rate)

    def mean_rate(self, plan: Plan) -> Images:
        """Give the true rate, averaged over the frames of a period."""
        total = np.zeros(self.cool.shape)
        for at_mjd in plan.frames.mjd.tolist():
            total += self.rate(plan, at_mjd)
        return total / len(plan.frames)

    def expose(self, plan: Plan, number: int) -> Frame:
        """Take one frame of a period."""
        frames, shape = plan.frames, self.cool.shape
        seconds, at = float(frames.exptime_s[number]), slice(number, number + 1)
        warmer = temperature.factor(frames.temp_c[at], frames.mjd[at], k=plan.growth)[0]
        signal = self.rng.poisson(self.rate(plan, float(frames.mjd[number])) * warmer * seconds)
        noise = float(frames.readnoise_dn[number])
        sci = signal + plan.pattern[frames.bias[number]] + self.rng.normal(0, noise, shape)
        dq = self.flags | np.where(sci > FULL_DN, SATURATED, 0).astype(np.int16)
        cosmic = self._hits(_COSMIC * seconds / c.EXPOSURE_S * self.ways.cosmic)
        flagged = cosmic & ((self.rng.random(shape) < _FLAGGED) | (not self.ways.halos))
        sci += np.where(flagged, 500 + self.rng.exponential(720, shape), 0.0)
        sci += np.where(cosmic & ~flagged, self.rng.exponential(_HALO_DN, shape), 0.0)
        if self.ways.flagged:
            dq |= np.where(flagged, COSMIC_RAY, 0).astype(np.int16)
        err = np.sqrt(np.maximum(sci, 0) + noise**2 + self.ways.bias_dn**2)
        return Frame(sci=sci.astype(np.float32), err=err.astype(np.float32), dq=dq, cosmic=cosmic)

    def expose_bias(self, pattern: Images, rng: np.random.Generator) -> Frame:
        """Take a bias over which a superbias leaves a pattern [DN]; random numbers of its own leave the darks alone."""
        sci = pattern + rng.normal(0, READNOISE_DN, self.cool.shape)
        err = np.full(sci.shape, np.hypot(READNOISE_DN, self.ways.bias_dn), dtype=np.float32)
        return Frame(
            sci=sci.astype(np.float32),
            err=err,
            dq=np.zeros(sci.shape, dtype=np.int16),
            cosmic=np.zeros(sci.shape, dtype=bool),
        )

    def observe(self, start_mjd: float, stop_mjd: float, *, n_frames: int, exptime_s: float = c.EXPOSURE_S) -> Period:
        """Take all darks of a period; parameters as in `begin`."""
        plan = self.begin(start_mjd, stop_mjd, n_frames=n_frames, exptime_s=exptime_s)
        taken = [self.expose(plan, number) for number in range(n_frames)]
        stack = Stack(
            sci=np.array([frame.sci for frame in taken]),
            err=np.array([frame.err for frame in taken]),
            dq=np.array([frame.dq for frame in taken]),
        )
        rates = np.array([self.rate(plan, at_mjd) for at_mjd in plan.frames.mjd.tolist()])
        return Period(
            frames=plan.frames,
            stack=stack,
            rates=rates,
            rate=rates.mean(axis=0),
            own=self.cool + self.old + self.new,
            born=np.isfinite(plan.birth_mjd),
            birth_mjd=plan.birth_mjd,
            growth=plan.growth,
            cosmic=np.array([frame.cosmic for frame in taken]),
        )

    def anneal(self) -> None:
        """Heal some of the hot pixels, new ones more often; some keep a part of their rate."""
        stays = self.rng.random(self.new.shape) >= _since(_HEALS_NEW, self.mjd)
        heals = self.rng.random(self.new.shape) < _HEALS_OLD
        partly = (self.rng.random(self.new.shape) < _PARTLY) * self.rng.uniform(0, 0.5, self.new.shape)
        self.old = self.old * np.where(heals, partly, 1.0) + self.new * np.where(stays, 1.0, partly)
        self.new = np.zeros_like(self.new)

    def _frames(self, start_mjd: float, stop_mjd: float, n_frames: int, exptime_s: float) -> Frames:
        days = np.arange(n_frames, dtype=np.float64) * ((stop_mjd - start_mjd) / n_frames)
        known = start_mjd + days >= SIDE_2_MJD
        wave = 0.8 * np.sin(2 * np.pi * (start_mjd + days) / 365.25)
        return Frames(
            exptime_s=np.full(n_frames, exptime_s),
            gain=np.ones(n_frames),
            temp_c=np.where(known, np.clip(20.0 + wave + self.rng.normal(0, 0.8, n_frames), 15.4, 24.0), -1.0),
            mjd=start_mjd + days,
            start_mjd=start_mjd,
            stop_mjd=stop_mjd,
            readnoise_dn=np.array([expected_readnoise(mjd) for mjd in (start_mjd + days).tolist()]),
            bias=(days // 7).astype(np.int64),
        )

    def _growth(self, start_mjd: float) -> Images:
        rate = self.cool + self.old + self.new
        if self.ways.one_law:
            return np.full(rate.shape, temperature.LINEAR_K)
        usual = temperature.sensitivity(rate, year=1858.88 + start_mjd / 365.25)
        return usual + self.rng.normal(0, self.ways.own_growth, rate.shape) if self.ways.own_growth else usual

    def _spoil(self, rng: np.random.Generator) -> None:
        """Make flaws, as many as so large a part of the detector has; random numbers of its own."""
        n_row, n_col = self.cool.shape
        share = self.cool.size / (c.SHAPE[0] * c.SHAPE[1])
        dead = rng.permutation(self.cool.size)[: max(round(_DEAD * share), 1)]
        self.cool.flat[dead] *= 0.01
        self.old.flat[dead] = 0.0
        self.cool[:, rng.permutation(n_col)[: max(round(_HOT_COLUMNS * n_col / c.SHAPE[1]), 1)]] += _HOT_COLUMN
        self.old[n_row // 3, n_col // 3] = _SATURATED_RATE
        self.flags[n_row // 2, n_col // 2] = DETECTOR_PROBLEM
        self.flags[n_row // 2, n_col // 3] = SMALL_BLEMISH

    def _hits(self, share: float) -> NDArray[np.bool_]:
        """Give the pixels that cosmic rays hit, this share of all."""
        shape = self.cool.shape
        if not self.ways.tracks:
            return self.rng.random(shape) < share
        begin, along, longer = self.rng.random(shape) < share / _TRACK, *(self.rng.random((2, *shape)) < 0.5)
        hit = np.zeros(shape, dtype=bool)
        for step in range(math.ceil(_TRACK)):
            goes_on = begin & (longer | (step < math.floor(_TRACK)))
            hit[step:] |= (goes_on & along)[: shape[0] - step]
            hit[:, step:] |= (goes_on & ~along)[:, : shape[1] - step]
        return hit

    def _births(self, start_mjd: float, stop_mjd: float) -> Images:
        share = 1.0 / (c.SHAPE[0] * c.SHAPE[1])
        chance = _since(_BIRTHS_PER_DAY, start_mjd) * share * self.ways.births * (stop_mjd - start_mjd)
        born = (self.rng.random(self.cool.shape) < chance) & (self.old == 0)
        self.new = _hot(born, self.rng)
        return np.where(born, self.rng.uniform(start_mjd, stop_mjd, born.shape), np.nan)


def _since(dated: tuple[tuple[float, float], ...], mjd: float) -> float:
    """Give the value that holds at a date, of values since dates, the newest first."""
    return next(value for since, value in dated if mjd >= since)


def _hot(where: np.ndarray, rng: np.random.Generator) -> Images:
    """Give the rate of hot pixels, 0 elsewhere: their number above L falls as L^-0.7 from 0.1 to 22 electron / s."""
    rate = 0.1 * (1 - rng.random(where.shape)) ** (-1 / 0.7)
    return np.where(where, np.minimum(rate, 22.0), 0.0)
