"""Simulated periods that several tests look at."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.detector import Detector, Period, Ways


def simulated(ways: Ways, *, seed: int = 1, size: int = 96, n_frames: int = 58) -> Period:
    """Give one period of a square in the middle of the detector."""
    square = slice(512 - size // 2, 512 + size // 2)
    detector = Detector(rows=square, cols=square, rng=np.random.default_rng(seed), ways=ways)
    return detector.observe(58022.0, 58050.0, n_frames=n_frames)


@pytest.fixture(scope="session")
def clean() -> Period:
    """Cosmic rays all flagged, one temperature law."""
    return simulated(Ways(one_law=True, halos=False, telegraph=0))


@pytest.fixture(scope="session")
def halos() -> Period:
    """Cosmic rays with unflagged halos."""
    return simulated(Ways(one_law=True, telegraph=0, births=0))
