"""Images: values and planes against astropy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from longwatch.errors import BadFile
from longwatch.fits.file import Hdu, parse


def image(values: np.ndarray, **cards: object) -> Hdu:
    """The image we read, these cards put into its header unseen by astropy."""
    out = io.BytesIO()
    fits.ImageHDU(values).writeto(out)
    data = out.getvalue()
    at = data.index(b"XTENSION")
    new = "".join(f"{key:8}= {value!s:>20}".ljust(80) for key, value in cards.items()).encode()
    end = data.index(b"END     ", at)
    return parse(data[:end] + new + data[end : -len(new) or None][:80] + data[end + 80 + len(new) :], name="x").hdus[1]


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "i8", "f4", "f8", "u2", "u4", "u8", "i1"])
def test_every_type_comes_back(dtype: str) -> None:
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    read = image(values).image()
    np.testing.assert_array_equal(read, values, strict=True)
    assert read.flags.writeable


def test_scaled_images_are_float64_and_have_no_plane() -> None:
    hdu = image(np.array([[1, 2]], "i2"), BSCALE=0.5, BZERO=10)
    np.testing.assert_array_equal(hdu.image(), np.array([[10.5, 11.0]]), strict=True)
    assert hdu.plane() is None


def test_blank_pixels_are_masked() -> None:
    assert image(np.array([[1, -5]], "i2"), BLANK=-5).image().tolist() == [[1, None]]


def test_nan_is_a_value() -> None:
    read = image(np.array([[1, np.nan]], "f4")).image()
    assert not isinstance(read, np.ma.MaskedArray)
    assert np.isnan(read[0, 1])


def test_a_scale_that_is_no_number_is_bad() -> None:
    hdu = image(np.array([[1, 2]], "i2"), BSCALE="NaN")
    with pytest.raises(BadFile, match=r"x\[1\]: sought a number in BSCALE; there is 'NaN'"):
        hdu.image()
