from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import longwatch as lw
from longwatch.cli.pixels import epoch_of


@pytest.fixture
def epochs(site: Path) -> list[int]:
    with lw.open_archive(site) as archive:
        return [int(number) for number in np.unique(archive.cubes["stis.ccd"].epochs()["epoch"])]


def test_a_pixels_life(cli, site: Path, epochs: list[int]) -> None:
    with lw.open_archive(site) as archive:
        image = np.ma.asarray(archive.cubes["stis.ccd"].image("sci_mean", epochs[0]))
    row, col = (int(at) for at in np.argwhere(~np.ma.getmaskarray(image))[0])
    found = cli("pixel", "stis.ccd", row, col, "--json").json
    assert [one["epoch"] for one in found] == epochs
    assert np.float32(found[0]["sci_mean"]) == image[row, col]
    assert len(cli("pixel", "stis.ccd", row, col, "--epoch", epochs[1], "--json").json) == 1


def test_a_pixel_off_the_detector_is_refused(cli, site: Path) -> None:
    assert cli("pixel", "stis.ccd", "--", -5, 3).code == 6
    assert cli("pixel", "stis.cdc", 5, 3).code == 4


def test_an_image_as_fits_as_png_and_in_words(cli, site: Path, epochs: list[int]) -> None:
    asked = ("image", "stis.ccd", "sci_mean", "--epoch", epochs[0])
    assert cli(*asked, "-o", "fits").out == f"stis.ccd.sci_mean.{epochs[0]}.fits\n"
    with lw.open_archive(site) as archive, fits.open(f"stis.ccd.sci_mean.{epochs[0]}.fits") as file:
        image = archive.cubes["stis.ccd"].image("sci_mean", epochs[0])
        assert np.array_equal(file[1].data, np.ma.filled(image, np.nan), equal_nan=True)
    assert cli(*asked, "-o", "image.png").code == 0
    assert Path("image.png").read_bytes().startswith(b"\x89PNG")
    assert cli(*asked, "--json").json["shape"] == "1024 x 1024"
    assert "median" in cli(*asked).out
    assert cli(*asked, "-o", "image.tiff").code == 6


def test_an_epoch_is_a_number_or_a_text() -> None:
    assert [epoch_of("200"), epoch_of("anneal:200"), epoch_of("2014-01-01")] == [200, "anneal:200", "2014-01-01"]
