"""Which objects the catalogue's rows name, for verifying and tidying.

Owns the union over all tables that name objects, and pruning. Must not know where objects lie.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Table, delete, func, select, true, union_all, update

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks

DERIVED = "summary"
"""Role of objects that can be made again from others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedObject:
    """An object that rows name.

    Parameters
    ----------
    oid
        Its SHA-256.
    role
        `file`, `segment`, `summary`, `slab` or `figure`.
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
    versions, segments, summaries, slabs, figures = t.versions, t.segments, t.summaries, t.slabs, t.figures
    stored = versions.c.oid.is_not(None) & versions.c.link.is_(None)
    owner = versions.c.kind + "/" + versions.c.key
    yield "file", select(versions.c.oid, owner, _flag(snapshot, versions)).where(stored)
    named = segments.join(t.series, t.series.c.id == segments.c.series_id)
    yield "segment", select(segments.c.oid, t.series.c.name, _flag(snapshot, segments)).select_from(named)
    derived = summaries.join(t.series, t.series.c.id == summaries.c.series_id)
    yield DERIVED, select(summaries.c.oid, t.series.c.name, true()).select_from(derived)
    held = slabs.join(t.cubes, t.cubes.c.id == slabs.c.cube_id)
    yield "slab", select(slabs.c.oid, t.cubes.c.name, _flag(snapshot, slabs)).select_from(held).distinct()
    yield "figure", select(figures.c.picture, figures.c.name, _flag(snapshot, figures))
    yield "figure", select(figures.c.data, figures.c.name, _flag(snapshot, figures))


def _flag(snapshot: Snapshot, table: Table) -> ColumnElement[bool]:
    return snapshot.lives(table).label("lives")


_OF_VERSIONS = (t.headers, t.keyword_values, t.version_rows, t.exposures)
_WITH_A_LIFE = (
    t.tenures,
    t.hidden_rows,
    t.segments,
    t.slabs,
    t.figures,
    t.measurements,
    t.windows,
    t.epochs,
    t.members,
    t.sources,
    t.quarantine,
)


def prune(change: Change, before: int) -> int:
    """Forget rows that were retired at or before a commit; no `as_of` before it can be answered any more.

    The newest version is kept whatever became of it: rows in segments name versions by number, and a number must never
    be given again. For the same reason hidden rows stay hidden.

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
    newest = change.connection.execute(select(func.max(t.versions.c.id))).scalar() or 0
    forgotten = (t.versions.c.c_to <= before) & (t.versions.c.id < newest)
    gone = select(t.versions.c.id).where(forgotten)
    old = select(t.segments.c.id).where(t.segments.c.c_to <= before)
    doomed: list[tuple[Table, ColumnElement[bool]]] = [(one, one.c.version_id.in_(gone)) for one in _OF_VERSIONS]
    doomed += [(t.segment_exposures, t.segment_exposures.c.segment_id.in_(old))]
    doomed += [(table, table.c.c_to <= before) for table in _WITH_A_LIFE]
    doomed += [(t.versions, forgotten)]
    count = sum(change.connection.execute(delete(table).where(which)).rowcount for table, which in doomed)
    change.connection.execute(update(t.commit_counter).values(earliest=before))
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


def short_series(snapshot: Snapshot) -> list[str]:
    """Give a sentence for each series whose segments hold fewer rows than its versions brought."""
    brought, segments = t.version_rows, t.segments
    wanted = select(brought.c.series_id, func.sum(brought.c.n_rows)).group_by(brought.c.series_id)
    held = (
        select(segments.c.series_id, func.sum(segments.c.n_rows))
        .where(segments.c.c_to.is_(None))
        .group_by(segments.c.series_id)
    )
    there = {number: int(rows) for number, rows in snapshot.connection.execute(held)}
    query = select(t.series.c.id, t.series.c.name)
    names = {number: str(name) for number, name in snapshot.connection.execute(query)}
    return [
        f"series {names[number]} was brought {int(rows):,} rows, but its segments hold {there.get(number, 0):,}"
        for number, rows in snapshot.connection.execute(wanted)
        if there.get(number, 0) < int(rows)
    ]


def damage(snapshot: Snapshot) -> list[str]:
    """Let the database check itself, as far as it can: SQLite does; an empty list is what is wanted."""
    if snapshot.connection.dialect.name != "sqlite":
        return []
    found = snapshot.connection.exec_driver_sql("PRAGMA quick_check(20)")
    return [str(said) for (said,) in found if said != "ok"]


def journal_mode(snapshot: Snapshot) -> str:
    """Give the journal mode of an SQLite catalogue, `wal` or `delete`; empty for any other database."""
    if snapshot.connection.dialect.name != "sqlite":
        return ""
    return str(snapshot.connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())


def adopt(change: Change, version_ids: Iterable[int]) -> None:
    """Take linked versions for stored ones, because the store now holds their bytes."""
    for some in chunks(version_ids):
        change.connection.execute(update(t.versions).where(t.versions.c.id.in_(some)).values(link=None))
