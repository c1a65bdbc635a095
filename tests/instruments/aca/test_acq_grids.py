"""Tables of acquisition, from files and as published. Truth: spec/aca-dark-hdr3-l0.md 2.3 and 6.1."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from scipy.stats import norm

from longwatch.errors import BadFile, NotFound
from longwatch.instruments.aca import acq_grids as ag
from longwatch.instruments.aca import star_probs as sp

PUBLISHED = [
    ("grid-floor-2018-11", 10.0, [0.93895, 0.74649, 0.29718]),
    ("grid-floor-2018-11", 10.3, [0.89741, 0.34163, 0.05241]),
    ("grid-floor-2020-02", 10.0, [0.93494, 0.81738, 0.40949]),
    ("grid-floor-2020-02", 10.3, [0.87486, 0.50771, 0.13643]),
    ("grid-local-quadratic-2023-05", 10.0, [0.97654, 0.87009, 0.62675]),
    ("grid-local-quadratic-2023-05", 10.3, [0.94361, 0.75537, 0.37373]),
    ("grid-local-quadratic-2024-09", 10.0, [0.95947, 0.86121, 0.56393]),
    ("grid-local-quadratic-2024-09", 10.3, [0.91814, 0.73551, 0.33644]),
    ("grid-local-quadratic-2025-10", 10.0, [0.97199, 0.90585, 0.65007]),
    ("grid-local-quadratic-2025-10", 10.3, [0.93426, 0.78156, 0.43657]),
    ("grid-local-quadratic-2025-10", 10.6, [0.82999, 0.57498, 0.26203]),
    ("grid-local-quadratic-2025-10", 9.0, [0.98500, 0.98643, 0.96436]),
    ("grid-local-quadratic-2025-10", 7.0, [0.99300, 0.99300, 0.99300]),
]
BOX = np.array(np.meshgrid([9.0, 9.5, 10.5], [-10.0, -5.0], [60.0, 120.0, 160.0], indexing="ij")).reshape(3, -1)
FLOOR_2020 = {
    0.6: "-2.076 -2.076 -2.076 -2.076 -1.955 -1.668 -1.637 -1.637 -1.637 -1.566 -1.011 -.724 -.02 .535 .822 .995 1.55 "
    "1.837",
    1.5: "-1.662 -1.569 -1.519 -1.357 -1.121 -.957 -1.244 -1.089 -.986 -.806 -.475 -.289 .067 .475 .676 .814 1.22 "
    "1.418",
}


@pytest.mark.parametrize(("model", "mag", "expected"), PUBLISHED)
def test_published_nodes_of_five_tables(model: str, mag: float, expected: list[float]) -> None:
    """With the files in `$LONGWATCH_ACA_MODELS` these are read from them, else they are the published nodes."""
    assert sp.acq_success_prob(None, [-15, -10, -5], mag, model=model) == pytest.approx(expected, abs=1.1e-5)


@pytest.mark.parametrize(("color", "within"), [(0.6, 0.08), (1.5, 0.001)])
def test_probits_of_2020(color: float, within: float) -> None:
    mag, t_ccd, halfwidth = BOX
    found = sp.grid_model_acq_prob(mag, t_ccd, color, halfwidth, "grid-floor-2020-02", probit=True)
    assert found == pytest.approx([float(one) for one in FLOOR_2020[color].split()], abs=within)
    success = sp.grid_model_acq_prob(9.5, -5, color, 120, "grid-floor-2020-02")
    assert success == pytest.approx(norm.cdf(-found[10]))


def test_between_published_nodes_nothing_is_known() -> None:
    if ag.MODELS_FOLDER in os.environ:
        pytest.skip("the files themselves are there")
    with pytest.raises(NotFound, match=r"\(9.7, -10.0, 120.0\).*LONGWATCH_ACA_MODELS.*\(10, -10, 120\)"):
        sp.acq_success_prob(None, -10, 9.7, model="grid-floor-2020-02")
    with pytest.raises(NotFound, match=r"Published of it, for colour 1\.5: none"):
        sp.acq_success_prob(None, -10, 10.0, 1.5, model="grid-local-quadratic-2023-05")
    assert sp.get_grid_func_model("grid-floor-2020-02").checksum == "39960b6254acc4a7500397aac9908412"


def grid_file(folder: Path, name: str, *, regular: bool = True) -> Path:
    """Write a table whose probit is (mag - 10) + (t_ccd + 10) / 10 + (hw - 120) / 100."""
    mags, ts, hws = np.linspace(5, 12, 15), np.linspace(-16, -1, 16), np.linspace(60, 180, 7)
    values = (mags[:, None, None] - 10) + (ts[:, None] + 10) / 10 + (hws - 120) / 100
    primary = fits.PrimaryHDU()
    for key, axis in (("MAG", mags), ("T_CCD", ts), ("HALFW", hws)):
        if regular:
            primary.header.update({f"{key}_LO": axis[0], f"{key}_HI": axis[-1], f"{key}_N": len(axis)})
        else:
            primary.header.update({f"{key}_{i}": value for i, value in enumerate(axis)})
    hdus = [primary, *(fits.ImageHDU((values + shift).astype("f4")) for shift in (0.0, 0.5))]
    fits.HDUList(hdus).writeto(folder / f"{name}.fits.gz")
    return folder / f"{name}.fits.gz"


@pytest.mark.parametrize("regular", [True, False])
def test_tables_are_interpolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, regular: bool) -> None:
    grid_file(tmp_path, "grid-test-2020-02", regular=regular)
    monkeypatch.setenv(ag.MODELS_FOLDER, str(tmp_path))
    found = sp.acq_success_prob(None, -9.5, [9.3, 10.3], [0.6, 1.5], halfwidth=130)
    assert found == pytest.approx(norm.cdf([-(-0.7 + 0.05 + 0.1), -(0.3 + 0.05 + 0.1 + 0.5)]), abs=1e-6)
    with pytest.warns(UserWarning, match="edge"):
        sp.acq_success_prob(None, 5.0, 9.0)
    assert len(ag.grid_named("grid-*").checksum) == 32
    info = sp.get_default_acq_prob_model_info()
    assert (info["model"], info["path"]) == ("grid-test-2020-02", str(tmp_path / "grid-test-2020-02.fits.gz"))


def test_the_newest_table_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ag.MODELS_FOLDER, str(tmp_path))
    with pytest.raises(NotFound, match="LONGWATCH_ACA_MODELS"):
        sp.acq_success_prob()
    grid_file(tmp_path, "grid-a-2023-05")
    grid_file(tmp_path, "grid-b-2018-11")
    assert ag.grid_named("grid-*").name == "grid-a-2023-05"
    fits.HDUList([fits.PrimaryHDU()]).writeto(tmp_path / "grid-c-2029-01.fits")
    with pytest.raises(BadFile, match="MAG_LO"):
        ag.grid_named("grid-*")
