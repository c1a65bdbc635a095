"""Arrivals: a file on its way into the catalogue.

Owns what a product needs to be added, and the adding. Must not know how the file was read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from longwatch.catalog.exposures import add_exposures
from longwatch.catalog.headers import add_headers, add_keywords, indexed_keywords, note_indexed
from longwatch.catalog.snapshot import Change
from longwatch.catalog.versions import NewVersion, add_versions
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Exposure
from longwatch.products.keywords import scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A new version with all the catalogue keeps of its file.

    Parameters
    ----------
    version
        Identity, hashes, size, place and span.
    headers
        (number of HDUs, packed raw headers), or None for a file without headers.
    keywords
        Values of the searchable keywords.
    sought
        The keywords that were looked for in the headers.
    exposures
        Exposures the file tells of.
    """

    version: NewVersion
    headers: tuple[int, bytes] | None = None
    keywords: Mapping[str, Scalar] = field(default_factory=dict)
    sought: frozenset[str] = frozenset()
    exposures: tuple[Exposure, ...] = ()


def add_arrivals(change: Change, arrivals: Sequence[Arrival]) -> list[int]:
    """Add versions with their headers, searchable keywords and exposures.

    Parameters
    ----------
    change
        The open change.
    arrivals
        In order of arrival.

    Returns
    -------
    list of int
        Version ids in the same order.
    """
    ids = add_versions(change, [a.version for a in arrivals])
    numbered = list(zip(ids, arrivals, strict=True))
    add_headers(change, {number: a.headers for number, a in numbered if a.headers is not None})
    by_kind: dict[str, list[tuple[int, int | None, Mapping[str, Scalar]]]] = defaultdict(list)
    for number, arrival in numbered:
        low = arrival.version.span[0] if arrival.version.span else None
        by_kind[arrival.version.identity.kind].append((number, low, arrival.keywords))
    for kind, values in by_kind.items():
        add_keywords(change, kind, values)
        add_keywords(change, kind, _late(change, kind, numbered))
        note_indexed(change, kind, sorted({keyword for _, _, found in values for keyword in found}))
    add_exposures(change, ((number, exposure) for number, a in numbered for exposure in a.exposures))
    return ids


def _late(
    change: Change, kind: str, numbered: Sequence[tuple[int, Arrival]]
) -> list[tuple[int, int | None, Mapping[str, Scalar]]]:
    """Give the values of keywords that became searchable after the files were read."""
    searchable = frozenset(indexed_keywords(change, kind))
    found: list[tuple[int, int | None, Mapping[str, Scalar]]] = []
    for number, arrival in numbered:
        missing = sorted(searchable - arrival.sought - arrival.keywords.keys())
        if missing and arrival.headers is not None and arrival.version.identity.kind == kind:
            low = arrival.version.span[0] if arrival.version.span else None
            found += [(number, low, values) for _, values in scan(change, [number], missing) if values]
    return found
