from __future__ import annotations

import pytest

from longwatch.cli.options import conditions, product_of, ranged_conditions, value_of
from longwatch.errors import BadQuery


@pytest.mark.parametrize(
    ("text", "value"), [("3", 3), ("3.5", 3.5), ("T", True), ("F", False), ("FUV", "FUV"), ("'3'", "3"), ("", "")]
)
def test_values_are_what_they_look_like(text: str, value: object) -> None:
    found = value_of(text)
    assert (type(found), found) == (type(value), value)


def test_ranges_may_be_open() -> None:
    found = ranged_conditions(["A=1..5", "B=..5", "C=1..", "D=x"])
    assert found == {"A": (1.0, 5.0), "B": (None, 5.0), "C": (1.0, None), "D": "x"}


@pytest.mark.parametrize("text", ["A", "=3", "A=x..y"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(BadQuery):
        ranged_conditions([text])


def test_a_word_of_the_command_is_refused() -> None:
    with pytest.raises(BadQuery, match="own option"):
        conditions(["Kind=x"], taken={"kind"})


def test_products_are_kind_and_key() -> None:
    assert product_of("user.series/lab.temps/ab") == ("user.series", "lab.temps/ab")
    assert product_of("LBGU17QNQ") == ("", "LBGU17QNQ")
