"""Raw headers and the keywords that can be searched.

Owns the packing of headers, `keyword_values` and which keywords are indexed. Must not know what a card means.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence

from isal import isal_zlib
from sqlalchemy import select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import RawHeader

TEXT = 255
"""Longest text that is searchable [characters]; a longer one is cut in the index, never in the header."""

_LEVEL = 1
"""Compression level: headers are mostly blanks, so more effort buys little."""


def pack(headers: Sequence[RawHeader]) -> bytes:
    """Pack raw headers into one compressed blob; runs in a worker, away from the writer."""
    body = b"".join(h.cards.rstrip(b" ") for h in headers)
    index = json.dumps([[h.hdu, h.name, len(h.cards), len(h.cards.rstrip(b" "))] for h in headers]).encode()
    return isal_zlib.compress(len(index).to_bytes(4, "big") + index + body, _LEVEL)


def unpack(blob: bytes) -> tuple[RawHeader, ...]:
    """Give back what `pack` packed, byte for byte."""
    data = zlib.decompress(blob)
    start = 4 + int.from_bytes(data[:4], "big")
    headers = []
    for hdu, name, length, kept in json.loads(data[4:start]):
        cards = data[start : start + kept].ljust(length)
        headers.append(RawHeader(hdu=hdu, name=name, cards=cards))
        start += kept
    return tuple(headers)


def add_headers(change: Change, packed: Mapping[int, tuple[int, bytes]]) -> None:
    """Store packed headers, given as `{version id: (number of HDUs, blob)}`."""
    change.add_plain(t.headers, [{"version_id": n, "hdus": hdus, "cards": blob} for n, (hdus, blob) in packed.items()])


def headers_of(snapshot: Snapshot, version_id: int) -> tuple[RawHeader, ...]:
    """Give the headers of a version; empty for a file without any."""
    query = select(t.headers.c.cards).where(t.headers.c.version_id == version_id)
    blob = snapshot.connection.execute(query).scalar()
    return () if blob is None else unpack(bytes(blob))


def add_keywords(change: Change, kind: str, values: Iterable[tuple[int, int | None, Mapping[str, Scalar]]]) -> None:
    """Index keyword values of versions of one kind, given as `(version id, t_min_us, {keyword: value})`."""
    rows = [
        (number, keyword, kind, t_min, *_value(value))
        for number, t_min, found in values
        for keyword, value in found.items()
    ]
    names = ("version_id", "keyword", "kind", "t_min_us", "num", "txt")
    change.add_columns(t.keyword_values, dict(zip(names, zip(*rows, strict=True), strict=False)))


def _value(value: Scalar) -> tuple[float | None, str | None]:
    """Give a value as a number and as a text."""
    match value:
        case bool():
            return float(value), "T" if value else "F"
        case int() | float():
            return float(value) if math.isfinite(value) else None, str(value)[:TEXT]
        case None:
            return None, None
        case str():
            return None, value[:TEXT]


def keywords_of(
    snapshot: Snapshot, version_ids: Iterable[int], keywords: Sequence[str]
) -> dict[int, dict[str, Scalar]]:
    """Give indexed values of some keywords for some versions."""
    table = t.keyword_values
    found: dict[int, dict[str, Scalar]] = {}
    for some in chunks(version_ids):
        query = select(table.c.version_id, table.c.keyword, table.c.num, table.c.txt).where(
            table.c.version_id.in_(some), table.c.keyword.in_(list(keywords))
        )
        for number, keyword, num, txt in snapshot.connection.execute(query):
            found.setdefault(number, {})[keyword] = txt if num is None else num
    return found


def note_indexed(change: Change, kind: str, keywords: Iterable[str]) -> None:
    """Say that keywords of a kind are searchable from now on."""
    known = set(indexed_keywords(change, kind))
    change.add_plain(
        t.indexed_keywords, [{"kind": kind, "keyword": keyword} for keyword in keywords if keyword not in known]
    )


def indexed_keywords(snapshot: Snapshot, kind: str) -> list[str]:
    """Give the searchable keywords of a kind, in alphabetical order."""
    table = t.indexed_keywords
    query = select(table.c.keyword).where(table.c.kind == kind).order_by(table.c.keyword)
    return [str(keyword) for (keyword,) in snapshot.connection.execute(query)]
