"""Files on disk: which ingest has seen, in which state, and which are in quarantine.

Owns the tables `sources` and `quarantine`. Must not know how files are read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import Row, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.catalog.storable import plain_text

REASON = 16_000
"""Longest reason that is kept [characters]: MariaDB takes 65,535 bytes."""

STORED, UNKNOWN, QUARANTINED = "stored", "unknown", "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """A file as ingest saw it.

    Parameters
    ----------
    path
        Absolute path.
    state
        (size, mtime_ns, ctime_ns, inode).
    outcome
        `stored`, `unknown` or `quarantined`.
    stamp
        Which plug-ins judged it; a file not stored is tried again when they change.
    version_id
        The version it became, or None.
    """

    path: str
    state: tuple[int, int, int, int]
    outcome: str
    stamp: str
    version_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A file that could not be stored, and why."""

    id: int
    path: str
    kind: str
    slug: str
    reason: str
    traceback: str
    attempts: int
    run_id: int


def text_key(text: str) -> str:
    """Give a short name for a path of any length."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def seen_in(snapshot: Snapshot, folder: str) -> dict[str, SeenFile]:
    """Give the files seen in one folder (not below it), by path."""
    sources = t.sources
    query = select(sources).where(sources.c.folder == text_key(folder), sources.c.c_to.is_(None))
    return {row.path: _seen(row) for row in snapshot.connection.execute(query)}


def note_seen(change: Change, files: Sequence[SeenFile]) -> None:
    """Note files as they are now; what was noted of the same paths before is retired."""
    sources = t.sources
    for some in chunks([text_key(f.path) for f in files]):
        change.retire(sources, sources.c.path_key.in_(some))
    change.add(
        sources,
        (
            {
                "folder": text_key(str(PurePath(f.path).parent)),
                "path_key": text_key(f.path),
                "path": f.path,
                "size": f.state[0],
                "mtime_ns": f.state[1],
                "ctime_ns": f.state[2],
                "inode": f.state[3],
                "state": f.outcome,
                "stamp": f.stamp,
                "version_id": f.version_id,
            }
            for f in files
        ),
    )


def add_quarantined(change: Change, new: Sequence[Quarantined]) -> None:
    """Put files into quarantine; an earlier entry of the same path is retired and its attempts counted."""
    table = t.quarantine
    keys = [text_key(q.path) for q in new]
    before: dict[str, int] = {}
    for some in chunks(keys):
        query = select(table.c.path_key, table.c.attempts).where(table.c.path_key.in_(some), table.c.c_to.is_(None))
        before.update({str(key): int(attempts) for key, attempts in change.connection.execute(query)})
    release(change, [q.path for q in new])
    change.add(
        table,
        (
            {
                "path_key": key,
                "path": q.path,
                "kind": q.kind,
                "slug": q.slug,
                "reason": plain_text(q.reason)[:REASON],
                "traceback": plain_text(q.traceback),
                "attempts": before.get(key, 0) + 1,
                "run_id": change.run.id,
            }
            for key, q in zip(keys, new, strict=True)
        ),
    )


def release(change: Change, paths: Iterable[str]) -> int:
    """Take files out of quarantine; gives how many were in it."""
    table, count = t.quarantine, 0
    for some in chunks([text_key(path) for path in paths]):
        count += change.retire(table, table.c.path_key.in_(some))
    return count


def forget(change: Change, paths: Iterable[str]) -> None:
    """Forget that files were seen, so that the next ingest reads them again."""
    for some in chunks([text_key(path) for path in paths]):
        change.retire(t.sources, t.sources.c.path_key.in_(some))


def quarantined(snapshot: Snapshot) -> list[Quarantined]:
    """Give what is in quarantine at the snapshot's commit, oldest first."""
    table = t.quarantine
    query = select(table).where(snapshot.lives(table)).order_by(table.c.id)
    return [
        Quarantined(
            id=row.id,
            path=row.path,
            kind=row.kind,
            slug=row.slug,
            reason=row.reason,
            traceback=row.traceback,
            attempts=row.attempts,
            run_id=row.run_id,
        )
        for row in snapshot.connection.execute(query)
    ]


def unknown_files(snapshot: Snapshot, limit: int = 1000) -> list[str]:
    """Give paths of files no kind claimed."""
    sources = t.sources
    query = select(sources.c.path).where(sources.c.state == UNKNOWN, snapshot.lives(sources)).limit(limit)
    return [str(path) for (path,) in snapshot.connection.execute(query)]


def _seen(row: Row[tuple[object, ...]]) -> SeenFile:
    return SeenFile(
        path=row.path,
        state=(row.size, row.mtime_ns, row.ctime_ns, row.inode),
        outcome=row.state,
        stamp=row.stamp,
        version_id=row.version_id,
    )
