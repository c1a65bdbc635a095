"""A header: raw cards, and their values on demand.

Owns the way from 2880-byte blocks to keywords. Must not know what a keyword means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from typing_extensions import override

from longwatch.errors import BadFile
from longwatch.fits.cards import CARD, COMMENTARY, Card, Value, keyword_of, read_card, read_value

BLOCK: Final = 2880
"""Bytes of a FITS block; headers and data fill whole blocks."""

MAX_CARDS: Final = 100_000
"""Most cards a header may have; a longer one is no header."""

_HEAD = 10
"""Bytes of a card that hold a keyword and its value indicator."""

_LAYOUTS = 128
"""Headers of one layout that are remembered: some of each kind of file."""

_MOST_REMEMBERED = 128 << 10
"""Bytes of a header of which something is remembered, at most."""

_END = b"END     "
_PRINTABLE = bytes(byte if byte < 0x80 else ord("?") for byte in range(256))


class Header(Mapping[str, Value]):
    """The cards of one header, read when asked for.

    A mapping from keyword to value, in the order of the file; the first of several equal keywords counts. Keywords are
    found in any case and with or without `HIERARCH`. `COMMENT` and `HISTORY` give all their lines, joined by newlines.
    A value that is missing is None; one that cannot be read (`NaN`) is the text that stands there.

    Parameters
    ----------
    raw
        Whole cards of 80 bytes, with or without `END` and the blanks after it. Bytes that are not ASCII read as `?`.
    """

    __slots__ = ("_known", "_raw", "_text", "_where")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._text = ""
        self._where: dict[str, int] = {}
        self._known: dict[int, Value] = {}

    @property
    def raw(self) -> bytes:
        """The bytes as they stand in the file, up to and including the padding after `END`."""
        return self._raw

    @override
    def __getitem__(self, keyword: str) -> Value:
        start = self._place(keyword)
        if start is None:
            raise KeyError(keyword)
        return self._value(start)

    @override
    def __contains__(self, keyword: object) -> bool:
        return isinstance(keyword, str) and self._place(keyword) is not None

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._index())

    @override
    def __len__(self) -> int:
        return len(self._index())

    @override
    def __repr__(self) -> str:
        return f"<Header of {len(self)} keywords in {len(self._raw)} bytes>"

    @override
    def __reduce__(self) -> tuple[type[Header], tuple[bytes]]:
        return Header, (self._raw,)

    def cards(self) -> list[Card]:
        """Every card in the order of the file, without `END`; a long string and its continuations are one card."""
        return [read_card(self._image(start)) for start in self._starts()]

    def number(self, keyword: str, default: float | None = None) -> float | None:
        """Value of a keyword that holds an integer or a float.

        Parameters
        ----------
        keyword
            The keyword.
        default
            What to give where the keyword is missing, has no value, or holds something that is not a real number.
        """
        match self._found(keyword):
            case bool():
                return default
            case int() | float() as number:
                return number
            case _:
                return default

    def text(self, keyword: str, default: str = "") -> str:
        """Value of a keyword that holds a string.

        Parameters
        ----------
        keyword
            The keyword.
        default
            What to give where the keyword is missing, has no value, or holds something that is not a string.
        """
        match self._found(keyword):
            case str() as text:
                return text
            case _:
                return default

    def cards_of(self, beginnings: tuple[str, ...]) -> str | None:
        """Give all cards whose keywords begin in some ways, one after the other; None where that takes a closer look.

        What is said by these cards alone is the same for all headers in which they are the same.
        """
        starts = _starts_of(_heads(self._raw), beginnings) if len(self._raw) <= _MOST_REMEMBERED else None
        if starts is None:
            return None
        text = self._readable()
        return "".join([text[start : start + CARD] for start in starts])

    def _place(self, keyword: str) -> int | None:
        """Give where the first card of a keyword starts."""
        where = self._where or self._index()
        start = where.get(keyword)
        return where.get(_plain(keyword)) if start is None else start

    def _found(self, keyword: str) -> Value:
        """Give a keyword's value, None where it has none or is not there; most of a table's are sought in vain."""
        start = self._place(keyword)
        return None if start is None else self._value(start)

    def _value(self, start: int) -> Value:
        """Give the value of the card that starts there, read once: every kind asks for the same few."""
        if start not in self._known:
            keyword = self._text[start : start + 8].rstrip().upper()
            text = "\n".join(self._lines(keyword)) if keyword in COMMENTARY else None
            self._known[start] = read_value(self._image(start)) if text is None else text
        return self._known[start]

    def _index(self) -> dict[str, int]:
        """Build where each keyword stands first; built once."""
        if not self._where:
            self._readable()
            known = _places(_heads(self._raw)) if len(self._raw) <= _MOST_REMEMBERED else None
            self._where = self._searched() if known is None else known
        return self._where

    def _searched(self) -> dict[str, int]:
        """Build the index of a header with cards whose keyword is not in the usual place."""
        where: dict[str, int] = {}
        for start in self._starts():
            where.setdefault(keyword_of(self._image(start)), start)
        where.pop("", None)
        return where

    def _starts(self) -> Iterator[int]:
        """Where each card starts, those that only continue a string and the `END` left out."""
        text = self._readable()
        for start in range(0, len(text), CARD):
            if text[start] == "E" and text.startswith("END     ", start):
                return
            if text[start] != "C" or start == 0 or not text.startswith("CONTINUE", start):
                yield start

    def _readable(self) -> str:
        if not self._text:
            self._text = _printable(self._raw)
        return self._text

    def _image(self, start: int) -> str:
        """Give the card that starts there, with its continuations."""
        stop = start + CARD
        while self._text.startswith("CONTINUE", stop):
            stop += CARD
        return self._text[start:stop]

    def _lines(self, keyword: str) -> Iterator[str]:
        """Text of all the cards of a commentary keyword."""
        for start in self._starts():
            if keyword_of(self._text[start : start + CARD]) == keyword:
                yield self._text[start + 8 : start + CARD].rstrip()


def primary_header(data: bytes, *, name: str) -> Header | None:
    """Read the first header of a file, or give None if the file does not begin as FITS does.

    Parameters
    ----------
    data
        The file, or enough of its beginning to hold the header.
    name
        What to call the file in messages.

    Raises
    ------
    BadFile
        Raised if it begins as FITS and the header does not end.
    """
    if not data.startswith(b"SIMPLE  ="):
        return None
    return read_header(memoryview(data), 0, name=name)


def read_header(data: memoryview, start: int, *, name: str) -> Header:
    """Read the header that begins at a byte of a file.

    Parameters
    ----------
    data
        The whole file.
    start
        Where the header begins [byte].
    name
        What to call the file in messages.

    Raises
    ------
    BadFile
        Raised if no `END` card comes before the file ends or before `MAX_CARDS`, or if keywords are not ASCII.
    """
    limit = min(len(data), start + MAX_CARDS * CARD)
    for block in range(start, limit - BLOCK + 1, BLOCK):
        if _ends_in(bytes(data[block : block + BLOCK])):
            raw = bytes(data[start : block + BLOCK])
            _check_keywords(raw, name=name, start=start)
            return Header(raw)
    raise BadFile(
        f"{name}: sought the END card of the header at byte {start}; there is none in the {limit - start} bytes "
        "looked at. The file is cut short or is not FITS: fetch it again."
    )


def _heads(raw: bytes) -> bytes:
    """Give the first ten bytes of every card, all that an index needs of most headers."""
    return np.frombuffer(raw, np.uint8, len(raw) // CARD * CARD).reshape(-1, CARD)[:, :_HEAD].tobytes()


@lru_cache(maxsize=_LAYOUTS)
def _places(heads: bytes) -> dict[str, int] | None:
    """Give where each keyword stands first, from `_heads`: files of one kind share it, so nobody may write to it.

    Headers in which a card needs a closer look have None.
    """
    where: dict[str, int] = {}
    text = _printable(heads)
    for number in range(len(text) // _HEAD):
        head = text[number * _HEAD : (number + 1) * _HEAD]
        if keyword := _simple(head):
            where.setdefault(keyword, number * CARD)
        elif head.startswith(("COMMENT ", "HISTORY ")):
            where.setdefault(head[:7], number * CARD)
        elif head.startswith("END     "):
            break
        elif not head[:8].isspace() and (number == 0 or not head.startswith("CONTINUE")):
            return None
    return where


@lru_cache(maxsize=_LAYOUTS)
def _starts_of(heads: bytes, beginnings: tuple[str, ...]) -> tuple[int, ...] | None:
    """Give where the cards stand whose keywords begin in some ways; None if a card goes on in the next."""
    places = _places(heads)
    if places is None or b"CONTINUE" in heads:
        return None
    return tuple(start for keyword, start in places.items() if keyword.startswith(beginnings))


@lru_cache(maxsize=4096)
def _simple(head: str) -> str:
    """Give the keyword of a card that has a value in the usual place, by its first ten characters; else nothing."""
    name = head[:8]
    return name.rstrip() if head[8:] == "= " and name.isupper() and "=" not in name else ""


@lru_cache(maxsize=4096)
def _plain(keyword: str) -> str:
    """Give a keyword as the index has it; most that kinds ask for stand in no header of others."""
    return keyword.upper().removeprefix("HIERARCH ").strip()


def _ends_in(block: bytes) -> bool:
    """Tell whether the block holds the `END` card."""
    at = block.find(_END)
    while at >= 0 and at % CARD:
        at = block.find(_END, at + 1)
    return at >= 0


def _check_keywords(raw: bytes, *, name: str, start: int) -> None:
    """Refuse a header with keywords of other characters than printable ASCII."""
    look = _unprintable if len(raw) <= _MOST_REMEMBERED else _unprintable.__wrapped__
    at = look(_heads(raw))
    if at is not None:
        raise BadFile(
            f"{name}: sought a keyword in card {at + 1} of the header at byte {start}; there is "
            f"{raw[at * CARD : at * CARD + 8]!r}. Keywords are ASCII: fetch the file again, or mend the card."
        )


@lru_cache(maxsize=_LAYOUTS)
def _unprintable(heads: bytes) -> int | None:
    """Give the first card whose keyword has other characters than printable ASCII, from `_heads`."""
    keywords = np.frombuffer(heads, np.uint8).reshape(-1, _HEAD)[:, :8]
    bad = ((keywords < 0x20) | (keywords > 0x7E)).any(axis=1)
    return int(bad.argmax()) if bad.any() else None


def _printable(raw: bytes) -> str:
    """Text of a header; whatever is not ASCII becomes a question mark, as everywhere in FITS."""
    return raw.translate(_PRINTABLE).decode("ascii")
