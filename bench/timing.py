"""How long a call takes: the median of many, in one warm process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

Call = Callable[[], object]
"""One question with coordinates of its own: every call asks for another place."""


def seconds(call: Call) -> float:
    """Give how long one call takes [s]."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def samples(call: Call, *, rounds: int, warm: int = 3) -> list[float]:
    """Give how long each of some calls takes, after a few that do not count [s]."""
    for _ in range(warm):
        call()
    return [seconds(call) for _ in range(rounds)]


def median(call: Call, *, rounds: int = 31, warm: int = 3) -> float:
    """Give the median of some calls, after a few that do not count [s]."""
    return float(np.median(samples(call, rounds=rounds, warm=warm)))


def p95(call: Call, *, rounds: int = 200) -> float:
    """Give what 95 % of the calls stay below [s]."""
    return float(np.percentile(samples(call, rounds=rounds), 95))


def evict(folder: Path) -> None:
    """Ask the system to forget the cached pages of all files below a folder; no file may be mapped."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)
