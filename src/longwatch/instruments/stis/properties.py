"""The properties of every pixel in one period: the five of the old pixel database, and our own.

Owns their definitions, arrays to numbers. Must not know files, archives, or which frames belong to a period.
See spec/stis.md 3.2 and 3.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import temperature, trends
from longwatch.instruments.stis.frames import COSMIC_RAY, SATURATED, Frames, Stack, sample_variance, scaled
from longwatch.instruments.stis.rejection import masked_mean, masked_median, reject

Bools = NDArray[np.bool_]
Images = NDArray[np.float32]
Floats = NDArray[np.float64]

IN_A_WEEK: Final = 3
"""Good frames a week must have to count for the stability."""

GROWTH_SCATTER: Final = 0.02
"""By how much single pixels differ from the growth that is usual at their rate [1 / deg C]."""

YEAR_OF_MJD_0: Final = 1858.88
"""Year in which Modified Julian Dates begin."""

KEPT_VARIANCE: Final = 0.97334
"""Share of a normal variance that is left inside three standard deviations."""


def old_properties(stack: Stack, frames: Frames, good: Bools) -> dict[str, np.ndarray]:
    """Give the five properties as the old pixel database defined them.

    Parameters
    ----------
    stack
        (n, n_row, n_col) pixels.
    frames
        What they were taken with.
    good
        (n, n_row, n_col), samples that count.

    Returns
    -------
    dict[str, np.ndarray]
        (n_row, n_col) under the names of the cube `stis.ccd`: NaN where no frame counts (stability: where fewer than
        two weeks have three good frames).

    Notes
    -----
    Inferred from 42 published pixels: `sci_mean` is the mean signal in 1100 s at 18 deg C, while `err_mean` is the mean
    of the frames' own errors, not scaled by temperature; `readnoise` is the mean over frames of
    sqrt(max(0, ERR^2 - signal)), so it grows with the signal; `stability` is the reduced chi-square of weekly means.
    """
    x = scaled(stack, frames)
    with np.errstate(invalid="ignore"):
        noise = np.sqrt(np.maximum(np.square(stack.err) - x, np.float32(0)))
    return {
        c.STABILITY.name: stability(x, stack.err, good, frames.week),
        c.SCI_MEAN.name: masked_mean(x, good),
        c.ERR_MEAN.name: masked_mean(stack.err, good),
        c.NAN_COUNT.name: (~good).sum(axis=0).astype(np.int16),
        c.READNOISE.name: masked_mean(noise, good),
    }


def count_negative(stack: Stack, frames: Frames, good: Bools) -> NDArray[np.int64]:
    """Count the frames of each pixel whose ERR^2 - signal is negative: they enter `readnoise` as zero."""
    with np.errstate(invalid="ignore"):
        return np.asarray((good & (np.square(stack.err) < scaled(stack, frames))).sum(axis=0))


def stability(x: Images, err: Images, good: Bools, week: NDArray[np.int64]) -> Floats:
    """Give the reduced chi-square of the weekly means.

    Parameters
    ----------
    x, err
        (n, n_row, n_col), signal and error of each sample [DN].
    good
        Which count.
    week
        (n,), week of each frame.

    Returns
    -------
    Floats
        (n_row, n_col); NaN where fewer than two weeks have `IN_A_WEEK` good frames.
    """
    weekly = [_weekly_mean(x[at], err[at], good[at]) for at in _groups(week)]
    means, weights = (np.array(part) for part in zip(*weekly, strict=True))
    used = (weights > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = (weights * means).sum(axis=0) / weights.sum(axis=0)
        return np.where(used > 1, (weights * (means - centre) ** 2).sum(axis=0) / (used - 1.0), np.nan)


def with_measured_growth(frames: Frames, sci_mean: Images) -> Frames:
    """Give the frames with the growth per degree that was measured at each pixel's rate, in place of 7 per cent.

    Parameters
    ----------
    frames
        The frames.
    sci_mean
        (n_row, n_col), mean signal in 1100 s [DN].
    """
    rate = sci_mean * float(np.mean(frames.gain)) / c.EXPOSURE_S
    year = YEAR_OF_MJD_0 + frames.start_mjd / 365.25
    return replace(frames, k=temperature.sensitivity(rate, year=year))


def with_own_growth(stack: Stack, frames: Frames, good: Bools) -> Frames:
    """Give the frames with each pixel's own growth per degree, as far as its samples tell it.

    Parameters
    ----------
    stack, frames, good
        As in `old_properties`; the frames' `k` is what is expected.

    Returns
    -------
    Frames
        With k the mean of what was fitted and what was expected, weighted by their errors: single pixels scatter by
        `GROWTH_SCATTER` about what is usual at their rate.
    """
    left = reject(scaled(stack, frames), good, frames).good
    fitted = _temperature_growth(stack, frames, left)
    share = GROWTH_SCATTER**2 / (GROWTH_SCATTER**2 + np.square(fitted.error))
    told = np.isfinite(fitted.value) & np.isfinite(share)
    k = np.asarray(frames.k, dtype=np.float64)
    return replace(frames, k=np.where(told, k + share * (fitted.value - k), k))


def life_properties(stack: Stack, frames: Frames, good: Bools) -> dict[str, np.ndarray]:
    """Give our own properties, from the samples that also our own rejection of cosmic rays leaves.

    Parameters
    ----------
    stack, frames, good
        As in `old_properties`.

    Returns
    -------
    dict[str, np.ndarray]
        (n_row, n_col) under the names of the cube `stis.life`. NaN where nothing can be told: all of them without a
        good frame, variances with a single one.

    Notes
    -----
    The files' own flags leave halos of cosmic rays; `sci_mean` keeps them as the old database did, these do not.
    Scatter is corrected for what a rejection at three standard deviations cuts off.
    """
    x = scaled(stack, frames)
    left = reject(x, good, frames).good
    rate = x * frames.electrons
    variance = sample_variance(frames, x) * np.square(frames.electrons)
    mean, n_good = masked_mean(rate, left), left.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        off = np.where(left, np.square(rate - mean), np.float32(0))
        free = np.where(n_good > 1, (n_good - 1.0) * KEPT_VARIANCE, np.nan)
        spread = off.sum(axis=0, dtype=np.float64) / free
        chi2 = (off / variance).sum(axis=0, dtype=np.float64) / free
        error = np.sqrt(spread / n_good)
    trend = trends.time_trend(rate, left, variance, frames.mjd)
    growth = _temperature_growth(stack, frames, left)
    step = trends.find_step(rate, left, variance, frames.mjd)
    values = {
        c.DARK_RATE: mean,
        c.DARK_RATE_ERR: error,
        c.DARK_RATE_SYST: common_error(stack, frames, left),
        c.DARK_MEDIAN: masked_median(rate, left),
        c.CHI2_FRAME: chi2,
        c.SLOPE: trend.value,
        c.SLOPE_ERR: trend.error,
        c.TEMP_COEF: growth.value,
        c.TEMP_COEF_ERR: growth.error,
        c.READNOISE_TRUE: read_noise(stack, frames, left),
        c.P_JUMP: step.p,
        c.T_JUMP: step.mjd,
        c.JUMP: step.size,
        **_edges(rate, left, frames.week),
        c.N_FRAMES: np.full(mean.shape, len(frames)),
        c.N_GOOD: n_good,
        c.N_SAT: ((stack.dq & np.int16(SATURATED)) != 0).sum(axis=0),
    }
    return {column.name: np.asarray(image, dtype=column.dtype) for column, image in values.items()}


def read_noise(stack: Stack, frames: Frames, good: Bools) -> Floats:
    """Give the read noise that the scatter of the frames leaves when counting noise is taken off.

    Returns
    -------
    Floats
        (n_row, n_col) [DN]; 0 where counting noise explains all, NaN where a week has fewer than two good frames.

    Notes
    -----
    Residuals are taken from the mean of their week, so that superbias patterns and births of hot pixels do not count
    as read noise. The variance is corrected for what a rejection at three standard deviations cuts off.
    """
    x, free, square = scaled(stack, frames), np.zeros(good.shape[1:]), np.zeros(good.shape[1:])
    for at in _groups(frames.week):
        count = good[at].sum(axis=0)
        residual = (x[at] - masked_mean(x[at], good[at])) / frames.scale[at]
        square += np.where(good[at], np.square(residual), np.float32(0)).sum(axis=0, dtype=np.float64)
        free += np.maximum(count - 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = square / (free * KEPT_VARIANCE)
        counting = masked_mean(np.maximum(stack.sci, 0) / frames.gain.astype(np.float32)[:, None, None], good)
        return np.sqrt(np.maximum(variance - counting, 0.0))


def read_noise_of_pairs(sci: Images, good: Bools) -> Floats:
    """Give the read noise that pairs of biases tell: the standard deviation of their differences over the root of 2.

    Parameters
    ----------
    sci
        (n, n_row, n_col), biases of one setting in order of time [DN]; each two that follow each other are a pair, so
        that what a superbias leaves in both does not count.
    good
        Which samples count.

    Returns
    -------
    Floats
        (n_row, n_col) [DN]; NaN where fewer than two pairs are good.
    """
    n_pairs = len(sci) // 2
    first, second = sci[: 2 * n_pairs : 2], sci[1 : 2 * n_pairs : 2]
    both = good[: 2 * n_pairs : 2] & good[1 : 2 * n_pairs : 2]
    square = np.where(both, np.square(first - second), np.float32(0)).sum(axis=0, dtype=np.float64)
    count = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 1, np.sqrt(square / (2.0 * count)), np.nan)


def common_error(stack: Stack, frames: Frames, good: Bools) -> Floats:
    """Give the error of the mean rate that all frames with one bias reference have in common.

    Returns
    -------
    Floats
        (n_row, n_col) [electron / s]: not part of the scatter inside a week, and not beaten down by more frames.

    Notes
    -----
    The frames' own errors hold that of their references: ERR^2 less read noise and counting noise. It is the same
    deviation in all frames of one bias reference, and independent between references.
    """
    count, variance = good.sum(axis=0), np.zeros(good.shape[1:])
    counting = np.maximum(stack.sci, np.float32(0)) / frames.gain.astype(np.float32)[:, None, None]
    to_rate = frames.electrons * frames.scale
    beyond = np.where(good, (np.square(stack.err) - counting) * np.square(to_rate), np.float32(0))
    own = np.where(good, np.square(to_rate * frames.readnoise_dn.astype(np.float32)[:, None, None]), np.float32(0))
    for at in _groups(frames.bias):
        n_same = good[at].sum(axis=0)
        reference = np.maximum((beyond[at] - own[at]).sum(axis=0, dtype=np.float64), 0.0)
        variance += reference * n_same
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count > 0, np.sqrt(variance) / count, np.nan)


def has_flags(dq: NDArray[np.integer]) -> bool:
    """Tell whether cosmic rays were already flagged in the frames."""
    return bool((dq & np.int16(COSMIC_RAY)).any())


def _temperature_growth(stack: Stack, frames: Frames, good: Bools) -> trends.Measured:
    """Fit rates as observed against temperature."""
    seconds = (frames.exptime_s / frames.gain).astype(np.float32)[:, None, None]
    known = temperature.is_known(frames.temp_c, frames.mjd)
    return trends.temperature_coefficient(stack.sci / seconds, good, np.where(known, frames.temp_c, np.nan))


def _edges(rate: Images, good: Bools, week: NDArray[np.int64]) -> dict[Column, Images]:
    """Give the mean rate of the first and of the last week: just after this anneal, and just before the next."""
    first, last = week == week.min(), week == week.max()
    return {
        c.RATE_FIRST: masked_mean(rate[first], good[first]),
        c.RATE_LAST: masked_mean(rate[last], good[last]),
    }


def _weekly_mean(x: Images, err: Images, good: Bools) -> tuple[Floats, Floats]:
    """Give the mean of a week and its weight; weight 0 where too few frames count."""
    count = good.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (
            np.where(good, np.square(err), np.float32(0)).sum(axis=0, dtype=np.float64) / count.astype(float) ** 2
        )
        weight = np.where((count >= IN_A_WEEK) & (variance > 0), 1.0 / variance, 0.0)
    return np.nan_to_num(masked_mean(x, good).astype(np.float64)), weight


def _groups(number: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Give the places of each number that occurs."""
    for value in np.unique(number):
        yield np.flatnonzero(number == value)
