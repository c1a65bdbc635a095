"""Simulated image telemetry of many months before a simulation, thinned to an image an hour, as an archive keeps it.

Owns how much is thinned. Must not know the sky, the temperatures or the noise: `simulate` does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from longwatch.instruments.aca.simulate import EIGHTS, PACKET_S, rows_of, write_l0

MONTHS: Final = 6
"""Files of 30 days each that are written, for every slot."""

_EVERY: Final = 4 * round(3600.0 / PACKET_S / 4)
_FILE: Final = 30 * 24 * _EVERY


def simulate_history(out: Path, *, seed: int, months: int = MONTHS) -> None:
    """Write level-0 files of all slots that end where those of `simulate` begin.

    Parameters
    ----------
    out
        Folder to fill.
    seed
        Seed of the random numbers; the same seed gives the same bytes.
    months
        How many files of 30 days a slot has.
    """
    rng = np.random.default_rng(seed)
    for number in range(-months, 0):
        for spot in EIGHTS:
            write_l0(out, rows_of(spot, np.arange(number * _FILE, (number + 1) * _FILE, _EVERY), rng))
