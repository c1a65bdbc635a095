"""Headers against astropy, card by card."""

from __future__ import annotations

import pickle
import warnings
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from longwatch.errors import BadFile
from longwatch.fits.content import inflate
from longwatch.fits.header import BLOCK, CARD, Header, primary_header, read_header

if TYPE_CHECKING:
    from pathlib import Path


def block(*cards: str) -> bytes:
    """A header of these cards, in whole blocks."""
    text = "".join(f"{card:80}" for card in (*cards, "END"))
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("latin-1")


def oracle(raw: bytes) -> list[tuple[str, object, str]]:
    """What astropy reads, a keyword without value as None."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cards = fits.Header.fromstring(raw).cards
        seen = [(card.keyword.upper(), card.value, card.comment) for card in cards]
    return [(key, None if value is fits.card.UNDEFINED else value, comment) for key, value, comment in seen]


def ours(raw: bytes) -> list[tuple[str, object, str]]:
    return [(card.keyword, card.value, card.comment) for card in Header(raw).cards()]


def without_trailing_blanks(cards: list[tuple[str, object, str]]) -> list[tuple[str, object, str]]:
    """Drop the padding astropy drops."""
    while cards and cards[-1] == ("", "", ""):
        cards = cards[:-1]
    return cards


@pytest.mark.real
def test_every_card_of_every_real_file_reads_as_in_astropy(real_data: Path) -> None:
    seen = 0
    for path in sorted(real_data.rglob("*.fits*")):
        with fits.open(path) as hdus:
            raws = [hdu.header.tostring(padding=True).encode() for hdu in hdus]
        for raw in raws:
            assert without_trailing_blanks(ours(raw)) == without_trailing_blanks(oracle(raw)), path.name
            seen += len(raw) // CARD
    assert seen > 10_000


@pytest.mark.real
def test_primary_header_of_real_files_is_the_bytes_that_stand_there(real_data: Path) -> None:
    path = next(real_data.rglob("*_spt.fits.gz"))
    data = inflate(path.read_bytes(), name=path.name)
    header = primary_header(data, name=path.name)
    assert header is not None
    assert data.startswith(header.raw)
    assert len(header.raw) % BLOCK == 0
    assert header.text("TELESCOP") == "HST"


KEYWORDS = st.from_regex(r"[A-Z][A-Z0-9_-]{0,7}", fullmatch=True).filter(
    lambda key: key not in {"END", "COMMENT", "HISTORY", "CONTINUE", "HIERARCH"}
)
TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=150).filter(
    lambda text: "'" not in text and ": " not in text and not text.rstrip().endswith("&")
)
VALUES = (
    st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.complex_numbers(allow_nan=False, allow_infinity=False, max_magnitude=1e6)
    | st.none()
    | TEXTS
)


@given(st.lists(st.tuples(KEYWORDS, VALUES, st.sampled_from(["", "counts", "a / b"])), max_size=20))
def test_headers_astropy_writes_are_read_alike(cards: list[tuple[str, object, str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = fits.Header([fits.Card(*card) for card in cards]).tostring(padding=True).encode()
    assert without_trailing_blanks(ours(raw)) == without_trailing_blanks(oracle(raw))


@pytest.mark.parametrize(
    "card",
    [
        "EXPTIME =                 12.5 / [s] exposure",
        "EXPTIME = 1.5D-3",
        "EXPTIME = -.5e3/no blank",
        "LIFE_ADJ=                   -1",
        "NAME    = 'O''HARA '           / it's",
        "NAME    = ''",
        "NAME    = '   '",
        "EMPTY   =",
        "EMPTY   =                      / nothing",
        "Z       = (1.0, -2.5E3)        / complex",
        "SPACED  = - 12                 / spaced",
        "FLAG    =                    T / yes",
        "flag    =                    F / lower case",
        "KEY=      5 / indicator misplaced",
        "HIERARCH ESO DET CHIP1 ID = 'CCD-44' / a chip",
        "HIERARCH ESO DET OUT1 GAIN = 1.25",
        "HISTORY   calibrated = yes",
        "COMMENT = 'not a value'",
        "        blank keyword",
        "NOVALUE some text without an indicator",
        "ZEROS   = 007",
        "BIG     = 123456789012345678901234567890",
    ],
)
def test_one_card_reads_as_in_astropy(card: str) -> None:
    assert ours(block(card)) == oracle(block(card))


def test_long_strings_continue() -> None:
    raw = block(
        "LONG    = 'first &'            / one",
        "CONTINUE  'it''s &'            / two",
        "CONTINUE  'last'",
        "NEXT    =                    1",
    )
    assert ours(raw) == oracle(raw)
    header = Header(raw)
    assert header["LONG"] == "first it's last"
    assert list(header) == ["LONG", "NEXT"]


def test_the_first_of_equal_keywords_counts() -> None:
    header = Header(block("A       = 1", "B       = 2", "A       = 3"))
    assert dict(header) == {"A": 1, "B": 2}
    assert [card.value for card in header.cards()] == [1, 2, 3]


def test_keywords_are_found_in_any_case_and_unknown_ones_are_not() -> None:
    header = Header(block("EXPTIME = 1.0", "HIERARCH ESO DET ID = 'x'"))
    assert header["exptime"] == header["EXPTIME"] == 1.0
    assert header["HIERARCH ESO DET ID"] == header["ESO DET ID"] == "x"
    assert header.get("GAIN") is None
    assert "GAIN" not in header


def test_commentary_is_joined() -> None:
    header = Header(block("COMMENT one", "A       = 1", "COMMENT two"))
    assert header["COMMENT"] == " one\n two".replace(" ", "")


@pytest.mark.parametrize("text", ["NaN", "nan", "-Inf", "1.2.3", "12:30", "TRUE", "'open"])
def test_what_cannot_be_read_is_the_text_that_stands_there(text: str) -> None:
    header = Header(block(f"EXPTIME = {text:>20} / [s] exposure", "GAIN    = 1"))
    assert header["EXPTIME"] == text
    assert header.number("EXPTIME") is None
    assert header["GAIN"] == 1


def test_characters_that_are_not_ascii_read_as_question_marks_and_stay_in_raw() -> None:
    raw = block("NAME    = 'Müller'", "GAIN    = 1")
    header = Header(raw)
    assert header["NAME"] == "M?ller"
    assert header.raw == raw


def test_number_and_text_give_their_default_for_other_types() -> None:
    header = Header(block("F       = 1.5", "I       = 2", "L       = T", "S       = 'x'", "N       ="))
    assert [header.number(key) for key in "FILSNX"] == [1.5, 2, None, None, None, None]
    assert header.number("X", 7) == 7
    assert [header.text(key, "-") for key in "FILSNX"] == ["-", "-", "-", "x", "-", "-"]


def test_headers_travel_between_processes() -> None:
    header = Header(block("A       = 1"))
    assert pickle.loads(pickle.dumps(header)) == header


def test_other_files_have_no_header() -> None:
    assert primary_header(b"RIFF", name="x.wav") is None
    assert primary_header(b"", name="empty") is None


def test_a_header_without_end_is_bad() -> None:
    with pytest.raises(BadFile, match=r"x\.fits: sought the END card"):
        primary_header(block("SIMPLE  =                    T").replace(b"END", b"   "), name="x.fits")


def test_keywords_that_are_not_ascii_are_bad() -> None:
    with pytest.raises(BadFile, match="card 2"):
        primary_header(block("SIMPLE  =                    T", "GÄIN    = 1"), name="x.fits")


def test_a_header_of_too_many_cards_is_bad() -> None:
    data = b"SIMPLE  =                    T".ljust(80) + b" " * (100_001 * CARD) + b"END".ljust(BLOCK)
    with pytest.raises(BadFile, match="8000000 bytes"):
        read_header(memoryview(data), 0, name="x.fits")


def test_headers_of_one_layout_keep_their_own_values() -> None:
    first, second = (Header(block(f"A       = {n}", f"B       = '{n}'")) for n in (1, 2))
    assert (dict(first), dict(second)) == ({"A": 1, "B": "1"}, {"A": 2, "B": "2"})
    assert first.cards_of(("B",)) != second.cards_of(("B",))
    assert Header(first.raw).cards_of(("B", "C")) == first.cards_of(("B",)) == "B       = '1'".ljust(80)


@pytest.mark.parametrize("card", ["lower   = 1", "HIERARCH ESO DET ID = 1", "ODD = 1"])
def test_keywords_in_unusual_places_are_found(card: str) -> None:
    header = Header(block("A       = 2", card, "A       = 3"))
    assert list(header.values()) == [2, 1]
    assert header.cards_of(("A",)) is None


def test_nothing_is_remembered_of_headers_that_are_very_long() -> None:
    header = Header(block(*(f"K{number:<7}= {number}" for number in range(2_000))))
    assert (len(header), header["K1999"]) == (2_000, 1999)
    assert header.cards_of(("K1",)) is None
