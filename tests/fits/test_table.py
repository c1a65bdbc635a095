"""Tables against astropy: every format, shape, scale and null."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits

from longwatch.errors import BadFile
from longwatch.fits.file import Hdu, parse


def written(*columns: fits.Column, ascii_table: bool = False) -> bytes:
    """A file with one table."""
    table = (fits.TableHDU if ascii_table else fits.BinTableHDU).from_columns(columns)
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


def table(*columns: fits.Column, ascii_table: bool = False) -> Hdu:
    """The table we read."""
    return parse(written(*columns, ascii_table=ascii_table), name="x").hdus[1]


@pytest.mark.parametrize(
    ("tform", "values"),
    [
        ("B", np.array([0, 255, 7], "u1")),
        ("I", np.array([-32768, 0, 32767], "i2")),
        ("J", np.array([-1, 0, 1], "i4")),
        ("K", np.array([-(2**63), 0, 2**63 - 1], "i8")),
        ("E", np.array([np.nan, -0.0, 1.5], "f4")),
        ("D", np.array([np.nan, np.inf, 1e300], "f8")),
        ("C", np.array([1 + 2j, 0, -1j], "c8")),
        ("M", np.array([1 + 2j, 0, -1j], "c16")),
        ("3J", np.arange(9, dtype="i4").reshape(3, 3)),
        ("L", np.array([True, False, True])),
        ("11X", np.eye(3, 11, dtype=bool)),
        ("0J", np.empty((3, 0), "i4")),
    ],
)
def test_every_format_comes_back_in_native_order(tform: str, values: np.ndarray) -> None:
    read = table(fits.Column("A", tform, array=values), fits.Column("PAD", "J", array=[1, 2, 3])).table()["A"]
    np.testing.assert_array_equal(read, values, strict=True)
    assert read.dtype.isnative


@pytest.mark.parametrize(("tform", "dtype"), [("I", "u2"), ("J", "u4"), ("K", "u8"), ("B", "i1")])
def test_the_other_signedness_is_exact(tform: str, dtype: str) -> None:
    limits = np.iinfo(dtype)
    values = np.array([limits.min, limits.max, 5], dtype)
    zero = -128 if dtype == "i1" else 2 ** (8 * values.dtype.itemsize - 1)
    read = table(fits.Column("A", tform, bzero=zero, array=values)).table()["A"]
    np.testing.assert_array_equal(read, values, strict=True)


def test_scaled_columns_are_float64() -> None:
    hdu = fits.BinTableHDU.from_columns([fits.Column("A", "I", array=np.array([1, 4], "i2"))])
    hdu.header.update(XSCAL1=0.5, XZERO1=10)
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(out)
    data = out.getvalue().replace(b"XSCAL1", b"TSCAL1").replace(b"XZERO1", b"TZERO1")
    np.testing.assert_array_equal(parse(data, name="x").hdus[1].table()["A"], np.array([10.5, 12.0]), strict=True)


def test_null_is_masked_and_zero_is_not() -> None:
    hdu = table(fits.Column("A", "I", null=-99, array=np.array([0, -99, 3], "i2")))
    assert hdu.table()["A"].tolist() == [0, None, 3]
    assert hdu.columns()[0].tnull == -99


def test_a_logical_that_is_neither_is_masked() -> None:
    data = bytearray(written(fits.Column("A", "L", array=[True, False])))
    start = parse(bytes(data), name="x").hdus[1].data_offset
    data[start] = 0
    assert parse(bytes(data), name="x").hdus[1].table()["A"].tolist() == [None, False]


def test_strings_lose_trailing_blanks_and_what_follows_a_nul() -> None:
    data = written(fits.Column("A", "6A", array=["  ab", "x", ""])).replace(b"x\0\0\0\0\0", b"x  \0zz")
    assert parse(data, name="x").hdus[1].table()["A"].tolist() == ["  ab", "x", ""]


def test_cells_have_the_shape_tdim_gives() -> None:
    cube = np.arange(24, dtype="i2").reshape(2, 3, 4)
    names = np.array([["ab", "c"], ["de", "fgh"]])
    hdu = table(fits.Column("A", "12I", dim="(4,3)", array=cube), fits.Column("N", "6A", dim="(3,2)", array=names))
    np.testing.assert_array_equal(hdu.table()["A"], cube)
    np.testing.assert_array_equal(hdu.table()["N"], names)
    assert [column.tdim for column in hdu.columns()] == [(3, 4), (2, 3)]


@pytest.mark.parametrize("tform", ["PE()", "QE()"])
def test_arrays_of_varying_length(tform: str) -> None:
    cells = [np.ones(3, "f4"), np.zeros(0, "f4"), np.arange(9, dtype="f4")]
    read = table(fits.Column("A", tform, array=np.array(cells, object))).table()["A"]
    assert read.dtype == object
    for ours, theirs in zip(read, cells, strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)


def test_descriptors_out_of_the_heap_are_bad() -> None:
    data = bytearray(written(fits.Column("A", "PE()", array=np.array([np.ones(3, "f4"), np.ones(2, "f4")], object))))
    start = parse(bytes(data), name="x").hdus[1].data_offset
    data[start : start + 4] = (2**31 - 1).to_bytes(4, "big")
    with pytest.raises(BadFile, match=r"x\[1\]: sought 2147483647 elements of column 'A', row 0"):
        parse(bytes(data), name="x").hdus[1].table()


def test_overlapping_descriptors_do_not_multiply_the_heap() -> None:
    rows = 1000
    cells = [np.ones(1000, "f4"), *[np.zeros(0, "f4")] * (rows - 1)]
    cells_array = np.empty(rows, object)
    cells_array[:] = cells
    data = bytearray(written(fits.Column("A", "PE()", array=cells_array)))
    start = parse(bytes(data), name="x").hdus[1].data_offset
    for row in range(rows):
        data[start + 8 * row : start + 8 * row + 8] = bytes([0, 0, 3, 232, 0, 0, 0, 0])
    with pytest.raises(BadFile, match="each good for 8 uses"):
        parse(bytes(data), name="x").hdus[1].table()


def test_ascii_tables() -> None:
    columns = [
        fits.Column("N", "I6", array=[1, -2]),
        fits.Column("X", "E12.4", array=[1.5, -2e9]),
        fits.Column("D", "D20.8", array=[1.5, 2.5]),
        fits.Column("S", "A5", array=["ab", "c"]),
    ]
    read = table(*columns, ascii_table=True).table()
    assert {name: values.tolist() for name, values in read.items()} == {
        "N": [1, -2],
        "X": [1.5, -2e9],
        "D": [1.5, 2.5],
        "S": ["ab", "c"],
    }


def test_text_that_is_no_number_in_an_ascii_table_is_bad() -> None:
    data = written(fits.Column("N", "I6", array=[12345]), ascii_table=True).replace(b" 12345", b" 12x45")
    with pytest.raises(BadFile, match="sought numbers in column 'N'"):
        parse(data, name="x").hdus[1].table()


def test_a_table_without_rows_has_empty_columns() -> None:
    read = table(fits.Column("A", "3E"), fits.Column("B", "PJ()"), fits.Column("C", "4A")).table()
    assert {name: values.shape for name, values in read.items()} == {"A": (0, 3), "B": (0,), "C": (0,)}
