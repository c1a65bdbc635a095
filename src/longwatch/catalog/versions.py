"""Products and versions: who answers for a product, and since when.

Owns products, versions, tenures, hidden rows and objects. Must not know what a file holds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Row, Select, and_, select, update

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version as it is added.

    Parameters
    ----------
    identity
        The product.
    version
        Text whose order is version order.
    name
        File name.
    content
        SHA-256 of the uncompressed content.
    oid
        SHA-256 of the bytes as stored: the name of the object unless the file is linked; None for rows without a file.
    size
        Bytes as stored.
    path
        Where the file lay or lies.
    link
        State of a linked file, or None.
    span
        (t_min_us, t_max_us), or None where the data has no time.
    """

    identity: Identity
    version: str
    name: str
    content: str
    oid: str | None
    size: int
    path: str | None = None
    link: Mapping[str, Scalar] | None = None
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionInfo:
    """A version as the catalogue knows it.

    Parameters
    ----------
    id
        Number in the catalogue; grows with arrival.
    c_from, c_to
        Commits that added and retracted it (None: not retracted).
    current
        Whether it answers for its product at the snapshot's commit.
    """

    id: int
    product_id: int
    identity: Identity
    version: str
    name: str
    content: str
    oid: str | None
    size: int
    path: str | None
    link: Mapping[str, Scalar] | None
    span: tuple[int, int] | None
    run_id: int
    c_from: int
    c_to: int | None
    current: bool = field(default=False)


