"""Background on board and from dark maps. Truth: spec/aca-dark-hdr3-l0.md 2.4 and 2.5."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca import background as bg


@pytest.mark.real
def test_the_camera_is_replayed_on_thirty_real_images(real_site: Archive) -> None:
    rows = real_site.series["aca.l0"].fetch(start=686111000, stop=686111060)
    rows = rows[np.asarray(rows["imgsize"]) == 8]
    found = bg.onboard_background(np.ma.getdata(rows["imgraw"]))
    assert len(rows) == 30
    assert found.status.tolist() == np.asarray(rows["bgdstat"]).tolist()
    assert np.abs(found.average - np.asarray(rows["bgdavg"], float)).max() == pytest.approx(1.22, abs=0.005)
    off = found.rms - np.asarray(rows["bgdrms"], float)
    assert (off.min(), off.max()) == (pytest.approx(-0.81, abs=0.01), pytest.approx(2.08, abs=0.01))


def test_a_star_in_a_corner_is_dropped() -> None:
    image = np.full((1, 8, 8), 20.0)
    image[0, 0, 0] = 500.0
    found = bg.onboard_background(image)
    assert (found.average[0], found.rms[0], found.status[0]) == (20.0, 0.0, 0b01111111)


def test_dark_under_images() -> None:
    dark = np.zeros((1024, 1024))
    dark[512 - 100, 512 + 30] = 1000.0
    rows, cols, t_ccd = np.array([-102, 508]), np.array([29, -516]), np.array([-5.0, -10.0])
    found = bg.dark_background(dark, rows, cols, t_dark=-10.0, t_ccd=t_ccd)
    assert found[0, 2, 1] == pytest.approx(1668.62 * 1.696 / 5, abs=0.05)
    assert found.sum() == pytest.approx(found[0, 2, 1])
    assert found.shape == (2, 8, 8)
    flat = bg.dark_background(dark + 100, rows, cols, t_dark=-10.0, t_ccd=t_ccd)
    assert (flat[1] == 0).sum() == 64 - 4 * 4
    left = bg.background_subtracted(np.full((2, 8, 8), 50.0), found)
    assert (left.min(), left.max()) == (0.0, 50.0)


def test_maps_and_images_must_fit() -> None:
    with pytest.raises(BadQuery, match="1024"):
        bg.dark_background(np.zeros((4, 4)), np.array([1]), np.array([1]), t_dark=0.0, t_ccd=np.array([0.0]))
