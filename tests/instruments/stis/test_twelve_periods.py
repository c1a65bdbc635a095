"""Twelve simulated periods against their truth: rates, errors, read noise, cosmic rays, births and deaths.

The detector does all it can: every pixel grows with temperature as was measured at its rate, cosmic rays leave
unflagged halos, superbias patterns change by the week, some pixels jump between two levels, hot pixels are born at any
moment (seven times as many as were observed) and half of them heal at the next anneal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from longwatch.instruments.stis.columns import EXPOSURE_S
from longwatch.instruments.stis.detector import READNOISE_DN, Detector, Period, Ways
from longwatch.instruments.stis.frames import COSMIC_RAY, sample_variance, scaled
from longwatch.instruments.stis.lives import HOT, USUAL, state_sequence, told_error, told_rate
from longwatch.instruments.stis.monitors.read_noise import FAINT
from longwatch.instruments.stis.properties import life_properties, old_properties, with_measured_growth
from longwatch.instruments.stis.rejection import reject

SQUARE = slice(472, 552)
_BESIDE = np.array([[[0, 1, 0], [1, 1, 1], [0, 1, 0]]], dtype=bool)
"""A hit and its four neighbours in the same frame, which are looked at more closely."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """The periods' truth and what was derived: (n_period, n_row, n_col) each."""

    truth: np.ndarray
    steady: np.ndarray
    found: dict[str, np.ndarray]
    counts: dict[str, int]

    @property
    def pulls(self) -> np.ndarray:
        """Measured less true rate, over its error."""
        error = np.hypot(self.found["dark_rate_err"], self.found["dark_rate_syst"])
        return (self.found["dark_rate"] - self.truth) / error

    @property
    def noise(self) -> np.ndarray:
        """One standard deviation of a measured rate: noise of the frames, and what superbiases leave."""
        error = told_error(self.found["dark_rate_err"], self.found["chi2_frame"])
        return np.nan_to_num(np.hypot(error, self.found["dark_rate_syst"]))


def derived(period: Period) -> dict[str, np.ndarray]:
    good = period.stack.good()
    signal = old_properties(period.stack, period.frames, good)["sci_mean"]
    return life_properties(period.stack, with_measured_growth(period.frames, signal), good)


def steady(period: Period) -> np.ndarray:
    """Pixels whose rate stays the same, and is their own where it is hot: at most a fiftieth of it a trail."""
    return (np.ptp(period.rates, axis=0) == 0) & ((period.rate < USUAL.level) | (period.rate < 1.02 * period.own))


def rejected(period: Period) -> dict[str, int]:
    """Count what our own rejection does where no file flags cosmic rays."""
    stack = replace(period.stack, dq=period.stack.dq & ~np.int16(COSMIC_RAY))
    frames = replace(period.frames, k=period.growth)
    x, expected = scaled(stack, frames), (period.rates * EXPOSURE_S).astype(np.float32)
    left, sigma = reject(x, stack.good(), frames).good, np.sqrt(sample_variance(frames, expected))
    same = np.ptp(period.rates, axis=0) == 0
    hit = period.cosmic & (x > expected + 10 * sigma) & same
    quiet = ~binary_dilation(period.cosmic, _BESIDE) & same
    hot = period.born & ~period.cosmic & (period.frames.mjd[:, None, None] >= period.birth_mjd)
    hot &= hot.sum(axis=0) > 1
    samples = {"hits": hit, "quiet": quiet, "hot": hot}
    counts = {name: int(which.sum()) for name, which in samples.items()}
    return counts | {f"{name} kept": int((which & left).sum()) for name, which in samples.items()}


@pytest.fixture(scope="module")
def observed() -> Observed:
    detector = Detector(rows=SQUARE, cols=SQUARE, rng=np.random.default_rng(12), ways=Ways(births=7))
    truth, calm, found, counts = [], [], [], []
    for number in range(12):
        start = 58022.0 + 28 * number
        period = detector.observe(start, start + 28, n_frames=58)
        truth.append(period.rate)
        calm.append(steady(period))
        found.append(derived(period))
        counts.append(rejected(period))
        detector.anneal()
    return Observed(
        truth=np.array(truth),
        steady=np.array(calm),
        found={name: np.array([images[name] for images in found]) for name in found[0]},
        counts={name: sum(count[name] for count in counts) for name in counts[0]},
    )