def duration_class(t_min_us: int, t_max_us: int) -> int:
    """Give `ceil(log2 seconds)` of a duration, 0 for a second or less."""
    seconds = -(-(t_max_us - t_min_us) // 1_000_000)
    return max(seconds - 1, 0).bit_length()


def add_versions(change: Change, new: Sequence[NewVersion]) -> list[int]:
    """Add versions and settle which version answers for each product.

    Parameters
    ----------
    change
        The open change.
    new
        The versions, in order of arrival.

    Returns
    -------
    list of int
        Their ids.
    """
    product_ids = _products(change, [n.identity for n in new])
    rows = [_row(n, product_ids[n.identity], change.run.id) for n in new]
    ids = change.add(t.versions, rows)
    _note_classes(change, rows)
    settle(change, set(product_ids.values()))
    return ids


def _row(new: NewVersion, product_id: int, run_id: int) -> dict[str, object]:
    low, high = new.span or (None, None)
    return {
        "product_id": product_id,
        "instrument": new.identity.instrument,
        "kind": new.identity.kind,
        "key": new.identity.key,
        "version": new.version,
        "name": new.name,
        "oid": new.oid,
        "content": new.content,
        "size": new.size,
        "path": new.path,
        "link": None if new.link is None else json.dumps(dict(new.link)),
        "t_min_us": low,
        "t_max_us": high,
        "duration_class": None if low is None or high is None else duration_class(int(low), int(high)),
        "run_id": run_id,
    }


def _products(change: Change, identities: Iterable[Identity]) -> dict[Identity, int]:
    wanted = dict.fromkeys(identities)
    known = product_ids(change, wanted)
    missing = [identity for identity in wanted if identity not in known]
    ids = change.add(t.products, ({"instrument": i.instrument, "kind": i.kind, "key": i.key} for i in missing))
    return known | dict(zip(missing, ids, strict=True))


def product_ids(snapshot: Snapshot, identities: Iterable[Identity]) -> dict[Identity, int]:
    """Give the ids of those products that are known."""
    products, found = t.products, {}
    by_kind: dict[tuple[str, str], list[str]] = defaultdict(list)
    for identity in identities:
        by_kind[identity.instrument, identity.kind].append(identity.key)
    for (instrument, kind), keys in by_kind.items():
        for some in chunks(keys):
            query = select(products.c.id, products.c.key).where(
                products.c.kind == kind, products.c.key.in_(some), products.c.instrument == instrument
            )
            for number, key in snapshot.connection.execute(query):
                found[Identity(instrument, kind, key)] = int(number)
    return found


def _note_classes(change: Change, rows: Iterable[Mapping[str, object]]) -> None:
    classes = t.duration_classes
    wanted = {(row["kind"], row["duration_class"]) for row in rows if row["duration_class"] is not None}
    known = {tuple(row) for row in change.connection.execute(select(classes.c.kind, classes.c.duration_class))}
    change.add_plain(classes, [{"kind": kind, "duration_class": number} for kind, number in sorted(wanted - known)])


def settle(change: Change, products: Iterable[int]) -> None:
    """Let the highest visible version of each product answer; among equals the later arrival does.

    Rows of versions that no longer answer are hidden, and those of a version that answers again are shown.
    """
    versions, tenures = t.versions, t.tenures
    for some in chunks(products):
        visible: dict[int, list[tuple[str, int]]] = defaultdict(list)
        query = select(versions.c.product_id, versions.c.version, versions.c.id).where(
            versions.c.product_id.in_(some), versions.c.c_to.is_(None)
        )
        for product, version, number in change.connection.execute(query):
            visible[product].append((version, number))
        winners = {max(candidates)[1] for candidates in visible.values()}
        current = change.connection.execute(
            select(tenures.c.version_id).where(tenures.c.product_id.in_(some), tenures.c.c_to.is_(None))
        )
        holders = {int(number) for (number,) in current}
        product_of = {number: product for product, found in visible.items() for _, number in found}
        _close(change, holders - winners)
        change.add(tenures, ({"version_id": n, "product_id": product_of[n]} for n in sorted(winners - holders)))
        _show(change, winners)
        _hide(change, (set(product_of) | holders) - winners)


def _close(change: Change, version_ids: Iterable[int]) -> None:
    for some in chunks(version_ids):
        change.retire(t.tenures, t.tenures.c.version_id.in_(some))


def _show(change: Change, version_ids: Iterable[int]) -> None:
    for some in chunks(version_ids):
        change.retire(t.hidden_rows, t.hidden_rows.c.version_id.in_(some))


def _hide(change: Change, version_ids: Iterable[int]) -> None:
    rows, hidden = t.version_rows, t.hidden_rows
    for some in chunks(version_ids):
        already = select(hidden.c.id).where(
            hidden.c.version_id == rows.c.version_id, hidden.c.series_id == rows.c.series_id, hidden.c.c_to.is_(None)
        )
        query = select(rows.c.series_id, rows.c.version_id, rows.c.t_min_us, rows.c.t_max_us).where(
            rows.c.version_id.in_(some), ~already.exists()
        )
        change.add(hidden, [dict(row) for row in change.connection.execute(query).mappings()])


def hide_unseated(change: Change, version_ids: Iterable[int]) -> None:
    """Hide the rows of those versions that do not answer; called when rows were added after their version."""
    for some in chunks(version_ids):
        seated = select(t.tenures.c.version_id).where(t.tenures.c.version_id.in_(some), t.tenures.c.c_to.is_(None))
        _hide(change, set(some) - {number for (number,) in change.connection.execute(seated)})


def retract(change: Change, version_ids: Iterable[int]) -> int:
    """Retract versions: they exist no longer from this commit on, and the next best version answers.

    Parameters
    ----------
    change
        The open change.
    version_ids
        The versions.

    Returns
    -------
    int
        How many were retracted now.
    """
    versions, count = t.versions, 0
    for some in chunks(version_ids):
        products = change.connection.execute(select(versions.c.product_id).where(versions.c.id.in_(some)))
        touched = {int(number) for (number,) in products}
        count += change.retire(versions, versions.c.id.in_(some))
        for table in (t.epochs, t.members, t.slabs):
            change.retire(table, table.c.version_id.in_(some))
        change.retire(t.sources, t.sources.c.version_id.in_(some))
        settle(change, touched)
    return count


def relink(change: Change, places: Iterable[tuple[int, str, Mapping[str, Scalar]]]) -> None:
    """Note where linked versions lie now and in which state: the same content under another path, or touched."""
    versions = t.versions
    for number, path, link in places:
        where = (versions.c.id == number) & versions.c.link.is_not(None)
        change.connection.execute(update(versions).where(where).values(path=path, link=json.dumps(dict(link))))


def by_content(snapshot: Snapshot, contents: Iterable[str]) -> dict[tuple[Identity, str], VersionInfo]:
    """Give the visible versions that hold some content, by identity and content hash; the one that answers first."""
    versions = t.versions
    found: dict[tuple[Identity, str], VersionInfo] = {}
    for some in chunks(contents):
        query = _select(snapshot).where(versions.c.content.in_(some), snapshot.lives(versions))
        for info in sorted((_info(row) for row in snapshot.connection.execute(query)), key=lambda v: (v.current, v.id)):
            found[info.identity, info.content] = info
    return found


def versions_of(snapshot: Snapshot, identity: Identity, *, retracted: bool = False) -> list[VersionInfo]:
    """Give the versions of a product, the one that answers first, then from new to old.

    Parameters
    ----------
    snapshot
        The snapshot.
    identity
        The product.
    retracted
        Also give versions retracted by the snapshot's commit.

    Returns
    -------
    list of VersionInfo
        Empty where the product is unknown.
    """
    versions = t.versions
    known = product_ids(snapshot, [identity])
    if identity not in known:
        return []
    lives = versions.c.c_from <= snapshot.commit if retracted else snapshot.lives(versions)
    query = _select(snapshot).where(versions.c.product_id == known[identity], lives)
    found = [_info(row) for row in snapshot.connection.execute(query)]
    return sorted(found, key=lambda v: (v.current, v.version, v.id), reverse=True)


def versions_by_id(snapshot: Snapshot, version_ids: Iterable[int]) -> dict[int, VersionInfo]:
    """Give versions by id, retracted ones too."""
    found = {}
    for some in chunks(version_ids):
        for row in snapshot.connection.execute(_select(snapshot).where(t.versions.c.id.in_(some))):
            found[int(row.id)] = _info(row)
    return found


def versions_of_run(snapshot: Snapshot, run_id: int) -> list[int]:
    """Give the ids of the visible versions a run brought."""
    versions = t.versions
    query = select(versions.c.id).where(versions.c.run_id == run_id, snapshot.lives(versions))
    return [int(number) for (number,) in snapshot.connection.execute(query)]


def identities_of_kind_key(snapshot: Snapshot, kind: str, key: str) -> list[Identity]:
    """Give the products with a key in a kind (empty kind: in any)."""
    products = t.products
    query = select(products.c.instrument, products.c.kind, products.c.key).where(products.c.key == key)
    if kind:
        query = query.where(products.c.kind == kind)
    return [Identity(*row) for row in snapshot.connection.execute(query)]


def all_linked(snapshot: Snapshot) -> list[VersionInfo]:
    """Give every visible version that is linked where it lies."""
    versions = t.versions
    query = _select(snapshot).where(versions.c.link.is_not(None), snapshot.lives(versions))
    return [_info(row) for row in snapshot.connection.execute(query)]


def _select(snapshot: Snapshot) -> Select[tuple[object, ...]]:
    versions, tenures = t.versions, t.tenures
    seat = versions.outerjoin(tenures, and_(tenures.c.version_id == versions.c.id, snapshot.lives(tenures)))
    return select(versions, tenures.c.id.label("tenure")).select_from(seat)


def _info(row: Row[tuple[object, ...]]) -> VersionInfo:
    span = None if row.t_min_us is None else (int(row.t_min_us), int(row.t_max_us))
    return VersionInfo(
        id=row.id,
        product_id=row.product_id,
        identity=Identity(row.instrument, row.kind, row.key),
        version=row.version,
        name=row.name,
        content=row.content,
        oid=row.oid,
        size=row.size,
        path=row.path,
        link=None if row.link is None else json.loads(row.link),
        span=span,
        run_id=row.run_id,
        c_from=row.c_from,
        c_to=row.c_to,
        current=row.tenure is not None,
    )
