"""The public face of products: find them, open them, compare their versions.

Owns `archive.products`. Must not know series, cubes or instruments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.find import Found, Question, find, kinds
from longwatch.catalog.headers import headers_of, indexed_keywords, keywords_of
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.versions import VersionInfo, identities_of_kind_key, versions_of
from longwatch.catalog.when import span_of
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Identity, RawHeader
from longwatch.domain.times import Instant, from_us, to_us
from longwatch.errors import BadQuery, Gone, NotFound
from longwatch.fits.content import inflate
from longwatch.fits.header import Header
from longwatch.objects.linked import FileState, read_linked
from longwatch.products.keywords import differences, meets, scan


class Products:
    """The products of an archive.

    Parameters
    ----------
    catalog, store
        Where they are known and kept.
    commit
        The commit to speak for; None: the newest at each call.
    now
        Gives the present, for relative times.
    """

    def __init__(
        self, catalog: Catalog, store: ObjectStore, *, commit: int | None = None, now: Callable[[], Time] = Time.now
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._commit = commit
        self._now = now

    @override
    def __repr__(self) -> str:
        """Say how many products there are, kind by kind."""
        with self._snapshot(None) as snapshot:
            found = kinds(snapshot)
        lines = [f"  {kind}: {count} products{_range(low, high)}" for _, kind, count, _, low, high in found]
        return "\n".join([f"<Products of {len(found)} kinds>", *lines])

    def find(
        self,
        *,
        kind: str = "",
        instrument: str = "",
        key: str = "",
        start: Instant | None = None,
        stop: Instant | None = None,
        versions: bool = False,
        newest_first: bool = False,
        limit: int | None = None,
        as_of: Instant | None = None,
        **keywords: Scalar | tuple[float | None, float | None],
    ) -> Table:
        """Give the products that meet every condition, one row each.

        Parameters
        ----------
        kind, instrument, key
            Exact values; empty: any. In `key`, `*` stands for any characters.
        start, stop
            Half-open span that the product's time range must overlap; an open side is None. Either may be an epoch
            (`"anneal:200"`); as `start` alone it is the whole epoch.
        versions
            True: every version that was not retracted; else only the one that answers.
        newest_first
            Order by start time, newest first; else by kind and key.
        limit
            At most so many rows.
        as_of
            The archive as it was then.
        **keywords
            Header keywords in lower case and the value they must have, or a closed range `(low, high)`.

        Returns
        -------
        Table
            instrument, kind, key, version, name, sha256 (of the file as stored), size [byte], t_min and t_max (UTC;
            masked where the product has no time), linked, path, and one column for each keyword asked for. The
            table's `meta["scanned"]` names keywords that are not indexed and were read from the raw headers.

        Raises
        ------
        BadQuery
            Raised if a time is malformed or reversed.
        """
        wanted = {name.upper(): value for name, value in keywords.items()}
        question = Question(
            kind=kind,
            instrument=instrument,
            key=key,
            versions=versions,
            newest_first=newest_first,
            limit=limit,
        )
        with self._snapshot(as_of) as snapshot:
            indexed = self._indexed(snapshot, kind)
            slow = sorted(set(wanted) - indexed)
            question = replace(question, keywords={k: v for k, v in wanted.items() if k in indexed})
            if start is not None or stop is not None:
                span = span_of(self._catalog, start, stop, now=self._now, commit=snapshot.commit)
                question = replace(question, span=span)
            found = _scanned(snapshot, question, {k: wanted[k] for k in slow}) if slow else find(snapshot, question)
            shown = keywords_of(snapshot, [f.version_id for f in found], list(wanted)) if wanted else {}
            for number, values in scan(snapshot, [f.version_id for f in found] if slow else [], slow):
                shown[number] = shown.get(number, {}) | values
        table = _table(found)
        for keyword in wanted:
            table[keyword.lower()] = _keyword_column([shown.get(f.version_id, {}).get(keyword) for f in found])
        table.meta = {"commit": snapshot.commit, "scanned": slow}
        return table

    def versions(self, kind: str, key: str, *, as_of: Instant | None = None) -> list[VersionInfo]:
        """Give every version of a product that was not retracted, the one that answers first."""
        with self._snapshot(as_of) as snapshot:
            return self._versions(snapshot, kind, key)

    def data(self, *, kind: str, key: str, version: str | None = None, as_of: Instant | None = None) -> bytes:
        """Give a product's file, byte for byte as it came.

        Parameters
        ----------
        kind, key
            The product; an empty kind is allowed where the key is unique.
        version
            Its version, or the first digits of its SHA-256; None: the one that answers.
        as_of
            The archive as it was then.

        Returns
        -------
        bytes
            The file, compressed if it came compressed.

        Raises
        ------
        NotFound
            Raised if there is no such product or version.
        Gone
            Raised if it is a linked file that is no longer there.
        """
        return self._bytes(self.version(kind=kind, key=key, version=version, as_of=as_of))

    def content(self, *, kind: str, key: str, version: str | None = None, as_of: Instant | None = None) -> bytes:
        """Give the uncompressed content of a product's file; parameters and errors as for `data`."""
        info = self.version(kind=kind, key=key, version=version, as_of=as_of)
        return inflate(self._bytes(info), name=info.name)

    def save(self, folder: Path, *, kind: str, key: str, version: str | None = None) -> Path:
        """Write a product's file into a folder under its own name; gives the path. Never overwrites."""
        info = self.version(kind=kind, key=key, version=version)
        path = folder / info.name
        if path.exists():
            raise BadQuery(f"{path} exists already and is not overwritten. Name another folder, or move it away.")
        path.write_bytes(self._bytes(info))
        return path

    def headers(
        self, *, kind: str, key: str, version: str | None = None, as_of: Instant | None = None
    ) -> tuple[RawHeader, ...]:
        """Give the whole headers of a product, HDU by HDU, as they stand in the file."""
        with self._snapshot(as_of) as snapshot:
            return headers_of(snapshot, self._version(snapshot, kind, key, version).id)

    def header(self, *, kind: str, key: str, hdu: int = 0, as_of: Instant | None = None) -> Header:
        """Give one header of a product as a mapping of keywords; the primary one by default."""
        found = self.headers(kind=kind, key=key, as_of=as_of)
        for raw in found:
            if raw.hdu == hdu:
                return Header(raw.cards)
        raise NotFound(f"{kind}/{key} has no HDU {hdu}; it has {', '.join(f'{r.hdu} {r.name}' for r in found)}.")

    def differences(self, *, kind: str, key: str, old: str, new: str | None = None) -> Table:
        """Give the header cards in which two versions differ: hdu, keyword, old, new (as text; masked: absent)."""
        before = self.headers(kind=kind, key=key, version=old)
        after = self.headers(kind=kind, key=key, version=new)
        found = differences(before, after)
        columns = [list(column) for column in zip(*found, strict=True)] if found else [[], [], [], []]
        table = Table({"hdu": Column(columns[0], dtype=str), "keyword": Column(columns[1], dtype=str)})
        table["old"], table["new"] = _text_column(columns[2]), _text_column(columns[3])
        return table

    def version(self, *, kind: str, key: str, version: str | None = None, as_of: Instant | None = None) -> VersionInfo:
        """Give what the catalogue knows of one version; None: the one that answers."""
        with self._snapshot(as_of) as snapshot:
            return self._version(snapshot, kind, key, version)

    def _bytes(self, info: VersionInfo) -> bytes:
        if info.oid is None:
            raise NotFound(f"{info.identity} has no file: its rows were appended. Read them from their series or cube.")
        if info.link is None:
            return self._store.get(info.oid)
        if info.path is None:
            raise Gone(f"{info.identity} was linked, but the catalogue does not know where. Ingest it again.")
        return read_linked(Path(info.path), FileState(**{k: int(str(v)) for k, v in info.link.items()}))

    def _version(self, snapshot: Snapshot, kind: str, key: str, version: str | None) -> VersionInfo:
        found = self._versions(snapshot, kind, key)
        if version is None:
            return found[0]
        named = [v for v in found if v.version == version or (v.oid or "").startswith(version)]
        if not named:
            there = ", ".join(f"{v.version or 'unnamed'} ({(v.oid or v.content)[:12]})" for v in found)
            raise NotFound(f"{kind}/{key} has no version {version!r}; it has {there}. Name one by version or SHA-256.")
        return named[0]

    def _versions(self, snapshot: Snapshot, kind: str, key: str) -> list[VersionInfo]:
        known = identities_of_kind_key(snapshot, kind, key)
        if len(known) > 1:
            raise BadQuery(f"{key!r} is a product of {len(known)} kinds: {', '.join(map(str, known))}. Name the kind.")
        found = versions_of(snapshot, known[0]) if known else []
        if not found:
            raise NotFound(self._nothing(snapshot, kind, key, known))
        return found

    @staticmethod
    def _nothing(snapshot: Snapshot, kind: str, key: str, known: list[Identity]) -> str:
        if known:
            return (
                f"{known[0]} was retracted, or came later than the moment asked for. See `longwatch find --versions`."
            )
        keys = [f.key for f in find(snapshot, Question(kind=kind, limit=2000))]
        near = get_close_matches(key, keys, n=3, cutoff=0.5)
        there = f"near it there are {', '.join(near)}" if near else f"{kind or 'the archive'} has {len(keys)} products"
        return f"No product {key!r} of kind {kind or 'any'!r}; {there}. List them with `longwatch find --kind {kind}`."

    @staticmethod
    def _indexed(snapshot: Snapshot, kind: str) -> set[str]:
        asked = [kind] if kind else [name for _, name, *_ in kinds(snapshot)]
        each = [set(indexed_keywords(snapshot, name)) for name in asked]
        return set.intersection(*each) if each else set()

    @contextmanager
    def _snapshot(self, as_of: Instant | None) -> Iterator[Snapshot]:
        commit = self._commit if as_of is None else self._catalog.commit_at(to_us(as_of, now=self._now()))
        with self._catalog.read(commit) as snapshot:
            yield snapshot


