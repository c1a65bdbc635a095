"""CHECKSUM and DATASUM: the ones'-complement sums of an HDU.

Owns adding, encoding and verifying. Must not know what is summed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from longwatch.errors import BadFile

if TYPE_CHECKING:
    from longwatch.fits.header import Header

_ONES = 0xFFFFFFFF
_EXCLUDED = frozenset((*range(0x3A, 0x41), *range(0x5B, 0x61)))


def datasum(data: bytes | memoryview) -> int:
    """Ones'-complement sum of bytes taken as big-endian 32-bit words; what is short of a word counts as zeros.

    Parameters
    ----------
    data
        What to add up.
    """
    whole = len(data) // 4 * 4
    rest = int.from_bytes(bytes(data[whole:]).ljust(4, b"\0"), "big")
    return _fold(rest + int(np.frombuffer(data[:whole], ">u4").sum(dtype=np.uint64)))


def add(first: int, second: int) -> int:
    """Sum of two sums: that of a header and its data is the sum of the HDU."""
    return _fold(first + second)


def encode(total: int) -> str:
    """Write the complement of a sum as the 16 characters of CHECKSUM.

    Parameters
    ----------
    total
        The sum of the HDU while its CHECKSUM value is sixteen zeros.
    """
    columns = [_spread(byte) for byte in (_ONES - total).to_bytes(4, "big")]
    text = "".join(chr(column[place]) for place in range(4) for column in columns)
    return text[-1] + text[:-1]


def verify(header: Header, data: memoryview, *, where: str) -> None:
    """Check the sums an HDU states about itself; a sum that is not stated is not missed.

    Parameters
    ----------
    header
        Header of the HDU.
    data
        Its data with the padding.
    where
        What to call the HDU in messages.

    Raises
    ------
    BadFile
        Raised if DATASUM or CHECKSUM is not what the bytes add up to.
    """
    expected, checksum = str(header.get("DATASUM") or "").strip(), str(header.get("CHECKSUM") or "").strip()
    if not (expected or checksum):
        return
    found = datasum(data)
    if expected and not (expected.isdecimal() and int(expected) == found):
        raise _wrong("DATASUM", where, expected=expected, found=str(found))
    if checksum and add(datasum(header.raw), found) not in {0, _ONES}:
        cleared = header.raw.replace(checksum.encode("ascii"), b"0" * len(checksum), 1)
        raise _wrong("CHECKSUM", where, expected=checksum, found=encode(add(datasum(cleared), found)))


def _wrong(keyword: str, where: str, *, expected: str, found: str) -> BadFile:
    """Say which sum is wrong."""
    return BadFile(
        f"{where}: sought {keyword} {expected!r}; the bytes give {found!r}. The file was changed or damaged "
        "after it was written: fetch it again."
    )


def _fold(total: int) -> int:
    """Add the carries back in until 32 bits hold the sum."""
    while total > _ONES:
        total = (total & _ONES) + (total >> 32)
    return total


def _spread(byte: int) -> list[int]:
    """Four letters or digits that add up to a byte, offset by four times the character 0."""
    quotient, remainder = divmod(byte, 4)
    letters = [quotient + remainder + 0x30, *[quotient + 0x30] * 3]
    while not _EXCLUDED.isdisjoint(letters):
        for left in (0, 2):
            if not _EXCLUDED.isdisjoint(letters[left : left + 2]):
                letters[left] += 1
                letters[left + 1] -= 1
    return letters
