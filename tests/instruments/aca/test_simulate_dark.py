"""Simulated dark calibrations: the same seed gives the same bytes, warm pixels stay."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from astropy.io import fits

from longwatch.instruments.aca import simulate_dark
from longwatch.instruments.aca.dark_model import get_warm_fracs


def test_files_truth_and_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        simulate_dark.write_dark_cals(tmp_path / name, seed=5, small=True)
    files = sorted((tmp_path / "a" / "dark").iterdir())
    assert [path.name for path in files] == [path.name for path in sorted((tmp_path / "b" / "dark").iterdir())]
    assert all(path.read_bytes() == (tmp_path / "b" / "dark" / path.name).read_bytes() for path in files)
    truth = np.load(tmp_path / "a" / "truth" / "aca_dark.npz")
    with fits.open(io.BytesIO(files[0].read_bytes())) as hdus:
        assert hdus[0].header["T_CCD"] == truth["t_ccd"][0]
        assert abs(np.count_nonzero(hdus[0].data > 200) / truth["warmer"][0, 1] - 1) < 0.02
    place = truth["id"].tolist().index("2007006")
    model = get_warm_fracs(100, "2007:006", -19.0) * 1024**2
    assert abs(truth["warmer"][place, 0] / model - 1) < 0.1


def test_warm_pixels_stay_warm() -> None:
    first, second = simulate_dark.dark_cals([("2022069", -11.0), ("2022104", -11.0)], seed=1)
    warm = first.truth > 500
    assert np.mean(second.truth[warm] > 350) > 0.9
