"""What a header says about the bytes after it: their kind, type, shape and size.

Owns the structural keywords, checked before anything is allocated. Must not know the bytes themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from longwatch.errors import BadFile

if TYPE_CHECKING:
    from longwatch.fits.header import Header

Kind: TypeAlias = Literal["empty", "image", "table", "ascii-table", "compressed-image", "groups", "other"]
"""What an HDU holds; "other" is an extension type that is none of ours."""

MAX_AXES: Final = 999
"""Most axes FITS allows."""

DTYPES: Final = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}
"""Stored type of each BITPIX."""

_EXTENSIONS: Final[dict[str, Kind]] = {
    "IMAGE": "image",
    "IUEIMAGE": "image",
    "BINTABLE": "table",
    "TABLE": "ascii-table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The bytes of an HDU, as its header has them.

    Parameters
    ----------
    kind
        What they hold.
    dtype
        Stored type of one element.
    shape
        Axes in index order, slowest first; () where there are no data.
    heap
        Bytes after the main array (PCOUNT).
    size
        Bytes of the data without padding.
    """

    kind: Kind
    dtype: str
    shape: tuple[int, ...]
    heap: int
    size: int


def read_layout(header: Header, *, where: str) -> Layout:
    """Read the structural keywords of a header.

    Parameters
    ----------
    header
        The header.
    where
        What to call the HDU in messages.

    Raises
    ------
    BadFile
        Raised if a structural keyword is missing, is not a number, or is out of range.
    """
    bitpix = header.number("BITPIX")
    if bitpix not in DTYPES:
        raise BadFile(
            f"{where}: sought BITPIX of {sorted(DTYPES)}; there is {header.get('BITPIX')!r}. Mend the header."
        )
    axes = count(header, "NAXIS", where=where, most=MAX_AXES)
    shape = tuple(count(header, f"NAXIS{axis}", where=where) for axis in range(axes, 0, -1))
    heap = count(header, "PCOUNT", where=where, default=0)
    groups = count(header, "GCOUNT", where=where, default=1)
    kind = _kind(header, shape)
    if groups != 1 and kind not in {"groups", "empty", "other"}:
        raise BadFile(f"{where}: sought GCOUNT of 1; there is {header.get('GCOUNT')!r}. Mend the header.")
    array = prod(shape[:-1] if kind == "groups" else shape) if shape else 0
    size = abs(int(bitpix)) // 8 * groups * (heap + array) if shape else 0
    return Layout(kind=kind, dtype=DTYPES[int(bitpix)], shape=shape, heap=heap, size=size)


def count(header: Header, keyword: str, *, where: str, default: int | None = None, most: int = 2**63) -> int:
    """Read a keyword that counts something.

    Parameters
    ----------
    header
        The header.
    keyword
        The keyword.
    where
        What to call the HDU in messages.
    default
        What a missing keyword means; None if it must be there.
    most
        Largest value that makes sense.

    Raises
    ------
    BadFile
        Raised if it is missing without a default, is not a whole number, or is not in 0 to `most`.
    """
    number = header.number(keyword)
    if number is None and default is not None and keyword not in header:
        return default
    if number is None or not 0 <= number <= most or number != int(number):
        raise BadFile(
            f"{where}: sought a whole number of 0 to {most} in {keyword}; there is {header.get(keyword)!r}. "
            "Mend the header."
        )
    return int(number)


def _kind(header: Header, shape: tuple[int, ...]) -> Kind:
    """Tell what the HDU holds."""
    extension = header.text("XTENSION", "IMAGE").strip()
    kind = _EXTENSIONS.get(extension, "other")
    if kind == "table" and header.get("ZIMAGE") is True:
        return "compressed-image"
    if kind != "image":
        return kind
    if len(shape) > 1 and shape[-1] == 0 and header.get("GROUPS") is True:
        return "groups"
    return "image" if prod(shape) and shape else "empty"
