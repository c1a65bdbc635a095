"""Cosmic rays: samples of a stack of darks that stand out, and steps that only look like them.

Owns the rejection of samples, arrays to numbers. Must not know files or periods. See spec/stis.md 3.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longwatch.instruments.stis.frames import Frames, sample_variance

Bools = NDArray[np.bool_]
Images = NDArray[np.float32]
Places = NDArray[np.int64]

THRESHOLDS: Final = (5.0, 4.0, 3.0)
"""Standard deviations at which samples are rejected, pass after pass."""

HALO: Final = len(THRESHOLDS)
"""Rows beyond a band that can have a say in it: one a pass."""

MODEL_SHARE: Final = 0.02
"""Uncertainty of the expected signal, as a share of it: single pixels do not follow one temperature law."""

TELEGRAPH_SHARE: Final = 1 / 6
TELEGRAPH_LEAST: Final = 6
"""Cosmic rays never hit so large a share of a pixel's samples, and more than so many: it jumps between two levels."""

_UPPER: Final = 90
"""Per cent of the samples up to the upper level of a pixel that jumps: more than cosmic rays leave."""

ALIKE: Final = 0.75
"""The last two samples are a step if the smaller deviates by so large a share of the larger."""

_ASIDE: Final = ((-2, -1), (-1, 1), (1, 2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rejection:
    """What was rejected.

    Parameters
    ----------
    good
        (n, n_row, n_col), samples that are left.
    restored
        (n_row, n_col), pixels of which every sample would have been rejected; the one nearest the median was kept.
    """

    good: Bools
    restored: Bools


def reject(x: Images, good: Bools, frames: Frames, *, thresholds: Sequence[float] = THRESHOLDS) -> Rejection:
    """Reject samples that stand out from the other frames of a pixel.

    Parameters
    ----------
    x
        (n, n_row, n_col), signal in 1100 s at 18 deg C [DN], frames in order of time.
    good
        (n, n_row, n_col), samples that count so far.
    frames
        What they were taken with.
    thresholds
        Standard deviations, pass after pass.

    Returns
    -------
    Rejection
        The samples left.

    Notes
    -----
    The model is the median of what is left: a mean would lie between the levels of a step. Noise is read noise,
    counting statistics of the model, and `MODEL_SHARE` of it. Rejection is two-sided, so that it does not shift the
    mean; the four neighbours of a positive hit are rejected at half its threshold. Three or more samples in a row that
    deviate the same way (by at least half as much; rejected ones in between count as if they did) are a step - a hot
    pixel born inside the period, or telegraph noise - and are kept.
    """
    median = masked_median(x, good)
    left, model = good, median.copy()
    for threshold in thresholds:
        hits = _hits(_deviation(x, good, model, frames), threshold) & left
        left = left & ~hits
        changed = hits.any(axis=0)
        model[changed] = masked_median(x[:, changed], left[:, changed])
    left = left | _two_levels(x, good, left, frames)
    restored = np.asarray(good.any(axis=0) & ~left.any(axis=0))
    if restored.any():
        left = left | (restored & _nearest(x, good, median))
    return Rejection(good=left, restored=restored)


def _two_levels(x: Images, good: Bools, left: Bools, frames: Frames) -> Bools:
    """Give the samples of pixels that jump between two levels, but those far above the upper one."""
    n_lost = (good & ~left).sum(axis=0)
    jumping = n_lost > np.maximum(TELEGRAPH_SHARE * good.sum(axis=0), TELEGRAPH_LEAST)
    if not jumping.any():
        return np.zeros_like(good)
    upper = np.zeros(jumping.shape, dtype=np.float32)
    samples = np.where(good[:, jumping], x[:, jumping], np.float32(np.nan))
    upper[jumping] = np.nanpercentile(samples, _UPPER, axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(good & jumping & (_deviation(x, good, upper, frames) <= THRESHOLDS[0]))


def masked_median(x: Images, good: Bools) -> Images:
    """Give the median over frames of the samples that count.

    Returns
    -------
    NDArray
        (n_row, n_col) float32; NaN where none counts.
    """
    ordered = np.sort(np.where(good, x, np.float32(np.inf)), axis=0)
    count = good.sum(axis=0)
    low, high = np.maximum((count - 1) // 2, 0), np.minimum(count // 2, len(x) - 1)
    middle = (np.take_along_axis(ordered, low[None], 0)[0], np.take_along_axis(ordered, high[None], 0)[0])
    return np.where(count > 0, (middle[0] + middle[1]) / 2, np.float32(np.nan))


def masked_mean(x: NDArray[np.floating], good: Bools) -> Images:
    """Give the mean over frames of the samples that count: (n_row, n_col) float32, NaN where none counts."""
    total = np.where(good, x, np.float32(0)).sum(axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / good.sum(axis=0), dtype=np.float32)


def _deviation(x: Images, good: Bools, model: Images, frames: Frames) -> Images:
    """Give how far each sample lies from the model [standard deviations]; NaN where it does not count."""
    variance = sample_variance(frames, model) + np.square(np.float32(MODEL_SHARE) * model)
    return np.where(good, (x - model) / np.sqrt(variance), np.float32(np.nan))


def _hits(deviation: Images, threshold: float) -> Bools:
    """Give the samples that one pass rejects."""
    with np.errstate(invalid="ignore"):
        hits = _without_steps(deviation, np.abs(deviation) > threshold)
        beside = _beside(hits & (deviation > 0)) & (deviation > threshold / 2) & ~hits
    return hits | _without_steps(deviation, beside)


def _beside(hits: Bools) -> Bools:
    """Give the four neighbours of each hit, in the same frame."""
    found = np.zeros_like(hits)
    found[:, 1:] |= hits[:, :-1]
    found[:, :-1] |= hits[:, 1:]
    found[:, :, 1:] |= hits[:, :, :-1]
    found[:, :, :-1] |= hits[:, :, 1:]
    return found


def _without_steps(deviation: Images, candidates: Bools) -> Bools:
    """Leave out candidates that belong to three samples in a row deviating the same way."""
    frame, row, col = np.nonzero(candidates)
    own = deviation[frame, row, col]

    def alike(shift: int) -> Bools:
        at = frame + shift
        inside = (at >= 0) & (at < len(deviation))
        other = deviation[np.clip(at, 0, len(deviation) - 1), row, col]
        with np.errstate(invalid="ignore"):
            return np.asarray(inside & ~(other * np.sign(own) < np.abs(own) / 2))

    near = {shift: alike(shift) for pair in _ASIDE for shift in pair}
    step = np.logical_or.reduce([near[first] & near[second] for first, second in _ASIDE])
    step |= _last_two(deviation, frame, row, col)
    found = np.zeros_like(candidates)
    found[frame, row, col] = ~step
    return found


def _last_two(deviation: Images, frame: Places, row: Places, col: Places) -> Bools:
    """Tell which candidates are one of the last two samples of a pixel that are brighter by much the same."""
    last = len(deviation) - 1
    one, two = (deviation[max(last - back, 0), row, col] for back in (0, 1))
    with np.errstate(invalid="ignore"):
        return np.asarray((frame >= last - 1) & (np.minimum(one, two) > ALIKE * np.maximum(one, two)))


def _nearest(x: Images, good: Bools, median: Images) -> Bools:
    """Give for each pixel the one sample nearest its median."""
    away = np.where(good, np.abs(x - median), np.float32(np.inf))
    return np.asarray(np.arange(len(x))[:, None, None] == away.argmin(axis=0))
