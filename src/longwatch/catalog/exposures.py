"""Exposures: when each observation began and ended, as its files tell.

Owns the table `exposures`. Must not know what an exposure measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.domain.product import Exposure
from longwatch.domain.timespan import Timespan


def add_exposures(change: Change, new: Iterable[tuple[int, Exposure]]) -> None:
    """Add exposures, given with the version that tells of them."""
    change.add(
        t.exposures,
        (
            {
                "instrument": e.instrument,
                "obs_id": e.obs_id,
                "version_id": version_id,
                "t_min_us": e.t_min_us,
                "t_max_us": e.t_max_us,
                "attributes": json.dumps(dict(e.attributes)),
            }
            for version_id, e in new
        ),
    )


def exposures_named(snapshot: Snapshot, instrument: str, obs_ids: Iterable[str]) -> dict[str, Exposure]:
    """Give exposures by name."""
    found: dict[str, Exposure] = {}
    for some in chunks(obs_ids):
        found |= _find(snapshot, instrument, t.exposures.c.obs_id.in_(some))
    return found


def exposures_between(snapshot: Snapshot, instrument: str, span: Timespan, *, longest_us: int) -> dict[str, Exposure]:
    """Give the exposures that may overlap a span, none longer than `longest_us` being expected."""
    exposures = t.exposures
    return _find(
        snapshot,
        instrument,
        and_(
            exposures.c.t_min_us < span.stop_us,
            exposures.c.t_min_us >= span.start_us - longest_us,
        ),
    )


def _find(snapshot: Snapshot, instrument: str, condition: ColumnElement[bool]) -> dict[str, Exposure]:
    """Of several files that tell of an exposure, the alphabetically first kind answers, whatever arrived first."""
    exposures, versions, tenures = t.exposures, t.versions, t.tenures
    seat = and_(tenures.c.version_id == exposures.c.version_id, snapshot.lives(tenures))
    query = (
        select(exposures)
        .select_from(exposures.join(tenures, seat).join(versions, versions.c.id == exposures.c.version_id))
        .where(exposures.c.instrument == instrument, condition)
        .order_by(versions.c.kind.desc(), versions.c.key.desc(), exposures.c.id)
    )
    return {
        row.obs_id: Exposure(
            instrument=row.instrument,
            obs_id=row.obs_id,
            t_min_us=row.t_min_us,
            t_max_us=row.t_max_us,
            attributes=json.loads(row.attributes),
        )
        for row in snapshot.connection.execute(query)
    }
