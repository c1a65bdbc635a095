"""Segments: which Parquet files hold the rows of a series, and which rows in them do not answer.

Owns segments, their exposures, `version_rows` and the reading of hidden rows. Must not know Parquet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, bindparam, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.domain.timespan import Timespan

RELATIVE = 0
"""Month of a segment whose rows count from the start of an exposure."""

_NAMES = select(t.versions.c.id, t.versions.c.name).where(t.versions.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentInfo:
    """One segment.

    Parameters
    ----------
    month
        YYYYMM (UTC) of all its rows; `RELATIVE` in a relative series.
    oid, size
        The stored object and its bytes.
    n_rows
        Rows in it, hidden ones too.
    span
        (first, last) instant of its rows [microseconds of TAI], rounded outwards; in a relative series counted from
        the start of the exposure.
    plain
        True where its rows are sorted by time and no key occurs twice.
    exposures
        Exposures its rows belong to, in a relative series.
    id
        Number in the catalogue; 0 before it is added.
    """

    month: int
    oid: str
    size: int
    n_rows: int
    span: tuple[int, int]
    plain: bool
    exposures: tuple[str, ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRows:
    """How many rows a version brought to a series, and over which span (None in a relative series)."""

    version_id: int
    n_rows: int
    span: tuple[int, int] | None


def add_segments(change: Change, series_id: int, new: Sequence[SegmentInfo]) -> None:
    """Add segments of a series."""
    ids = change.add(
        t.segments,
        (
            {
                "series_id": series_id,
                "month": s.month,
                "oid": s.oid,
                "size": s.size,
                "n_rows": s.n_rows,
                "t_min_us": s.span[0],
                "t_max_us": s.span[1],
                "plain": int(s.plain),
            }
            for s in new
        ),
    )
    pairs = [
        {"segment_id": number, "obs_id": obs_id} for number, s in zip(ids, new, strict=True) for obs_id in s.exposures
    ]
    change.add_plain(t.segment_exposures, pairs)


def retire_segments(change: Change, ids: Iterable[int]) -> None:
    """Retire segments whose rows stand in newer ones."""
    for some in chunks(ids):
        change.retire(t.segments, t.segments.c.id.in_(some))


def add_version_rows(change: Change, series_id: int, new: Iterable[VersionRows]) -> None:
    """Note which versions brought rows."""
    change.add_plain(
        t.version_rows,
        [
            {
                "version_id": n.version_id,
                "series_id": series_id,
                "n_rows": n.n_rows,
                "t_min_us": n.span[0] if n.span else None,
                "t_max_us": n.span[1] if n.span else None,
            }
            for n in new
        ],
    )


def segments_of(snapshot: Snapshot, series_id: int, span: Timespan | None = None) -> list[SegmentInfo]:
    """Give the segments of a series that may hold rows of a span, by time.

    Parameters
    ----------
    snapshot
        The snapshot.
    series_id
        The series.
    span
        Half-open span; None: all.

    Returns
    -------
    list of SegmentInfo
        Without their exposures.
    """
    segments = t.segments
    query = select(segments).where(segments.c.series_id == series_id, snapshot.lives(segments))
    if span is not None:
        query = query.where(segments.c.t_min_us < span.stop_us, segments.c.t_max_us >= span.start_us)
    query = query.order_by(segments.c.t_min_us, segments.c.id)
    return [_segment(row) for row in snapshot.connection.execute(query)]


def segments_with_exposures(snapshot: Snapshot, series_id: int, obs_ids: Iterable[str]) -> list[SegmentInfo]:
    """Give the segments of a relative series that hold rows of some exposures."""
    segments, pairs, found = t.segments, t.segment_exposures, {}
    for some in chunks(obs_ids):
        inside = select(pairs.c.segment_id).where(pairs.c.obs_id.in_(some))
        query = select(segments).where(
            segments.c.series_id == series_id, snapshot.lives(segments), segments.c.id.in_(inside)
        )
        found.update({row.id: _segment(row) for row in snapshot.connection.execute(query)})
    return [found[number] for number in sorted(found)]


def exposures_in(snapshot: Snapshot, segment_ids: Iterable[int]) -> set[str]:
    """Give the exposures that the rows of some segments belong to."""
    pairs = t.segment_exposures
    found: set[str] = set()
    for some in chunks(segment_ids):
        query = select(pairs.c.obs_id).distinct().where(pairs.c.segment_id.in_(some))
        found.update(str(obs_id) for (obs_id,) in snapshot.connection.execute(query))
    return found


def hidden_versions(snapshot: Snapshot, series_id: int, span: Timespan | None = None) -> list[int]:
    """Give the versions whose rows do not answer, as far as they may have rows in a span."""
    hidden = t.hidden_rows
    query = select(hidden.c.version_id).where(hidden.c.series_id == series_id, snapshot.lives(hidden))
    if span is not None:
        overlaps: ColumnElement[bool] = (hidden.c.t_min_us < span.stop_us) & (hidden.c.t_max_us >= span.start_us)
        query = query.where(overlaps | hidden.c.t_min_us.is_(None))
    return [int(number) for (number,) in snapshot.connection.execute(query.order_by(hidden.c.version_id))]


def hidden_spans(snapshot: Snapshot, series_id: int) -> list[tuple[int, int | None, int | None]]:
    """Give (version, first, last instant) of all versions whose rows do not answer; None in a relative series."""
    hidden = t.hidden_rows
    query = select(hidden.c.version_id, hidden.c.t_min_us, hidden.c.t_max_us)
    query = query.where(hidden.c.series_id == series_id, snapshot.lives(hidden)).order_by(hidden.c.version_id)
    return [(int(number), first, last) for number, first, last in snapshot.connection.execute(query)]


def version_ranks(snapshot: Snapshot, version_ids: Iterable[int]) -> Mapping[int, tuple[str, int]]:
    """Give what decides between equal keys, for each version: the greatest (version, id) wins."""
    versions, found = t.versions, {}
    for some in chunks(version_ids):
        query = select(versions.c.id, versions.c.version).where(versions.c.id.in_(some))
        found.update(
            {int(number): (str(version), int(number)) for number, version in snapshot.connection.execute(query)}
        )
    return found


def names_of_versions(snapshot: Snapshot, version_ids: Iterable[int]) -> dict[int, str]:
    """Give the name of the file each version came with, or of what was appended by hand."""
    found: dict[int, str] = {}
    for some in chunks(version_ids):
        rows = snapshot.connection.execute(_NAMES, {"ids": some})
        found.update({int(number): str(name) for number, name in rows})
    return found


def series_extent(snapshot: Snapshot, series_id: int) -> tuple[int, int, int, int] | None:
    """Give (segments, rows, first instant, last instant) of a series, hidden rows included; None where it is empty."""
    found = segments_of(snapshot, series_id)
    if not found:
        return None
    first, last = min(s.span[0] for s in found), max(s.span[1] for s in found)
    return len(found), sum(s.n_rows for s in found), first, last


def _segment(row: Row[tuple[object, ...]]) -> SegmentInfo:
    return SegmentInfo(
        id=row.id,
        month=row.month,
        oid=row.oid,
        size=row.size,
        n_rows=row.n_rows,
        span=(row.t_min_us, row.t_max_us),
        plain=bool(row.plain),
    )
