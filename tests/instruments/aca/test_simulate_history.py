"""Simulated telemetry of the months before."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Columns
from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.instruments.aca import readers
from longwatch.instruments.aca.simulate import START, ccd_temperature
from longwatch.instruments.aca.simulate_history import simulate_history


def read(path: Path) -> Columns:
    data = inflate(path.read_bytes(), name=path.name)
    return readers.read(Source(name=path.name, data=data, fits=parse(data, name=path.name))).rows[0].columns


def test_an_image_an_hour_up_to_the_start_of_the_other_files(tmp_path: Path) -> None:
    simulate_history(tmp_path, seed=1, months=1)
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 8
    columns = read(paths[7])
    time = columns["time"]
    assert len(time) == 720
    assert np.allclose(np.diff(time), 3600.0, atol=3)
    assert START - 3700 < time[-1] < START
    assert np.abs(columns["tempccd"] - ccd_temperature(time)).max() < 0.21
