"""Slabs: where each image plane of a cube lies.

Owns the table `slabs`. Must not know how planes are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, distinct, exists, func, or_, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SlabInfo:
    """One plane: an image of one property, in one epoch, under one key.

    Parameters
    ----------
    epoch, plane_key, property
        What it is; `plane_key` is `longwatch.domain.cube.plane_key` text.
    oid, offset
        The object and the byte at which the plane begins.
    dtype
        numpy dtype of the stored bytes, big-endian: `>f4`.
    shape
        (n_row, n_col).
    row0, col0
        Native coordinates of the first pixel.
    null
        Value that means "missing" in an integer plane, or None.
    version_id
        The version that brought it.
    """

    epoch: int
    plane_key: str
    property: str
    oid: str
    offset: int
    dtype: str
    shape: tuple[int, int]
    row0: int
    col0: int
    null: float | None
    version_id: int


def add_slabs(change: Change, cube_id: int, new: Iterable[SlabInfo]) -> None:
    """Add planes to a cube."""
    change.add(
        t.slabs,
        (
            {
                "cube_id": cube_id,
                "epoch": s.epoch,
                "plane_key": s.plane_key,
                "property": s.property,
                "oid": s.oid,
                "byte_offset": s.offset,
                "dtype": s.dtype,
                "n_row": s.shape[0],
                "n_col": s.shape[1],
                "row0": s.row0,
                "col0": s.col0,
                "null_value": s.null,
                "version_id": s.version_id,
            }
            for s in new
        ),
    )


def slabs_of(snapshot: Snapshot, cube_id: int, *, epoch: int | None = None) -> list[SlabInfo]:
    """Give the planes of a cube that answer, in order of epoch, key and property.

    For an equal (epoch, key, property) the highest version among those that answer wins.

    Parameters
    ----------
    snapshot
        The snapshot.
    cube_id
        The cube.
    epoch
        Only this epoch; None: all.

    Returns
    -------
    list of SlabInfo
        One per plane.
    """
    slabs, versions, tenures = t.slabs, t.versions, t.tenures
    seat = and_(tenures.c.version_id == slabs.c.version_id, snapshot.lives(tenures))
    query = (
        select(slabs, versions.c.version)
        .select_from(slabs.join(tenures, seat).join(versions, versions.c.id == slabs.c.version_id))
        .where(slabs.c.cube_id == cube_id, snapshot.lives(slabs))
        .order_by(versions.c.version, slabs.c.version_id, slabs.c.id)
    )
    if epoch is not None:
        query = query.where(slabs.c.epoch == epoch)
    found = {
        (row.epoch, row.plane_key, row.property): SlabInfo(
            epoch=row.epoch,
            plane_key=row.plane_key,
            property=row.property,
            oid=row.oid,
            offset=row.byte_offset,
            dtype=row.dtype,
            shape=(row.n_row, row.n_col),
            row0=row.row0,
            col0=row.col0,
            null=row.null_value,
            version_id=row.version_id,
        )
        for row in snapshot.connection.execute(query)
    }
    return [found[name] for name in sorted(found)]


def cube_extent(snapshot: Snapshot, cube_id: int) -> tuple[int, int]:
    """Give (epochs, planes) of a cube, planes of superseded versions included."""
    slabs = t.slabs
    query = select(func.count(distinct(slabs.c.epoch)), func.count()).where(
        slabs.c.cube_id == cube_id, snapshot.lives(slabs)
    )
    epochs, planes = snapshot.connection.execute(query).one()
    return int(epochs), int(planes)


def cube_changed(snapshot: Snapshot, cube_id: int, timeline: str, *, since: int) -> bool:
    """Tell whether any plane of a cube, or any epoch of its timeline, began or ceased to answer after a commit."""
    tenures, slabs, epochs = t.tenures, t.slabs, t.epochs
    recent = or_(
        and_(tenures.c.c_from > since, tenures.c.c_from <= snapshot.commit),
        and_(tenures.c.c_to > since, tenures.c.c_to <= snapshot.commit),
    )
    in_cube = exists().where(slabs.c.version_id == tenures.c.version_id, slabs.c.cube_id == cube_id)
    in_timeline = exists().where(epochs.c.version_id == tenures.c.version_id, epochs.c.timeline == timeline)
    query = select(tenures.c.id).where(recent, or_(in_cube, in_timeline)).limit(1)
    return snapshot.connection.execute(query).first() is not None
