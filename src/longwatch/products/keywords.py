"""Keywords of whole headers: looked up, scanned, and indexed afterwards.

Owns the reading of raw headers for searches. Must not know what a keyword means.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from longwatch.catalog.find import all_versions_of_kind
from longwatch.catalog.headers import add_keywords, headers_of, keywords_of, note_indexed
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import RawHeader
from longwatch.fits.cards import Value
from longwatch.fits.header import Header


def pick(headers: Iterable[Header], keywords: Sequence[str]) -> dict[str, Scalar]:
    """Give the values of keywords, each from the first HDU that has it; absent ones are left out."""
    found: dict[str, Scalar] = {}
    for header in headers:
        for keyword in keywords:
            if keyword not in found and keyword in header:
                found[keyword] = scalar(header[keyword])
    return found


def scalar(value: Value) -> Scalar:
    """Give a card's value as one that can be searched; a complex number as text, NaN as missing."""
    match value:
        case complex():
            return str(value)
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def scan(
    snapshot: Snapshot, version_ids: Iterable[int], keywords: Sequence[str]
) -> Iterator[tuple[int, dict[str, Scalar]]]:
    """Read keywords out of the raw headers of versions, one after the other: right for any keyword, and slow."""
    for number in version_ids:
        yield number, pick(_opened(headers_of(snapshot, number)), keywords)


def index_keyword(change: Change, kind: str, keyword: str) -> int:
    """Make a keyword searchable for every version of a kind that is here.

    Parameters
    ----------
    change
        The open change.
    kind
        The kind.
    keyword
        FITS keyword, upper case.

    Returns
    -------
    int
        How many versions have it.
    """
    starts = dict(all_versions_of_kind(change, kind))
    there = keywords_of(change, starts, [keyword])
    new = [number for number in starts if number not in there]
    found = [(n, starts[n], values) for n, values in scan(change, new, [keyword]) if values]
    add_keywords(change, kind, found)
    note_indexed(change, kind, [keyword])
    return len(there) + len(found)


def meets(value: Scalar, wanted: Scalar | tuple[float | None, float | None]) -> bool:
    """Tell whether a value is the wanted one, or lies in the wanted closed range."""
    match wanted, value:
        case (low, high), int() | float():
            return (low is None or value >= low) and (high is None or value <= high)
        case (_, _), _:
            return False
        case _:
            return value == wanted


def differences(
    old: Iterable[RawHeader], new: Iterable[RawHeader]
) -> list[tuple[str, str, Scalar | None, Scalar | None]]:
    """Give (HDU, keyword, old value, new value) of every card that differs between two versions of a file."""
    before, after = _cards(old), _cards(new)
    names = sorted(before.keys() | after.keys())
    return [(*name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _cards(headers: Iterable[RawHeader]) -> Mapping[tuple[str, str], Scalar]:
    return {
        (f"{raw.hdu} {raw.name}", keyword): scalar(value)
        for raw in headers
        for keyword, value in Header(raw.cards).items()
    }


def _opened(headers: Iterable[RawHeader]) -> Iterator[Header]:
    return (Header(raw.cards) for raw in headers)
