"""Scales of frames, and which samples count."""

from __future__ import annotations

import numpy as np

from longwatch.instruments.stis.detector import Period
from longwatch.instruments.stis.frames import Frames, Stack, sample_variance, scaled


def two_frames() -> Frames:
    return Frames(
        exptime_s=np.array([1100.0, 550.0]),
        gain=np.array([1.0, 2.0]),
        temp_c=np.array([18.0, 20.0]),
        mjd=np.array([58000.0, 58001.0]),
        start_mjd=58000.0,
        stop_mjd=58028.0,
        readnoise_dn=np.array([6.0, 3.0]),
        bias=np.array([0, 0]),
    )


def test_signal_is_scaled_to_one_exposure_time_and_temperature() -> None:
    stack = Stack(
        sci=np.full((2, 1, 1), 57, np.float32), err=np.ones((2, 1, 1), np.float32), dq=np.zeros((2, 1, 1), np.int16)
    )
    assert np.allclose(scaled(stack, two_frames()).ravel(), [57, 100])


def test_variance_of_a_sample() -> None:
    variance = sample_variance(two_frames(), np.float32([[114]])).ravel()
    assert np.allclose(variance, [36 + 114, 9 * (2 / 1.14) ** 2 + 114 * (2 / 1.14) / 2])
    assert np.allclose(sample_variance(two_frames(), np.float32([[-5]])).ravel()[0], 36)


def test_bits_that_take_samples_out(clean: Period) -> None:
    dq = np.array([0, 1, 2, 4, 8, 16, 32, 256, 1024, 8192, 16384], np.int16).reshape(-1, 1, 1)
    stack = Stack(sci=np.zeros(dq.shape, np.float32), err=np.zeros(dq.shape, np.float32), dq=dq)
    assert np.flatnonzero(~stack.good().ravel()).tolist() == [1, 2, 3, 7, 9]
    stack.sci[0] = np.nan
    assert not stack.good()[0].any()
    assert len(clean.frames) == len(clean.stack.sci) == 58
