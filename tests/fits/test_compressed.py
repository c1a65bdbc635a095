"""Tile-compressed images."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from astropy.io import fits

from longwatch.errors import BadFile
from longwatch.fits.file import parse


def compressed(values: np.ndarray, kind: str) -> bytes:
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(values, compression_type=kind)]).writeto(out, checksum=True)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1", "PLIO_1"])
def test_compressed_images(kind: str) -> None:
    values = np.arange(600, dtype="i4").reshape(20, 30)
    hdu = parse(compressed(values, kind), name="x.fz").hdus[1]
    assert hdu.kind == "compressed-image"
    np.testing.assert_array_equal(hdu.image(), values, strict=True)
    assert hdu.plane() is None
    assert "COMPRESSED_DATA" in hdu.table()


@pytest.mark.parametrize("kind", ["RICE_1", "HCOMPRESS_1", "PLIO_1"])
def test_tiles_that_could_crash_their_decoder_need_a_right_checksum(kind: str) -> None:
    data = bytearray(compressed(np.arange(600, dtype="i4").reshape(20, 30), kind))
    with pytest.raises(BadFile, match=f"sought a DATASUM, which {kind}"):
        parse(bytes(data).replace(b"DATASUM ", b"NOSUM   "), name="x", checksum=False).hdus[1].image()
    data[parse(bytes(data), name="x").hdus[1].data_offset + 200] ^= 1
    with pytest.raises(BadFile, match="sought DATASUM '"):
        parse(bytes(data), name="x", checksum=False).hdus[1].image()


@pytest.mark.parametrize("kind", ["GZIP_1", "GZIP_2"])
def test_damaged_tiles_are_bad_or_read(kind: str) -> None:
    data = compressed(np.arange(600, dtype="i4").reshape(20, 30), kind)
    hdu = parse(data, name="x").hdus[1]
    rng = np.random.default_rng(5)
    for place, value in zip(rng.integers(0, hdu.data_size, 300), rng.integers(0, 256, 300), strict=True):
        damaged = bytearray(data)
        damaged[hdu.data_offset + place] = value
        with contextlib.suppress(BadFile):
            parse(bytes(damaged), name="x", checksum=False).hdus[1].image()


def test_a_compressed_image_that_claims_too_much_is_bad() -> None:
    data = compressed(np.zeros((20, 30), "i4"), "GZIP_1")
    old = next(data[at : at + 80] for at in range(0, len(data), 80) if data.startswith(b"ZNAXIS1 ", at))
    hdu = parse(data.replace(old, b"ZNAXIS1 =           9999999999".ljust(80)), name="x", checksum=False).hdus[1]
    with pytest.raises(BadFile, match=r"x\[1\]: sought a compressed image of 1 to 2147483648 bytes"):
        hdu.image()
