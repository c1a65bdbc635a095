"""Which objects the catalogue's rows name, for verifying and tidying.

Owns the union over all tables that name objects, and pruning. Must not know where objects lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, delete, func, select, union_all

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """An object that rows name.

    Parameters
    ----------
    oid
        Its SHA-256.
    role
        `file`, `segment`, `slab` or `figure`.
    owner
        What it belongs to, for messages.
    current
        Whether a row that lives at the snapshot's commit names it.
    """

    oid: str
    role: str
    owner: str
    current: bool


def named_objects(snapshot: Snapshot) -> list[NamedObject]:
    """Give every stored object that any row names, retired rows too; linked files are not stored objects."""
    found: dict[str, NamedObject] = {}
    for role, query in _queries(snapshot):
        for oid, owner, lives in snapshot.connection.execute(query):
            before = found.get(oid)
            current = bool(lives) or (before is not None and before.current)
            found[oid] = NamedObject(oid=str(oid), role=role, owner=str(owner), current=current)
    return [found[oid] for oid in sorted(found)]


def _queries(snapshot: Snapshot) -> Iterable[tuple[str, Select[str, str, bool]]]:
    versions, segments, slabs, figures = t.versions, t.segments, t.slabs, t.figures
    stored = versions.c.oid.is_not(None) & versions.c.link.is_(None)
    owner = versions.c.kind + "/" + versions.c.key
    yield "file", select(versions.c.oid, owner, _flag(snapshot, versions)).where(stored)
    named = segments.join(t.series, t.series.c.id == segments.c.series_id)
    yield "segment", select(segments.c.oid, t.series.c.name, _flag(snapshot, segments)).select_from(named)
    held = slabs.join(t.cubes, t.cubes.c.id == slabs.c.cube_id)
    yield "slab", select(slabs.c.oid, t.cubes.c.name, _flag(snapshot, slabs)).select_from(held).distinct()
    yield "figure", select(figures.c.picture, figures.c.name, _flag(snapshot, figures))
    yield "figure", select(figures.c.data, figures.c.name, _flag(snapshot, figures))


def _flag(snapshot: Snapshot, table: Table) -> ColumnElement[bool]:
    return snapshot.lives(table).label("lives")


def prune(change: Change, before: int) -> int:
    """Forget rows that were retired at or before a commit; no `as_of` before it can be answered any more.

    Parameters
    ----------
    change
        The open change.
    before
        Newest commit whose retired rows go.

    Returns
    -------
    int
        How many rows were forgotten.
    """
    gone = select(t.versions.c.id).where(t.versions.c.c_to <= before)
    count = 0
    for table in (t.headers, t.keyword_values, t.version_rows):
        count += change.connection.execute(delete(table).where(table.c.version_id.in_(gone))).rowcount
    old = select(t.segments.c.id).where(t.segments.c.c_to <= before)
    pairs = t.segment_exposures
    count += change.connection.execute(delete(pairs).where(pairs.c.segment_id.in_(old))).rowcount
    for table in (t.segments, t.slabs, t.figures, t.measurements, t.windows, t.epochs, t.members):
        count += change.connection.execute(delete(table).where(table.c.c_to <= before)).rowcount
    exposures = t.exposures
    count += change.connection.execute(delete(exposures).where(exposures.c.version_id.in_(gone))).rowcount
    for table in (t.versions, t.sources, t.quarantine):
        count += change.connection.execute(delete(table).where(table.c.c_to <= before)).rowcount
    return count


def dangling(snapshot: Snapshot) -> list[str]:
    """Give a sentence for each broken promise between tables; an empty list is what is wanted."""
    versions, tenures, products = t.versions, t.tenures, t.products
    seats = (
        select(tenures.c.product_id, func.count().label("n"))
        .where(tenures.c.c_to.is_(None))
        .group_by(tenures.c.product_id)
    ).subquery()
    said = [
        f"product {number} has {n} versions that answer at once"
        for number, n in snapshot.connection.execute(select(seats).where(seats.c.n > 1))
    ]
    visible = select(versions.c.product_id).where(versions.c.c_to.is_(None))
    seated = select(tenures.c.product_id).where(tenures.c.c_to.is_(None))
    empty = select(products.c.id).where(products.c.id.in_(visible), products.c.id.not_in(seated))
    said += [f"product {n} has versions but none answers" for (n,) in snapshot.connection.execute(empty)]
    orphans = [
        select(table.c.version_id).where(table.c.version_id.not_in(select(versions.c.id))).distinct()
        for table in (t.headers, t.version_rows, t.slabs, t.exposures, t.tenures)
    ]
    found = snapshot.connection.execute(union_all(*orphans))
    return said + [f"rows name version {n}, which is not there" for (n,) in found]