def test_dark_rates_are_unbiased_to_half_a_per_cent(observed: Observed) -> None:
    rate, told = observed.found["dark_rate"].astype(np.float64), np.isfinite(observed.found["dark_rate"])
    for low, high in ((0.0, 0.1), (0.1, 1.0), (1.0, 20.0), (0.0, 20.0)):
        chosen = told & (observed.truth >= low) & (observed.truth < high)
        assert rate[chosen].sum() / observed.truth[chosen].sum() == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.1), (0.1, 20.0), (0.0, 20.0)])
def test_errors_are_honest_with_the_growth_measured_by_rate(observed: Observed, low: float, high: float) -> None:
    pulls = observed.pulls[observed.steady & (observed.truth >= low) & (observed.truth < high)]
    assert np.isfinite(pulls).sum() > 5000
    assert 0.95 <= np.nanstd(pulls) <= 1.05


def test_few_pixels_that_change_inside_a_period_are_beyond_their_errors(observed: Observed) -> None:
    """Births and trails of births that the last frame alone shows cannot be told from cosmic rays."""
    pulls = observed.pulls[np.isfinite(observed.pulls) & (observed.truth < 20)]
    assert (np.abs(pulls) > 5).mean() <= 0.001
    assert 0.95 <= (np.percentile(pulls, 84.13) - np.percentile(pulls, 15.87)) / 2 <= 1.05


def test_read_noise_of_every_period_is_within_two_per_cent(observed: Observed) -> None:
    """As the monitor measures it: root mean square of faint pixels, those left out that jump."""
    for noise, truth in zip(observed.found["readnoise_true"], observed.truth, strict=True):
        faint = noise[truth < FAINT].astype(np.float64)
        quiet = faint[faint < 3 * np.median(faint)]
        assert np.sqrt(np.square(quiet).mean()) == pytest.approx(READNOISE_DN, rel=0.02)


def test_cosmic_rays_are_found_and_noise_and_births_are_left(observed: Observed) -> None:
    counts = observed.counts
    assert 1 - counts["hits kept"] / counts["hits"] >= 0.99
    assert 1 - counts["quiet kept"] / counts["quiet"] <= 0.005
    assert counts["hot kept"] / counts["hot"] >= 0.98


@pytest.mark.parametrize(("sign", "level"), [(1, USUAL.level), (-1, USUAL.level * USUAL.off_share)])
def test_t5_births_and_deaths_are_found_in_their_own_period(observed: Observed, sign: int, level: float) -> None:
    """Judged are all of twelve periods, but for pixels that lay at the level itself.

    Where the true rate lay within two standard deviations of its own measurement (about 3 per cent) from the level in
    the period of the event, or from the level of birth in the one before, nobody can tell on which side it was.
    """
    found = observed.found
    seen = told_rate(found["dark_rate"], found["n_good"], found["n_sat"])
    error = told_error(found["dark_rate_err"], found["chi2_frame"])
    true, told = (
        np.diff((states == HOT).astype(int), axis=0) == sign
        for states in (state_sequence(observed.truth), state_sequence(seen, error))
    )
    at_level = np.abs(observed.truth[1:] - level) < 2 * observed.noise[1:]
    at_level |= np.abs(observed.truth[:-1] - USUAL.level) < 2 * observed.noise[:-1]
    judged = true & ~at_level
    assert judged.sum() > 500
    assert told[judged].mean() >= 0.98
    assert (told & ~true & ~at_level).sum() / told.sum() <= 0.01
    # Of all events, those at the level included:
    assert told[true].mean() >= 0.975
    assert (told & ~true).sum() / told.sum() <= 0.025
