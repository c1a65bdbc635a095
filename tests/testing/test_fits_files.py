"""Files made in memory are what astropy and our own reader take them for."""

from __future__ import annotations

import io

import numpy as np
from astropy.io import fits

from longwatch.fits.file import parse
from longwatch.testing.fits_files import fits_bytes

IMAGE = np.arange(12, dtype="f4").reshape(3, 4)
TABLE = {"TIME": np.array([1.5, 2.5]), "STATE": np.array(["ON", "OFF"])}


def test_cards_images_and_tables_come_back() -> None:
    data = fits_bytes({"INSTRUME": "TOY", "GAIN": 4}, images={"MAP": IMAGE}, tables={"ROWS": TABLE})
    file = parse(data, name="toy.fits")
    assert (file.primary.header.text("INSTRUME"), file.primary.header["GAIN"]) == ("TOY", 4)
    image = file.hdu("MAP").image()
    assert image is not None
    np.testing.assert_array_equal(image, IMAGE)
    rows = file.hdu("ROWS").table()
    assert (rows["TIME"].tolist(), rows["STATE"].tolist()) == ([1.5, 2.5], ["ON", "OFF"])


def test_sums_are_right_and_there() -> None:
    with fits.open(io.BytesIO(fits_bytes({}, images={"MAP": IMAGE})), checksum=True) as hdus:
        assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)
