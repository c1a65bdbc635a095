"""Level-0 files of ACA for tests: simulated rows, changed as a test wants them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from longwatch.instruments.aca.l0_files import file_name, l0_file
from longwatch.instruments.aca.simulate import FIELD, PACKET_S, Spot, rows_of

Rows = dict[str, np.ndarray]


def l0_rows(slot: int, packets: np.ndarray, *, size: int | None = None) -> Rows:
    """Give simulated rows of a slot, in its usual size or another."""
    spot = FIELD[slot]
    if size is not None:
        spot = Spot(slot=slot, size=size, row=spot.row, col=spot.col, mag=spot.mag)
    return rows_of(spot, packets, np.random.default_rng(slot))


def write_l0(folder: Path, rows: Rows, *, revision: int = 1) -> Path:
    """Write rows as a level-0 file under the name it would have."""
    start = float(rows["end_integ_time"][0]) + PACKET_S
    path = folder / file_name(start, int(rows["imgnum1"][0])).replace("N001", f"N{revision:03d}")
    path.write_bytes(gzip.compress(l0_file(rows, revision=revision), 1, mtime=0))
    return path
