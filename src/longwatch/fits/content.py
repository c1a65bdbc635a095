"""The content of a file, whether it comes plain or as gzip.

Owns inflating, once and in memory, with a bound. Must not know what the content is.
"""

from __future__ import annotations

from typing import cast

from isal import isal_zlib

from longwatch.errors import BadFile

MAX_CONTENT = 2**31
"""Most bytes a file may hold once inflated, unless the caller says otherwise."""

_BITE = 2**24
"""Compressed bytes handed over at once; few files have more, so most inflate in one call without a copy."""
_CHUNK = 2**26
"""Most bytes inflated in one call."""
_GZIP_WINDOW = 31
_DAMAGED = cast("type[Exception]", isal_zlib.error)


def is_gzip(data: bytes) -> bool:
    """Tell whether the bytes begin as gzip does."""
    return data[:3] == b"\x1f\x8b\x08"


def inflate(data: bytes, *, name: str, limit: int = MAX_CONTENT) -> bytes:
    """Give the content of a file: itself, or what its gzip members hold.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call the file in messages.
    limit
        Most bytes to inflate to.

    Raises
    ------
    BadFile
        Raised if the gzip is cut short, wrong, followed by something else, or holds more than `limit`.
    """
    if not is_gzip(data):
        return data
    chunks: list[bytes] = []
    start, room = 0, limit
    while is_gzip(data[start : start + 3]):
        member, start = _member(data, start, name=name, limit=room)
        chunks.extend(member)
        room -= sum(map(len, member))
    rest = len(data) - start
    if rest and data.count(0, start) < rest:
        raise BadFile(f"{name}: sought the end of the gzip; {rest} other bytes follow it. Fetch the file again.")
    return b"".join(chunks)


def _member(data: bytes, start: int, *, name: str, limit: int) -> tuple[list[bytes], int]:
    """Inflate the gzip member that begins at `start`; give its chunks and where it stops."""
    inflater = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
    chunks: list[bytes] = []
    room, given = limit, b""
    try:
        while not inflater.eof:
            if not given:
                given = data[start : start + _BITE]
                start += len(given)
            chunk = inflater.decompress(given, min(_CHUNK, room + 1))
            if not (given or chunk or inflater.eof):
                raise BadFile(f"{name}: sought the end of the gzip; the file is cut short. Fetch it again.")
            given = inflater.unconsumed_tail
            room -= len(chunk)
            if room < 0:
                raise BadFile(
                    f"{name}: sought at most {limit} more bytes in the gzip; it holds more. Raise `inflate_limit`."
                )
            chunks.append(chunk)
    except _DAMAGED as error:
        raise BadFile(f"{name}: sought gzip; it is damaged ({error}). Fetch the file again.") from error
    return chunks, start - len(inflater.unused_data)