def _scanned(
    snapshot: Snapshot, question: Question, slow: dict[str, Scalar | tuple[float | None, float | None]]
) -> list[Found]:
    candidates = {f.version_id: f for f in find(snapshot, replace(question, limit=None))}
    found = [
        candidates[number]
        for number, values in scan(snapshot, candidates, list(slow))
        if all(keyword in values and meets(values[keyword], wanted) for keyword, wanted in slow.items())
    ]
    return found[: question.limit]


def _table(found: list[Found]) -> Table:
    table = Table()
    for name in ("instrument", "kind", "key", "version", "name"):
        table[name] = Column([getattr(f, name) for f in found], dtype=str)
    table["sha256"] = _text_column([f.oid for f in found])
    table["size"] = Column([f.size for f in found], unit="byte", dtype=np.int64)
    table["t_min"] = _times([f.t_min_us for f in found])
    table["t_max"] = _times([f.t_max_us for f in found])
    table["linked"] = Column([f.linked for f in found], dtype=bool)
    table["path"] = _text_column([f.path for f in found])
    return table


def _times(instants: list[int | None]) -> Time:
    times = from_us(np.array([us or 0 for us in instants], dtype=np.int64))
    missing = np.array([us is None for us in instants], dtype=bool)
    if missing.any():
        times[missing] = np.ma.masked
    times.format = "isot"
    return times


def _text_column(values: list[Scalar | None]) -> Column | MaskedColumn:
    texts = ["" if v is None else str(v) for v in values]
    missing = [v is None for v in values]
    return MaskedColumn(texts, mask=missing, dtype=str) if any(missing) else Column(texts, dtype=str)


def _keyword_column(values: list[Scalar]) -> Column | MaskedColumn:
    present = [v for v in values if v is not None]
    if present and all(isinstance(v, int | float) for v in present):
        filled = [np.nan if v is None else float(str(v)) for v in values]
        return MaskedColumn(filled, mask=[v is None for v in values])
    return _text_column(values)


def _range(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return ""
    return f", {from_us(low).isot[:19]} to {from_us(high).isot[:19]} UTC"
