"""Images with the dark current taken off, on the simulation. Rules: spec/aca-dark-hdr3-l0.md 1.6 and 2.4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.errors import NotFound
from longwatch.instruments.aca import aca_l0, dark_subtract
from longwatch.instruments.aca.dark_cal import add_dark_cals, get_dark_cal_image
from longwatch.instruments.aca.dark_model import dark_temp_scale_img
from longwatch.instruments.aca.simulate import PACKET_S, START, ccd_temperature
from longwatch.instruments.aca.simulate_dark import dark_cals, write_directory


@pytest.fixture
def sky(site: Archive, tmp_path: Path) -> Archive:
    """An hour of slots 0 (8x8), 3 (6x6) and 6 (4x4), and calibrations of 2022 and 2025."""
    for slot, step in ((0, 4), (3, 2), (6, 1)):
        write_l0(tmp_path, l0_rows(slot, np.arange(0, 3500, step)))
    site.ingest(*map(str, tmp_path.glob("*.gz")))
    for cal in dark_cals([("2022104", -10.5), ("2025290", -6.0)], seed=1):
        write_directory(tmp_path / "dark", cal, classic=False)
    add_dark_cals(tmp_path / "dark", site)
    return site


SPAN = (START + 100.0, START + 200.0)


def test_dark_current_is_taken_off_every_size(sky: Archive) -> None:
    plain = dark_subtract.get_aca_images(*SPAN, archive=sky)
    table = dark_subtract.get_aca_images(*SPAN, bgsub=True, archive=sky)
    assert plain.colnames == aca_l0.get_aca_images(*SPAN, archive=sky).colnames
    assert set(table.colnames) - set(plain.colnames) == {"IMG_DARK", "IMG_BGSUB", "T_CCD_SMOOTH"}
    dark = get_dark_cal_image("2022104", allow_negative=True, archive=sky)
    for size in (4, 6, 8):
        row = table[np.asarray(table["IMGSIZE"]) == size][3]
        assert np.ma.getmaskarray(row["IMG_DARK"]).sum() == 64 - (size * size)
        corner = int(row["IMGROW0_8X8"]) + 512, int(row["IMGCOL0_8X8"]) + 512
        under = dark[corner[0] : corner[0] + 8, corner[1] : corner[1] + 8]
        expected = dark_temp_scale_img(under, -10.5, float(row["T_CCD_SMOOTH"])) * 1.696 / 5
        there = ~np.ma.getmaskarray(row["IMG"])
        assert np.ma.getdata(row["IMG_DARK"])[there] == pytest.approx(expected[there], rel=1e-5)
        left = np.maximum(np.ma.getdata(row["IMG"]) - expected, 0)
        assert np.ma.getdata(row["IMG_BGSUB"])[there] == pytest.approx(left[there], abs=1e-2)


def test_temperatures_are_smoother_than_their_steps(sky: Archive) -> None:
    times = START + PACKET_S * np.arange(0, 3500, 50)
    found = dark_subtract.get_tccd_data(times, archive=sky)
    true = ccd_temperature(times) - 273.15
    assert np.abs(found - true).max() < 0.25
    assert np.abs(np.diff(found)).max() < 0.1
    with pytest.raises(NotFound, match="6x6 or 8x8"):
        dark_subtract.get_tccd_data(times + 1e6, archive=sky)


def test_a_temperature_may_be_given(sky: Archive) -> None:
    warm, cold = (dark_subtract.get_aca_images(*SPAN, bgsub=True, t_ccd=t, archive=sky) for t in (-5.0, -15.0))
    assert np.asarray(warm["T_CCD_SMOOTH"]).tolist() == [-5.0] * len(warm)
    assert np.ma.mean(warm["IMG_DARK"]) > 2 * np.ma.mean(cold["IMG_DARK"])


def test_no_images_have_the_columns_too(sky: Archive) -> None:
    table = dark_subtract.get_aca_images(START + 1e6, START + 1e6 + 10, bgsub=True, archive=sky)
    assert len(table) == 0
    assert "IMG_BGSUB" in table.colnames
