"""Epochs and their members, with the versions that brought them.

Owns the tables `epochs` and `members`. Must not know how a timeline is cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Row, Select, Table, and_, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.domain.epoch import Epoch, EpochMember


def add_epochs(change: Change, new: Iterable[tuple[int, Epoch]]) -> None:
    """Add epochs, given with the version that brings them."""
    change.add(
        t.epochs,
        (
            {
                "timeline": e.timeline,
                "number": e.number,
                "start_us": e.start_us,
                "stop_us": e.stop_us,
                "attributes": json.dumps(dict(e.attributes)),
                "version_id": version_id,
            }
            for version_id, e in new
        ),
    )


def add_members(change: Change, new: Iterable[tuple[int, EpochMember]]) -> None:
    """Add members of epochs, given with the version that brings them."""
    change.add(
        t.members,
        (
            {
                "timeline": m.timeline,
                "number": m.number,
                "member": m.member,
                "t_us": m.t_us,
                "attributes": json.dumps(dict(m.attributes)),
                "version_id": version_id,
            }
            for version_id, m in new
        ),
    )


def timelines(snapshot: Snapshot) -> list[str]:
    """Give the names of the timelines that have epochs."""
    query = select(t.epochs.c.timeline).distinct().order_by(t.epochs.c.timeline)
    return [str(name) for (name,) in snapshot.connection.execute(query)]


def epochs_of(snapshot: Snapshot, timeline: str) -> list[Epoch]:
    """Give the epochs of a timeline by number; of equal numbers the highest version that answers."""
    found = {row.number: _epoch(row) for row in snapshot.connection.execute(_query(snapshot, t.epochs, timeline))}
    return [found[number] for number in sorted(found)]


def members_of(snapshot: Snapshot, timeline: str, number: int | None = None) -> list[EpochMember]:
    """Give the members of one epoch (None: of all), in order of time and name."""
    query = _query(snapshot, t.members, timeline)
    if number is not None:
        query = query.where(t.members.c.number == number)
    found = {(row.number, row.member): _member(row) for row in snapshot.connection.execute(query)}
    return sorted(found.values(), key=lambda m: (m.number, m.t_us or 0, m.member))


def _query(snapshot: Snapshot, table: Table, timeline: str) -> Select[tuple[object, ...]]:
    versions, tenures = t.versions, t.tenures
    seat = and_(tenures.c.version_id == table.c.version_id, snapshot.lives(tenures))
    return (
        select(table, versions.c.version)
        .select_from(table.join(tenures, seat).join(versions, versions.c.id == table.c.version_id))
        .where(table.c.timeline == timeline, snapshot.lives(table))
        .order_by(versions.c.version, table.c.version_id, table.c.id)
    )


def _epoch(row: Row[tuple[object, ...]]) -> Epoch:
    return Epoch(
        timeline=row.timeline,
        number=row.number,
        start_us=row.start_us,
        stop_us=row.stop_us,
        attributes=json.loads(row.attributes),
    )


def _member(row: Row[tuple[object, ...]]) -> EpochMember:
    return EpochMember(
        timeline=row.timeline,
        number=row.number,
        member=row.member,
        t_us=row.t_us,
        attributes=json.loads(row.attributes),
    )
