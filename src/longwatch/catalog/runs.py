"""Runs and commits: who changed what, when, and whether it ended.

Owns reading of the tables `runs` and `commits`. Must not know what runs do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Row, func, select, update

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.domain.epoch import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One run as the catalogue knows it.

    Parameters
    ----------
    state
        `running`, `done`, `interrupted`, `failed`, or `died` where its process is gone.
    started_us, stopped_us
        [microseconds of TAI]; stopped is None while it runs.
    reason
        Why it failed; empty for every other run.
    """

    id: int
    action: str
    who: str
    host: str
    pid: int
    state: str
    code_version: str
    started_us: int
    stopped_us: int | None
    parameters: Mapping[str, Scalar]
    reason: str = ""


def find_runs(
    snapshot: Snapshot,
    *,
    action: str = "",
    state: str = "",
    parameters: Mapping[str, Scalar] | None = None,
    limit: int = 100,
) -> list[RunInfo]:
    """Give runs with an action, a state and some parameters (empty: any), newest first."""
    runs = t.runs
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if action:
        query = query.where(runs.c.action == action)
    if state:
        query = query.where(runs.c.state == state)
    for pair in (parameters or {}).items():
        query = query.where(runs.c.parameters.contains(json.dumps(dict([pair]))[1:-1], autoescape=True))
    return [_run(row) for row in snapshot.connection.execute(query)]


def run_of(snapshot: Snapshot, run_id: int) -> RunInfo | None:
    """Give one run by its number."""
    row = snapshot.connection.execute(select(t.runs).where(t.runs.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def mark_died(change: Change, run_id: int) -> None:
    """Say of a run whose process is gone that it died."""
    change.connection.execute(update(t.runs).where(t.runs.c.id == run_id).values(state="died"))


def earliest_commit_us(snapshot: Snapshot) -> int | None:
    """Give the instant of the first commit [microseconds of TAI]; None in an empty archive."""
    return snapshot.connection.execute(select(func.min(t.commits.c.t_us))).scalar()


def commit_us(snapshot: Snapshot) -> int | None:
    """Give the instant of the snapshot's commit [microseconds of TAI]; None before the first."""
    query = select(t.commits.c.t_us).where(t.commits.c.n == snapshot.commit)
    return snapshot.connection.execute(query).scalar()


def _run(row: Row[tuple[object, ...]]) -> RunInfo:
    return RunInfo(
        id=row.id,
        action=row.action,
        who=row.who,
        host=row.host,
        pid=row.pid,
        state=row.state,
        code_version=row.code_version,
        started_us=row.started_us,
        stopped_us=row.stopped_us,
        parameters=json.loads(row.parameters),
        reason="" if row.outcome is None else str(json.loads(row.outcome).get("reason", "")),
    )
