"""Measurements, the windows they were made in, and figures.

Owns those three tables. Must not know how a number was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot, chunks
from longwatch.domain.metric import Measurement
from longwatch.domain.timespan import Timespan


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMeasurement:
    """A measurement with its unit and the run that made it."""

    id: int
    measurement: Measurement
    unit: str
    run_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRead:
    """A window a monitor has measured, and the commit it read."""

    span: Timespan
    commit_read: int
    code_version: str
    run_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """A span of inputs that moved.

    Parameters
    ----------
    span
        First and last instant [microseconds of TAI]; None for inputs without a time, which touch every window.
    commit
        The latest commit in which one of them began or ceased to answer.
    answers
        Whether one of them still answers.
    """

    span: tuple[int, int] | None
    commit: int
    answers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureInfo:
    """A rendered figure: object ids of its picture (PNG) and of its data (ECSV)."""

    monitor: str
    name: str
    title: str
    caption: str
    picture: str
    data: str
    run_id: int


def find_measurements(
    snapshot: Snapshot, *, metric: str = "", monitor: str = "", span: Timespan | None = None
) -> list[StoredMeasurement]:
    """Give measurements whose window begins in a span, in order of metric, window and subject."""
    table = t.measurements
    query = select(table).where(snapshot.lives(table))
    if metric:
        query = query.where(table.c.metric == metric)
    if monitor:
        query = query.where(table.c.monitor == monitor)
    if span is not None:
        query = query.where(table.c.start_us >= span.start_us, table.c.start_us < span.stop_us)
    query = query.order_by(table.c.metric, table.c.start_us, table.c.subject, table.c.id)
    return [_measurement(row) for row in snapshot.connection.execute(query)]


def add_measurements(change: Change, monitor: str, new: Iterable[tuple[Measurement, str]]) -> None:
    """Add measurements of a monitor, given with their unit."""
    change.add(
        t.measurements,
        (
            {
                "monitor": monitor,
                "metric": m.metric,
                "subject": m.subject,
                "start_us": m.window.start_us,
                "stop_us": m.window.stop_us,
                "value": m.value,
                "uncertainty": m.uncertainty,
                "unit": unit,
                "run_id": change.run.id,
            }
            for m, unit in new
        ),
    )


def retire_measurements(change: Change, ids: Iterable[int]) -> None:
    """Retire measurements that a re-run no longer gives."""
    for some in chunks(ids):
        change.retire(t.measurements, t.measurements.c.id.in_(some))


def windows_of(snapshot: Snapshot, monitor: str) -> dict[Timespan, WindowRead]:
    """Give the windows a monitor has measured."""
    table = t.windows
    query = select(table).where(table.c.monitor == monitor, snapshot.lives(table)).order_by(table.c.start_us)
    return {w.span: w for w in map(_window, snapshot.connection.execute(query))}


def note_window(change: Change, monitor: str, window: WindowRead) -> None:
    """Note that a window was measured from what a commit shows; an earlier note of it is retired."""
    table = t.windows
    change.retire(table, (table.c.monitor == monitor) & (table.c.start_us == window.span.start_us))
    change.add(
        table,
        [
            {
                "monitor": monitor,
                "start_us": window.span.start_us,
                "stop_us": window.span.stop_us,
                "commit_read": window.commit_read,
                "code_version": window.code_version,
                "run_id": change.run.id,
            }
        ],
    )


def touches(snapshot: Snapshot, inputs: Sequence[str], *, since: int) -> list[Touch]:
    """Give the input versions that began or ceased to answer after a commit, spans that moved together as one.

    Parameters
    ----------
    snapshot
        The snapshot.
    inputs
        Names of kinds, series and cubes.
    since
        The commit that was read; 0: from the beginning.
    """
    versions, tenures = t.versions, t.tenures
    ended = and_(tenures.c.c_to > since, tenures.c.c_to <= snapshot.commit)
    moved = or_(and_(tenures.c.c_from > since, tenures.c.c_from <= snapshot.commit), ended)
    latest = case((ended, tenures.c.c_to), else_=tenures.c.c_from)
    answers = case((ended, 0), else_=1)
    query = (
        select(versions.c.t_min_us, versions.c.t_max_us, func.max(latest), func.max(answers))
        .select_from(tenures.join(versions, versions.c.id == tenures.c.version_id))
        .where(moved, _is_input(inputs))
        .group_by(versions.c.t_min_us, versions.c.t_max_us)
    )
    return [
        Touch(span=None if low is None else (low, high), commit=int(commit), answers=bool(seated))
        for low, high, commit, seated in snapshot.connection.execute(query)
    ]


def input_versions(snapshot: Snapshot, inputs: Sequence[str], span: Timespan) -> dict[int, tuple[int, int] | None]:
    """Give the input versions that answer in a span, and those without a time: their own spans by version id."""
    versions = t.versions
    overlaps = and_(versions.c.t_min_us < span.stop_us, versions.c.t_max_us >= span.start_us)
    query = select(versions.c.id, versions.c.t_min_us, versions.c.t_max_us).where(
        snapshot.tenured(versions.c.id), _is_input(inputs), or_(overlaps, versions.c.t_min_us.is_(None))
    )
    rows = snapshot.connection.execute(query.order_by(versions.c.id))
    return {int(number): None if low is None else (low, high) for number, low, high in rows}


def newest_input(snapshot: Snapshot, inputs: Sequence[str]) -> int | None:
    """Give the last instant of the inputs that answer [microseconds of TAI]; None where none has a time."""
    versions = t.versions
    query = select(func.max(versions.c.t_max_us)).where(snapshot.tenured(versions.c.id), _is_input(inputs))
    return snapshot.connection.execute(query).scalar()


def _is_input(inputs: Sequence[str]) -> ColumnElement[bool]:
    versions, rows, slabs = t.versions, t.version_rows, t.slabs
    in_series = (
        select(rows.c.version_id)
        .join(t.series, t.series.c.id == rows.c.series_id)
        .where(rows.c.version_id == versions.c.id, t.series.c.name.in_(inputs))
    )
    in_cubes = (
        select(slabs.c.version_id)
        .join(t.cubes, t.cubes.c.id == slabs.c.cube_id)
        .where(slabs.c.version_id == versions.c.id, t.cubes.c.name.in_(inputs))
    )
    return or_(versions.c.kind.in_(inputs), in_series.exists(), in_cubes.exists())


def store_figures(change: Change, new: Sequence[FigureInfo]) -> None:
    """Keep figures of a monitor; earlier ones of the same name are retired."""
    table = t.figures
    for figure in new:
        change.retire(table, (table.c.monitor == figure.monitor) & (table.c.name == figure.name))
    change.add(
        table,
        (
            {
                "monitor": f.monitor,
                "name": f.name,
                "title": f.title,
                "caption": f.caption,
                "picture": f.picture,
                "data": f.data,
                "run_id": change.run.id,
            }
            for f in new
        ),
    )


def retire_figures(change: Change, monitor: str, names: Iterable[str]) -> None:
    """Retire figures that a monitor no longer gives."""
    table = t.figures
    for some in chunks(names):
        change.retire(table, (table.c.monitor == monitor) & table.c.name.in_(some))


def figures_of(snapshot: Snapshot, monitor: str = "") -> list[FigureInfo]:
    """Give the figures of a monitor (empty: of all), by name."""
    table = t.figures
    query = select(table).where(snapshot.lives(table)).order_by(table.c.monitor, table.c.name)
    if monitor:
        query = query.where(table.c.monitor == monitor)
    return [
        FigureInfo(
            monitor=row.monitor,
            name=row.name,
            title=row.title,
            caption=row.caption,
            picture=row.picture,
            data=row.data,
            run_id=row.run_id,
        )
        for row in snapshot.connection.execute(query)
    ]


def _measurement(row: Row[tuple[object, ...]]) -> StoredMeasurement:
    return StoredMeasurement(
        id=row.id,
        measurement=Measurement(
            metric=row.metric,
            subject=row.subject,
            window=Timespan(row.start_us, row.stop_us),
            value=row.value,
            uncertainty=row.uncertainty,
        ),
        unit=row.unit,
        run_id=row.run_id,
    )


def _window(row: Row[tuple[object, ...]]) -> WindowRead:
    return WindowRead(
        span=Timespan(row.start_us, row.stop_us),
        commit_read=row.commit_read,
        code_version=row.code_version,
        run_id=row.run_id,
    )
