"""The plate scale. Truth: spec/aca-dark-hdr3-l0.md 0, 5, 6.1 and 6.3."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from longwatch.errors import BadQuery
from longwatch.instruments.aca.transform import get_ccd_quadrant, pixels_to_yagzag, yagzag_to_pixels


@pytest.mark.parametrize(
    ("t_aca", "expected"), [(24.0, (-467.7295724, 475.3100623)), (14.0, (-467.8793858, 475.4463912))]
)
def test_the_flight_polynomial_by_temperature(t_aca: float, expected: tuple[float, float]) -> None:
    assert np.array(pixels_to_yagzag(100, 100, flight=True, t_aca=t_aca)) == pytest.approx(expected, abs=1e-5)


def test_the_inverse_at_the_edge_of_the_ccd() -> None:
    assert np.array(yagzag_to_pixels(2540, 1660, t_aca=20)) == pytest.approx([-506.89, 341.30], abs=0.01)


@pytest.mark.real
def test_published_pairs(real_data: Path) -> None:
    there = np.loadtxt(real_data / "aca" / "pix_to_angle.txt", delimiter=",", skiprows=1).T
    assert np.array(pixels_to_yagzag(there[0], there[1])) == pytest.approx(there[2:], abs=0.9)
    back = np.loadtxt(real_data / "aca" / "angle_to_pix.txt", delimiter=",", skiprows=1).T
    assert np.array(yagzag_to_pixels(back[0], back[1], allow_bad=True)) == pytest.approx(back[2:], abs=0.9)


@pytest.mark.real
def test_real_stars_of_2020(real_data: Path) -> None:
    stars = Table.read(real_data / "aca" / "star_obs_2020.fits.gz")
    places = ((one["row_obs"], one["col_obs"], float(one["t_aca"])) for one in stars)
    found = np.array([pixels_to_yagzag(r, c, t_aca=t, pix_zero_loc="center") for r, c, t in places])
    off = found - np.array([stars["yag_star"], stars["zag_star"]]).T
    assert np.abs(off.mean(axis=0)) == pytest.approx([0.31, 0.17], abs=0.01)
    assert off.std(axis=0) == pytest.approx([0.27, 0.21], abs=0.01)


@pytest.mark.parametrize("flight", [True, False])
def test_there_and_back(flight: bool) -> None:
    row, col = np.meshgrid(np.linspace(-511, 511, 9), np.linspace(-511, 511, 7))
    angles = pixels_to_yagzag(row, col, flight=flight, t_aca=31.0, pix_zero_loc="center")
    back = yagzag_to_pixels(*angles, flight=flight, t_aca=31.0, pix_zero_loc="center")
    assert np.array(back) == pytest.approx(np.array([row, col]), abs=1e-6)


def test_places_off_the_ccd() -> None:
    with pytest.raises(BadQuery, match="-512 to 512"):
        pixels_to_yagzag(513, 0)
    assert pixels_to_yagzag(513, 0, allow_bad=True)[0] < -2500
    with pytest.raises(BadQuery, match="no pixel sees"):
        yagzag_to_pixels(0, 5000)
    with pytest.raises(BadQuery, match="fall off"):
        yagzag_to_pixels(2700, 0)
    with pytest.raises(BadQuery, match="pix_zero_loc"):
        pixels_to_yagzag(0, 0, pix_zero_loc="middle")


def test_quadrants() -> None:
    assert get_ccd_quadrant(-1, 0) == "a"
    assert get_ccd_quadrant([-1, -1, 0, 0], [0, -1, 0, -1]).tolist() == ["a", "b", "c", "d"]
    assert get_ccd_quadrant(-0.4, -0.4) == "c"
    assert get_ccd_quadrant(-0.4, -0.4, pix_zero_loc="edge") == "b"
