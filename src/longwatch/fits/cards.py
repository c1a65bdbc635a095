"""One header card: its keyword, value and comment.

Owns the grammar of the 80 characters. Must not know which keywords matter, nor where the card stands in a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from longwatch.fits import fallback

Value: TypeAlias = str | int | float | bool | complex | None
"""What a card can hold; None is a keyword without a value."""

CARD = 80
"""Characters of one card."""

COMMENTARY = frozenset({"", "COMMENT", "HISTORY"})
"""Keywords whose cards hold text and no value."""

MAX_FALLBACK = 100 * CARD
"""Longest card, with its continuations, that is handed to the slower reader [characters]."""

_CARDS = 16_384
"""Cards whose values are remembered."""

_STRING = r"'(?P<text>(?:[^']|'')*)'"
_COMMENT = r" *(?:/ *(?P<comment>.*))?"
_NUMBER = r"(?P<number>[+-]?(?P<digits>\d+|\d+\.\d*|\.\d+)(?:[EDed][+-]?\d+)?)"
_VALUE = re.compile(rf" *(?:{_STRING}|{_NUMBER}|(?P<logical>[TF])|){_COMMENT}", re.ASCII)
_CONTINUED = re.compile(rf" *(?:{_STRING})?{_COMMENT}")
_EXPONENT = str.maketrans("Dd", "EE")


@dataclass(frozen=True, slots=True)
class Card:
    """One card as it reads.

    Parameters
    ----------
    keyword
        In upper case; of a `HIERARCH` card the words between `HIERARCH` and `=`; empty for a blank card.
    value
        None where the card states no value; the text as it stands where it cannot be read as a value.
    comment
        What follows the slash.
    """

    keyword: str
    value: Value
    comment: str


def keyword_of(image: str) -> str:
    """Keyword of a card, in upper case.

    Parameters
    ----------
    image
        80 characters, or more with continuations.
    """
    name = image[:8].strip().upper()
    if name == "HIERARCH" and image[8] == " " and "=" in image:
        return image[9:].split("=", 1)[0].strip().upper()
    if "= " in image[:9]:
        return image.split("= ", 1)[0].strip().upper()
    return name


def read_card(image: str) -> Card:
    """Read one card.

    Parameters
    ----------
    image
        80 characters, followed by those of its `CONTINUE` cards.

    Notes
    -----
    Strings, integers, floats and logicals are read here; complex numbers, spaced numbers and displaced value indicators
    by astropy. What neither can read is kept as the text between value indicator and comment (so `NaN` is text).
    A record-valued card (`DP1 = 'AXIS.1: 2'`) is the string it holds.
    """
    keyword = keyword_of(image)
    if keyword in COMMENTARY:
        return Card(keyword, image[8:].rstrip(), "")
    field = _value_field(image)
    if field is None:
        return _unknown(keyword, image)
    if len(image) > CARD:
        return _continued(keyword, image, field)
    found = _VALUE.fullmatch(field)
    return _unknown(keyword, image) if found is None else Card(keyword, _value(found), found["comment"] or "")


def read_value(image: str) -> Value:
    """Read the value of one card alone; of a commentary card its text.

    Parameters
    ----------
    image
        As in `read_card`, which gives the same value. Most cards are plain, and the way is short for them.
    """
    return _read_one(image) if len(image) == CARD else read_card(image).value


@lru_cache(maxsize=_CARDS)
def _read_one(image: str) -> Value:
    """Read the value of a card without continuations; files of one kind share most of theirs."""
    name = image[:8].rstrip()
    if image[8:10] == "= " and name.isupper() and name not in COMMENTARY and "=" not in name:
        found = _VALUE.fullmatch(image[10:].strip())
        if found is not None:
            return _value(found)
    return read_card(image).value


def _value_field(image: str) -> str | None:
    """Give what follows the value indicator of the first 80 characters, or None where it is not in its place."""
    if image[8:10] == "= " and "=" not in image[:8]:
        return image[10:CARD].strip()
    if image.startswith("HIERARCH ") and "=" in image[:CARD]:
        return image[9:CARD].split("=", 1)[1].strip()
    return None


def _value(found: re.Match[str]) -> Value:
    """Turn a matched value field into a value."""
    text, number, logical = found["text"], found["number"], found["logical"]
    if text is not None:
        return text.replace("''", "'").rstrip()
    if number is not None:
        return int(number) if number.lstrip("+-").isdigit() else float(number.translate(_EXPONENT))
    return None if logical is None else logical == "T"


def _continued(keyword: str, image: str, first: str) -> Card:
    """Join a long string from its `CONTINUE` cards."""
    fields = [first, *(image[start + 8 : start + CARD].strip() for start in range(CARD, len(image), CARD))]
    pieces = [_CONTINUED.fullmatch(field) for field in fields]
    found = [piece for piece in pieces if piece is not None]
    if len(found) < len(pieces) or found[0]["text"] is None:
        return _unknown(keyword, image)
    texts = ((piece["text"] or "").rstrip() for piece in found)
    comment = " ".join(piece["comment"].rstrip() for piece in found if piece["comment"])
    return Card(keyword, "".join(text.removesuffix("&") for text in texts).replace("''", "'").rstrip(), comment)


def _unknown(keyword: str, image: str) -> Card:
    """Ask astropy, and keep the text where it does not know either."""
    if len(image) <= MAX_FALLBACK:
        seen = fallback.read_card(image)
        if seen is not None:
            return Card(keyword, *seen)
    value, _, comment = (_value_field(image) or image[8:CARD]).partition("/")
    return Card(keyword, value.strip(), comment.strip())
