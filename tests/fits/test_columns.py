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


def test_what_is_remembered_of_a_table_is_not_taken_for_another() -> None:
    cards = {"TFIELDS": 2, "TFORM1": "E", "TTYPE1": "A", "TFORM2": "E", "TTYPE2": "B"}
    wanted = {
        "as it is": (cards, ["A", "B"], 8),
        "another value": (cards | {"TTYPE2": "C"}, ["A", "C"], 8),
        "another keyword beside": (cards | {"EXPTIME": 3}, ["A", "B"], 8),
        "fewer columns": (cards | {"TFIELDS": 1}, ["A"], 4),
        "wider": (cards | {"TFORM1": "D"}, ["A", "B"], 12),
    }
    for _ in range(2):
        for what, (given, names, row) in wanted.items():
            columns = read_columns(header(**given), layout(row), where="x[1]")
            assert ([column.name for column in columns], sum(c.width for c in columns)) == (names, row), what
        with pytest.raises(BadFile, match="rows of 9 bytes"):
            read_columns(header(**cards), layout(9), where="x[1]")


def test_a_unit_that_goes_on_in_the_next_card_is_read_as_a_whole() -> None:
    for more in ("m", "km"):
        text = "".join(
            card.ljust(80)
            for card in ("TFIELDS = 1", "TFORM1  = 'E'", "TUNIT1  = 'erg / &'", f"CONTINUE  '{more}'", "END")
        )
        (column,) = read_columns(Header(text.encode()), layout(4), where="x[1]")
        assert column.unit == f"erg / {more}"
