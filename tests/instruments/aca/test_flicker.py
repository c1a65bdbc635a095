"""Pixels that jump. Truth: spec/aca-dark-hdr3-l0.md 5; the fixed sequence is in `test_aca_image`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from longwatch.errors import BadFile
from longwatch.instruments.aca.flicker import Flicker, FlickerModel, usual_model


def spread(model: FlickerModel, place: int) -> np.ndarray:
    return np.interp([0.16, 0.5, 0.84], model.cdfs[place], model.steps)


@pytest.mark.real
def test_measured_distributions_and_those_that_need_no_file(real_data: Path) -> None:
    measured = FlickerModel.read(real_data / "aca" / "flicker_cdf.fits.gz")
    assert measured.cdfs.shape == (9, 100)
    assert measured.edges.tolist() == usual_model().edges.tolist()
    for model in (measured, usual_model()):
        assert spread(model, 0) == pytest.approx([-0.09, 0.009, 0.105], abs=0.011)
        assert spread(model, 8) == pytest.approx([-0.03, 0.002, 0.033], abs=0.003)


def test_faint_pixels_never_jump_and_others_do_about_the_mean_time() -> None:
    image = np.concatenate([np.full(1000, 49.0), np.full(20_000, 150.0)])
    flicker = Flicker(image, mean_time=1000.0, seed=1)
    jumped = sum(flicker.update(10.0) for _ in range(200))
    assert (image[:1000] == 49.0).all()
    assert jumped / 20_000 == pytest.approx(2.0, rel=0.25)
    assert np.abs(np.log10(image[1000:] / 150.0)).max() <= 0.35 + 1e-9


def test_jumps_are_relative_to_the_first_value() -> None:
    image = np.full(2000, 400.0)
    flicker = Flicker(image, mean_time=1.0, seed=2)
    for _ in range(50):
        flicker.update(5.0)
    assert np.std(np.log10(image / 400.0)) == pytest.approx(0.065, abs=0.02)


def test_scale_and_mask() -> None:
    image = np.full((10, 10), 400.0)
    flicker = Flicker(image, mean_time=1.0, scale=0.0, seed=3)
    assert flicker.update(100.0) > 90
    assert image == pytest.approx(np.full((10, 10), 400.0))
    flicker.mask[:] = False
    assert flicker.update(100.0) == 0


def test_the_same_seed_gives_the_same_jumps() -> None:
    images = [np.full(50, 300.0) for _ in range(2)]
    for image in images:
        Flicker(image, mean_time=5.0, seed=9).update(10.0)
    assert images[0].tolist() == images[1].tolist()


def test_other_files_are_refused(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((3, 4))).writeto(tmp_path / "x.fits")
    with pytest.raises(BadFile, match="CDF_BIN0"):
        FlickerModel.read(tmp_path / "x.fits")
