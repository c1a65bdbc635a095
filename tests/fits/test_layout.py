"""Structural keywords: sizes as FITS defines them, and absurd ones."""

from __future__ import annotations

import pytest

from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.fits.layout import read_layout


def header(**cards: object) -> Header:
    return Header("".join(f"{key:8}= {value!s}".ljust(80) for key, value in cards.items()).encode())


def test_sizes() -> None:
    image = read_layout(header(BITPIX=-32, NAXIS=2, NAXIS1=4, NAXIS2=3), where="x")
    assert (image.kind, image.shape, image.size, image.dtype) == ("image", (3, 4), 48, ">f4")
    table = read_layout(
        header(XTENSION="'BINTABLE'", BITPIX=8, NAXIS=2, NAXIS1=4, NAXIS2=3, PCOUNT=7, GCOUNT=1), where="x"
    )
    assert (table.kind, table.size) == ("table", 19)
    groups = read_layout(header(BITPIX=16, NAXIS=2, NAXIS1=0, NAXIS2=3, GROUPS="T", PCOUNT=2, GCOUNT=10), where="x")
    assert (groups.kind, groups.size) == ("groups", 100)
    assert read_layout(header(BITPIX=8, NAXIS=0), where="x").kind == "empty"
    assert read_layout(header(XTENSION="'FOREIGN'", BITPIX=8, NAXIS=1, NAXIS1=5), where="x").kind == "other"


@pytest.mark.parametrize(
    "cards",
    [
        {"NAXIS": 0},
        {"BITPIX": 7, "NAXIS": 0},
        {"BITPIX": "NaN", "NAXIS": 0},
        {"BITPIX": 8},
        {"BITPIX": 8, "NAXIS": 1000},
        {"BITPIX": 8, "NAXIS": -1},
        {"BITPIX": 8, "NAXIS": 1.5},
        {"BITPIX": 8, "NAXIS": 1},
        {"BITPIX": 8, "NAXIS": 1, "NAXIS1": -3},
        {"BITPIX": 8, "NAXIS": 1, "NAXIS1": "9" * 60},
        {"BITPIX": 8, "NAXIS": 1, "NAXIS1": "NaN"},
        {"BITPIX": 8, "NAXIS": 1, "NAXIS1": 3, "GCOUNT": 2},
        {"BITPIX": 8, "NAXIS": 1, "NAXIS1": 3, "PCOUNT": "T"},
    ],
)
def test_absurd_structures_are_bad(cards: dict[str, object]) -> None:
    with pytest.raises(BadFile, match=r"x\[1\]: sought"):
        read_layout(header(**cards), where="x[1]")
