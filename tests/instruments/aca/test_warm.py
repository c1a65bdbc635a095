"""Warm pixels at any threshold and temperature, from the stored counts alone."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.utc import DAY_US
from longwatch.instruments.aca.dark_model import dark_temp_scale, dark_temp_scale_img
from longwatch.instruments.aca.warm import modelled, temperatures, warm_pixels


def test_temperatures_of_calibrations(watched: Archive) -> None:
    assert temperatures(watched) == {2007006: -19.0, 2017185: -13.55, 2022104: -10.5, 2025290: -6.0}


@pytest.mark.parametrize(("above", "law"), [(100.0, "global-2016"), (200.0, "global-2016"), (100.0, "pixel-2023")])
def test_counts_answer_as_the_maps_would(watched: Archive, above: float, law: str) -> None:
    table = warm_pixels(watched, above=above, t_ccd_ref=-12.0, law=law)
    for row in table:
        image = np.asarray(watched.cubes["aca.dark"].image("dark_rate", epoch=int(row["dark_id"])))
        pixelwise = law == "pixel-2023"
        t_ccd = float(row["ccd_temp"])
        brought = dark_temp_scale_img(image, t_ccd, -12.0) if pixelwise else image * dark_temp_scale(t_ccd, -12.0)
        assert row["corrected"] == pytest.approx(np.mean(brought > above), rel=3e-3)
        assert row["measured"] == pytest.approx(np.mean(image > above), rel=3e-3)


def test_the_model_follows(watched: Archive) -> None:
    table = warm_pixels(watched)
    assert np.asarray(table["measured"] / modelled(table)) == pytest.approx(np.ones(4), abs=0.15)
    table["time"] -= 25 * 365 * DAY_US
    assert np.ma.getmaskarray(modelled(table)).tolist() == [True] * 4
