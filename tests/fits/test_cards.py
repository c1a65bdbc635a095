"""Single cards beyond what test_header compares with astropy."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.fits.cards import Card, keyword_of, read_card


@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=80, max_size=240).map(
        lambda t: t[: len(t) // 80 * 80]
    )
)
def test_any_text_reads_as_something(image: str) -> None:
    assert read_card(image).keyword == keyword_of(image)


@pytest.mark.parametrize(
    ("image", "card"),
    [
        ("EXPTIME =                 12.5 / [s] exposure", Card("EXPTIME", 12.5, "[s] exposure")),
        ("EXPTIME =                  NaN / [s] exposure", Card("EXPTIME", "NaN", "[s] exposure")),
        ("A       = 'it''s' / 'quoted'", Card("A", "it's", "'quoted'")),
        ("DP1     = 'AXIS.1: 2'", Card("DP1", "AXIS.1: 2", "")),
        ("A       = 'end'' / of it' / here", Card("A", "end' / of it", "here")),
        ("", Card("", "", "")),
    ],
)
def test_cards(image: str, card: Card) -> None:
    assert read_card(image.ljust(80)) == card


def test_a_long_card_is_read_in_time_linear_in_its_length() -> None:
    image = "A       = '" + " " * 69 + ("CONTINUE  '" + "'" * 69) * 20_000
    assert read_card(image).keyword == "A"
