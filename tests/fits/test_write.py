"""Image files as astropy and we read them back."""

from __future__ import annotations

import io

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from longwatch.errors import BadQuery
from longwatch.fits.file import parse
from longwatch.fits.write import NamedImage, image_file

IMAGES = st.sampled_from(["u1", "<i2", ">i2", "<i4", "<i8", "<f4", ">f8", "<f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(max_dims=3, max_side=20))
)
KEYWORDS = st.from_regex(r"[A-Z][A-Z0-9_-]{0,7}|[A-Z]{2,6}( [A-Z0-9]{2,6}){2,3}", fullmatch=True).filter(
    lambda key: not key.startswith(("NAXIS", "HIERARCH", "END", "B"))
)
TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="&'"), max_size=200)
VALUES = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none() | TEXTS


@given(st.lists(IMAGES, max_size=3))
def test_astropy_verifies_and_reads_every_plane(arrays: list[np.ndarray]) -> None:
    images = [NamedImage(name=f"P{index}", values=values) for index, values in enumerate(arrays)]
    data, planes = image_file(images, cards={"INSTRUME": "STIS"})
    assert len(data) % 2880 == 0
    with fits.open(io.BytesIO(data), checksum=True) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus[1:]] == [image.name for image in images]
        for hdu, values in zip(hdus[1:], arrays, strict=True):
            np.testing.assert_array_equal(hdu.data, values)
    for plane, values, hdu in zip(planes, arrays, parse(data, name="x").hdus[1:], strict=True):
        there = np.frombuffer(data, plane.dtype, values.size, plane.offset).reshape(plane.shape)
        np.testing.assert_array_equal(there, values)
        assert hdu.plane() == plane


@given(st.dictionaries(KEYWORDS, VALUES, max_size=10))
def test_cards_come_back(cards: dict[str, object]) -> None:
    data, _ = image_file([], cards=cards)
    header = parse(data, name="x").primary.header
    for keyword, value in cards.items():
        expected = value.rstrip() if isinstance(value, str) else value
        assert header[keyword] == expected
        assert type(header[keyword]) is type(value)


def test_quotes_survive_where_a_long_string_is_cut() -> None:
    text = "it's '' " * 40 + "."
    data, _ = image_file([], cards={"TEXT": text})
    assert parse(data, name="x").primary.header["TEXT"] == text
    with fits.open(io.BytesIO(data), checksum=True) as hdus:
        assert hdus[0].header["TEXT"] == text


def test_comments_and_history_are_written() -> None:
    cards = {"GAIN": (4, "[electron / adu]"), "HISTORY": "one\n" + "x" * 100}
    data, _ = image_file([], cards=cards)
    header = parse(data, name="x").primary.header
    assert next(card.comment for card in header.cards() if card.keyword == "GAIN") == "[electron / adu]"
    assert header["HISTORY"] == "one\n" + "x" * 72 + "\n" + "x" * 28


def test_equal_arguments_give_equal_bytes() -> None:
    image = NamedImage(name="A", values=np.arange(6.0).reshape(2, 3), cards={"UNIT": "adu"})
    assert image_file([image], cards={"A": 1}) == image_file([image], cards={"A": 1})


@pytest.mark.parametrize(
    "cards",
    [
        {"NAXIS1": 3},
        {"CHECKSUM": "x"},
        {"A": float("nan")},
        {"A": "Müller"},
        {"A": (1, "Müller")},
        {"HISTORY": "Müller"},
        {"A=B": 1},
        {"A" * 60: 1},
        {"": 1},
        {"A": 10**80},
    ],
)
def test_cards_that_cannot_be_written_are_refused(cards: dict[str, object]) -> None:
    with pytest.raises(BadQuery, match="Card "):
        image_file([], cards=cards)


@pytest.mark.parametrize("values", [np.zeros((2, 2), bool), np.zeros((2, 2), "u2"), np.zeros((0, 2)), np.array(1.0)])
def test_images_that_cannot_be_written_are_refused(values: np.ndarray) -> None:
    with pytest.raises(BadQuery, match="Image 'A'"):
        image_file([NamedImage(name="A", values=values)], cards={})
