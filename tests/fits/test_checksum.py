"""Checksums against astropy's, and what is said when they are wrong."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from longwatch.errors import BadFile
from longwatch.fits.checksum import add, datasum, encode
from longwatch.fits.file import parse

ORACLE = fits.ImageHDU()


@given(st.binary(max_size=4000))
def test_datasum_is_astropys(data: bytes) -> None:
    padded = np.frombuffer(data.ljust(-(-len(data) // 4) * 4, b"\0"), "u1")
    assert datasum(data) == int(ORACLE._compute_checksum(padded))


def test_datasum_of_more_than_a_chunk_is_astropys() -> None:
    data = np.random.default_rng(3).integers(0, 256, 3_000_000, "u1")
    assert datasum(data.tobytes()) == int(ORACLE._compute_checksum(data))


@given(st.integers(0, 2**32 - 1))
def test_encoding_is_astropys(total: int) -> None:
    assert encode(total) == ORACLE._char_encode(~np.uint32(total))


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_sums_add_up(first: bytes, second: bytes) -> None:
    first = first.ljust(-(-len(first) // 4) * 4, b"\0")
    assert add(datasum(first), datasum(second)) == datasum(first + second)


def summed() -> bytearray:
    """A file with checksums, written by astropy."""
    image = fits.ImageHDU(np.arange(100, dtype="i4").reshape(10, 10), name="SCI")
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(out, checksum=True)
    return bytearray(out.getvalue())


def test_files_astropy_sums_verify() -> None:
    assert parse(bytes(summed()), name="x").hdu("sci").index == 1


def test_wrong_data_name_hdu_expected_and_found() -> None:
    data = summed()
    data[-2880] ^= 1
    with pytest.raises(BadFile, match=r"x\[1\]: sought DATASUM '4950'; the bytes give '\d+'"):
        parse(bytes(data), name="x")
    assert parse(bytes(data), name="x", checksum=False).hdus[1].image() is not None


def test_a_wrong_header_names_the_checksum() -> None:
    data = bytes(summed()).replace(b"SCI ", b"SCJ ")
    with pytest.raises(BadFile, match=r"x\[1\]: sought CHECKSUM '.{16}'; the bytes give '.{16}'"):
        parse(data, name="x")


def test_a_sum_that_is_no_number_is_wrong() -> None:
    with pytest.raises(BadFile, match="DATASUM 'often'"):
        parse(bytes(summed()).replace(b"'4950    '", b"'often   '"), name="x")
