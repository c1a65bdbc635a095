"""Warm pixels at any threshold and temperature, from the stored counts alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.instruments.aca.dark_model import dark_temp_scale, dark_temp_scale_img
from longwatch.instruments.aca.monitors.hot_pixels import HotPixels
from longwatch.instruments.aca.monitors.warm_pixels import WarmPixels
from longwatch.instruments.aca.simulate_dark import SMALL, dark_cals, write_directory
from longwatch.instruments.aca.warm import hot_levels, modelled, temperatures, warm_pixels


def test_temperatures_of_calibrations(watched: Archive) -> None:
    assert temperatures(watched) == {int(dark_id): t_ccd for dark_id, t_ccd in SMALL}


@pytest.mark.parametrize(("above", "law"), [(100.0, "global-2016"), (200.0, "global-2016"), (100.0, "pixel-2023")])
def test_counts_answer_as_the_maps_would(watched: Archive, above: float, law: str) -> None:
    table = warm_pixels(watched, above=above, t_ccd_ref=-12.0, law=law)
    for row in table:
        image = np.asarray(watched.cubes["aca.dark"].image("dark_rate", epoch=int(row["dark_id"])))
        pixelwise = law == "pixel-2023"
        t_ccd = float(row["ccd_temp"])
        brought = dark_temp_scale_img(image, t_ccd, -12.0) if pixelwise else image * dark_temp_scale(t_ccd, -12.0)
        assert row["corrected"] == pytest.approx(np.mean(brought > above), rel=3e-3, abs=1e-5)
        assert row["measured"] == pytest.approx(np.mean(image > above), rel=3e-3, abs=1e-5)


def test_the_model_follows(watched: Archive) -> None:
    table = warm_pixels(watched)
    model = modelled(table)
    assert np.ma.getmaskarray(model).tolist() == [True] * 2 + [False] * 5
    assert np.asarray(np.ma.asarray(table["measured"]) / model)[2:] == pytest.approx(np.ones(5), abs=0.15)


@pytest.mark.parametrize("part", ["image.fits", "properties.json"])
def test_half_a_calibration_is_no_failure(site: Archive, tmp_path: Path, part: str) -> None:
    """A map without properties has no temperature; properties without a map have no pixels."""
    (cal,) = dark_cals([("2017185", -13.55)], seed=1)
    path = write_directory(tmp_path / "in", cal, classic=True)
    for file in path.iterdir():
        if file.name != part:
            file.unlink()
    assert site.ingest(str(tmp_path / "in")).stored == 1
    table = warm_pixels(site)
    assert len(table) == (part == "image.fits")
    assert np.ma.getmaskarray(modelled(table)).all()
    assert hot_levels(site, 100.0) == {}
    for monitor in (WarmPixels(), HotPixels()):
        measured = monitor.measure(site, Timespan(MIN_US, MAX_US))
        assert {m.metric for m in measured} <= {"aca.warm_pixels.fraction"}
        assert monitor.figures(site)
