"""Writing a FITS file of image planes, whose bytes depend on nothing but what is written.

Owns laying out cards and planes with their checksums. Must not know what the planes show.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from longwatch.errors import BadQuery
from longwatch.fits.cards import CARD, COMMENTARY
from longwatch.fits.checksum import add, datasum, encode
from longwatch.fits.header import BLOCK
from longwatch.fits.image import ImagePlane

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

CardValue: TypeAlias = str | int | float | bool | None
"""What a card can be given; None writes a keyword without a value."""

CardLike: TypeAlias = CardValue | tuple[CardValue, str]
"""A value, or a value and its comment."""

Cards: TypeAlias = Mapping[str, CardLike]
"""Keywords and their values, in the order they are written; COMMENT and HISTORY may hold several lines."""

MAX_KEYWORD: Final = 40
"""Longest keyword that can be written; one of more than 8 characters becomes a HIERARCH card."""

_BITPIX: Final = {"u1": 8, "i2": 16, "i4": 32, "i8": 64, "f4": -32, "f8": -64}
_STRUCTURAL: Final = re.compile(
    r"SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|EXTNAME|CHECKSUM|DATASUM|END|BZERO|BSCALE|BLANK|CONTINUE"
)
_KEYWORD: Final = re.compile(r"[A-Z0-9_-]{1,8}")
_HIERARCH: Final = re.compile(r"[A-Z0-9_-]+( [A-Z0-9_-]+)*")
_TEXT: Final = re.compile(r"[ -~]*")
_NO_SUM: Final = "0" * 16
_PIECE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedImage:
    """An image to be written.

    Parameters
    ----------
    name
        EXTNAME.
    values
        Image of any shape with at least one pixel, in index order; one of u1, i2, i4, i8, f4, f8 in any byte order.
    cards
        Further cards of its header.
    """

    name: str
    values: NDArray[np.generic]
    cards: Cards = field(default_factory=dict)


def image_file(images: Sequence[NamedImage], *, cards: Cards) -> tuple[bytes, tuple[ImagePlane, ...]]:
    """Write a FITS file with one image extension for each image.

    Parameters
    ----------
    images
        What to write, in order.
    cards
        Cards of the primary header.

    Returns
    -------
    bytes
        The file, with CHECKSUM and DATASUM in each HDU; equal for equal arguments.
    tuple of ImagePlane
        Where each image stands in it.

    Raises
    ------
    BadQuery
        Raised if an image has a type FITS cannot hold, or a card cannot be written.
    """
    structure: Cards = {"SIMPLE": True, "BITPIX": 8, "NAXIS": 0, "EXTEND": True}
    parts: list[bytes | memoryview] = [_header(structure, cards, 0)]
    offset = len(parts[0])
    planes: list[ImagePlane] = []
    for image in images:
        data = _stored(image)
        header = _header(_structure(image, data), image.cards, datasum(data.data.cast("B")))
        offset += len(header)
        planes.append(ImagePlane(offset=offset, dtype=data.dtype.str.lstrip("|"), shape=data.shape))
        padding = bytes(-data.nbytes % BLOCK)
        parts += [header, data.data, padding]
        offset += data.nbytes + len(padding)
    return b"".join(parts), tuple(planes)


def _stored(image: NamedImage) -> NDArray[np.generic]:
    """Give the image as it stands in the file: contiguous and big-endian."""
    values = image.values
    if values.dtype.str[1:] not in _BITPIX or not values.size or not values.ndim:
        raise BadQuery(
            f"Image {image.name!r}: sought pixels of {', '.join(_BITPIX)}; there are {values.dtype} of shape "
            f"{values.shape}. Convert with astype."
        )
    return np.ascontiguousarray(values, values.dtype.newbyteorder(">"))


def _structure(image: NamedImage, data: NDArray[np.generic]) -> Cards:
    """Give the cards that say how the image is laid out."""
    axes = {f"NAXIS{axis}": length for axis, length in enumerate(reversed(data.shape), start=1)}
    return {
        "XTENSION": ("IMAGE", ""),
        "BITPIX": _BITPIX[data.dtype.str[1:]],
        "NAXIS": data.ndim,
        **axes,
        "PCOUNT": 0,
        "GCOUNT": 1,
        "EXTNAME": image.name,
    }


def _header(structure: Cards, cards: Cards, data_sum: int) -> bytes:
    """Write a header with its checksum."""
    for keyword in cards:
        if _STRUCTURAL.fullmatch(keyword.upper()):
            raise BadQuery(
                f"Card {keyword!r}: it belongs to the layout of the file and is written for you; leave it out."
            )
    sums: Cards = {"CHECKSUM": _NO_SUM, "DATASUM": str(data_sum)}
    lines = [line for part in (structure, cards, sums) for line in _lines(part.items())]
    text = "".join((*lines, "END".ljust(CARD)))
    raw = text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii")
    total = encode(add(datasum(raw), data_sum))
    return raw.replace(f"CHECKSUM= '{_NO_SUM}'".encode(), f"CHECKSUM= '{total}'".encode())


def _lines(cards: Iterable[tuple[str, CardLike]]) -> Iterable[str]:
    """Write cards, each of 80 characters."""
    for keyword, given in cards:
        value, comment = given if isinstance(given, tuple) else (given, "")
        name = keyword.upper()
        if name and name in COMMENTARY:
            yield from _commentary(name, str(value or ""))
            continue
        if not _TEXT.fullmatch(comment):
            raise BadQuery(f"Card {keyword!r}: sought a comment in ASCII; there is {comment!r}. Spell it in ASCII.")
        if _KEYWORD.fullmatch(name):
            yield from _wrapped(f"{name:8}= ", _written(name, value), comment)
        elif _HIERARCH.fullmatch(name) and len(name) <= MAX_KEYWORD:
            yield from _wrapped(f"HIERARCH {name} = ", _written(name, value).strip(), comment)
        else:
            raise BadQuery(f"Card {keyword!r}: sought a keyword of letters, digits, - and _. Rename it.")


def _commentary(name: str, text: str) -> Iterable[str]:
    """Write COMMENT or HISTORY, line by line."""
    for line in text.splitlines():
        if not _TEXT.fullmatch(line):
            raise BadQuery(f"Card {name!r}: sought text in ASCII; there is {line!r}. Spell it in ASCII.")
        for start in range(0, len(line) or 1, 72):
            yield f"{name:8}{line[start : start + 72]}".ljust(CARD)


def _written(keyword: str, value: CardValue) -> str:
    """Write a value as it stands in a card."""
    match value:
        case None:
            return ""
        case bool():
            return f"{'T' if value else 'F':>20}"
        case int():
            return f"{int(value):>20}"
        case float() if math.isfinite(value):
            return f"{float(value)!r:>20}".upper()
        case str() if _TEXT.fullmatch(value):
            return f"'{value.replace(chr(39), chr(39) * 2):8}'"
    raise BadQuery(
        f"Card {keyword!r}: sought ASCII text, a finite number or a logical; there is {value!r}. Convert it."
    )


def _wrapped(start: str, value: str, comment: str) -> Iterable[str]:
    """Fit a card into 80 characters: the comment is cut, a long string continued."""
    line = f"{start}{value}"
    if len(line) <= CARD:
        yield (f"{line:30} / {comment}"[:CARD] if comment else line).ljust(CARD)
        return
    if not value.startswith("'"):
        raise BadQuery(f"Card {start!r}: sought a value that fits the card; there is {value!r}. Shorten the keyword.")
    yield from _continued(start, value[1:-1])


def _continued(start: str, text: str) -> Iterable[str]:
    """Write a long string over several cards; quotes stay in pairs."""
    room = CARD - len(start) - 3
    while text:
        piece = text[:room]
        if piece.count("'") % 2:
            piece = piece[:-1]
        text = text[len(piece) :]
        yield f"{start}'{piece}{'&' if text else ''}'".ljust(CARD)
        start, room = "CONTINUE  ", _PIECE
