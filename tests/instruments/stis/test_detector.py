"""The simulated detector does what its truth says."""

from __future__ import annotations

import numpy as np

from longwatch.instruments.stis.detector import FULL_DN, Detector, Period, Ways


def test_the_same_seed_gives_the_same_frames() -> None:
    def sci() -> np.ndarray:
        detector = Detector(rows=slice(0, 16), cols=slice(0, 16), rng=np.random.default_rng(5))
        return detector.observe(58000.0, 58028.0, n_frames=5).stack.sci

    assert (sci() == sci()).all()


def test_rows_far_from_the_amplifier_are_brighter() -> None:
    low = Detector(rows=slice(0, 64), cols=slice(0, 64), rng=np.random.default_rng(1)).cool
    high = Detector(rows=slice(960, 1024), cols=slice(0, 64), rng=np.random.default_rng(1)).cool
    assert 1.7 < np.median(low) / np.median(high) < 2.3


def test_cosmic_rays_hit_two_per_cent_and_are_mostly_flagged(halos: Period) -> None:
    assert abs(halos.cosmic.mean() - 0.02) < 0.001
    flagged = (halos.stack.dq & 8192) != 0
    assert abs(flagged[halos.cosmic].mean() - 0.95) < 0.01
    assert not flagged[~halos.cosmic].any()


def test_anneals_heal_about_half_of_the_new_hot_pixels() -> None:
    ways = Ways(births=60, telegraph=0)
    detector = Detector(rows=slice(0, 96), cols=slice(0, 96), rng=np.random.default_rng(1), ways=ways)
    period = detector.observe(58000.0, 58028.0, n_frames=3)
    new = detector.new > 0
    assert (period.born == new).all()
    detector.anneal()
    assert 0.4 < (detector.old[new] > 0).mean() < 0.75
    assert not detector.new.any()


def test_flaws_leave_everything_else_as_it_was() -> None:
    sound, spoilt = (
        Detector(rows=slice(0, 64), cols=slice(0, 64), rng=np.random.default_rng(1), ways=Ways(flaws=flaws))
        for flaws in (False, True)
    )
    same = (sound.cool == spoilt.cool) & (sound.old == spoilt.old)
    assert same.mean() > 0.98
    assert (spoilt.cool[~same] < 0.1 * sound.cool[~same]).sum() == 1
    assert ((spoilt.cool - sound.cool) > 0.04).all(axis=0).sum() == 1
    stack = spoilt.observe(58000.0, 58028.0, n_frames=3).stack
    assert (stack.dq[:, 21, 21] & 256).all()
    assert (stack.dq[:, 32, 32] & 4).all()
    assert (stack.dq[:, 32, 21] & 1024).all()
    assert stack.good(4 | 256).all(axis=0)[32, 21]
    assert not stack.good()[:, 32, 32].any()


def test_the_detector_is_that_of_its_date() -> None:
    def at(mjd: float) -> tuple[Detector, Period]:
        ways = Ways(births=60, telegraph=0)
        detector = Detector(rows=slice(0, 96), cols=slice(0, 96), rng=np.random.default_rng(1), ways=ways, mjd=mjd)
        return detector, detector.observe(mjd, mjd + 28.0, n_frames=3)

    (old, first), (new, last) = at(51000.0), at(58022.0)
    assert (first.frames.temp_c == -1).all()
    assert (last.frames.temp_c > 15).all()
    assert set(first.frames.readnoise_dn) == {4.0}
    assert set(last.frames.readnoise_dn) == {6.24}
    assert np.median(old.cool) < 0.2 * np.median(new.cool)
    assert first.born.sum() < 0.5 * last.born.sum()
    for detector, healed in ((old, 0.81), (new, 0.48)):
        born = detector.new > 0
        before = detector.new.copy()
        detector.anneal()
        assert abs((detector.old[born] < before[born]).mean() - healed) < 0.06


def test_saturated_samples_are_flagged() -> None:
    detector = Detector(rows=slice(0, 4), cols=slice(0, 4), rng=np.random.default_rng(1))
    detector.old[2, 2] = 60.0
    stack = detector.observe(58000.0, 58028.0, n_frames=3).stack
    assert (stack.sci[:, 2, 2] > FULL_DN).all()
    assert (stack.dq[:, 2, 2] & 256).all()
