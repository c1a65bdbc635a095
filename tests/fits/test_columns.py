"""What the columns of a table declare, and when it cannot be."""

from __future__ import annotations

import pytest

from longwatch.errors import BadFile
from longwatch.fits.columns import read_columns
from longwatch.fits.header import Header
from longwatch.fits.layout import Layout


def header(**cards: object) -> Header:
    return Header("".join(f"{key:8}= {value!r}".ljust(80) for key, value in cards.items()).encode())


def layout(row: int, kind: str = "table") -> Layout:
    return Layout(kind=kind, dtype="u1", shape=(2, row), heap=0, size=2 * row)


def test_names_units_and_places() -> None:
    cards = header(TFIELDS=3, TFORM1="D", TTYPE1="TIME", TUNIT1="s", TFORM2="9X", TFORM3="1PE(12)", TTYPE3="TIME")
    columns = read_columns(cards, layout(18), where="x[1]")
    assert [(column.name, column.unit, column.offset, column.width) for column in columns] == [
        ("TIME", "s", 0, 8),
        ("col2", "", 8, 2),
        ("TIME_2", "", 10, 8),
    ]


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ({"TFIELDS": 1, "TFORM1": "E"}, "columns that fill rows of 8 bytes.*TFORM gives 4"),
        ({"TFIELDS": 1, "TFORM1": "999999999999999E"}, "columns that fill rows of 8 bytes"),
        ({"TFIELDS": 1, "TFORM1": "Z"}, "a format in TFORM1; there is 'Z'"),
        ({"TFIELDS": 1}, "a format in TFORM1; there is None"),
        ({"TFIELDS": 1, "TFORM1": "2PE"}, "a format in TFORM1"),
        ({"TFIELDS": 1, "TFORM1": "2E", "TDIM1": "(3,2)"}, r"in TDIM1 the shape of 2 elements; there is '\(3,2\)'"),
        ({"TFIELDS": 1000}, "a whole number of 0 to 999 in TFIELDS"),
        ({}, "a whole number of 0 to 999 in TFIELDS; there is None"),
    ],
)
def test_columns_that_cannot_be(cards: dict[str, object], message: str) -> None:
    with pytest.raises(BadFile, match=r"x\[1\]: sought " + message):
        read_columns(header(**cards), layout(8), where="x[1]")


def test_columns_of_an_ascii_table_stay_within_its_rows() -> None:
    cards = header(TFIELDS=1, TFORM1="I6", TBCOL1=4)
    assert read_columns(cards, layout(9, "ascii-table"), where="x")[0].offset == 3
    with pytest.raises(BadFile, match="rows of 8 bytes"):
        read_columns(cards, layout(8, "ascii-table"), where="x")
