"""Storing what monitors gave: only what differs is retired and added.

Owns the changes monitors make to the catalogue. Must not know how a number was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.measurements import (
    FigureInfo,
    StoredMeasurement,
    WindowRead,
    add_measurements,
    figures_of,
    find_measurements,
    note_window,
    retire_figures,
    retire_measurements,
    store_figures,
    windows_of,
)
from longwatch.catalog.snapshot import Change
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.metric import Measurement
from longwatch.domain.run import Run
from longwatch.monitors.results import Key, Result, is_same, key_of
from longwatch.plots.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What storing changed: windows measured, and measurements added, retired and kept as they were."""

    windows: int = 0
    added: int = 0
    retired: int = 0
    kept: int = 0

    def __add__(self, other: Counts) -> Counts:
        """Add up."""
        return Counts(
            windows=self.windows + other.windows,
            added=self.added + other.added,
            retired=self.retired + other.retired,
            kept=self.kept + other.kept,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where measurements come from.

    Parameters
    ----------
    monitor
        Name of the monitor.
    run
        The run that measured.
    commit
        The commit it read.
    code_version
        Version of the code that measured.
    """

    monitor: str
    run: Run
    commit: int
    code_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure, drawn: its PNG and its numbers."""

    figure: Figure
    png: bytes
    ecsv: bytes


def store_results(catalog: Catalog, source: Source, results: Sequence[Result]) -> Counts:
    """Store the measurements of some windows in one commit.

    A window that someone measured from a later commit meanwhile stays as it is.
    """
    counts = Counts()
    if not results:
        return counts
    with catalog.change(source.run) as change:
        read = windows_of(change, source.monitor)
        for result in results:
            before = read.get(result.window)
            if before is None or before.commit_read <= source.commit:
                counts += _store_window(change, source, result)
    return counts


def _store_window(change: Change, source: Source, result: Result) -> Counts:
    stored = find_measurements(change, monitor=source.monitor, span=result.window)
    kept = {key_of(old.measurement) for old in stored if _stays(old, result.measurements)}
    gone = [old.id for old in stored if key_of(old.measurement) not in kept]
    new = [pair for key, pair in result.measurements.items() if key not in kept]
    retire_measurements(change, gone)
    add_measurements(change, source.monitor, new)
    note = WindowRead(
        span=result.window, commit_read=source.commit, code_version=source.code_version, run_id=source.run.id
    )
    note_window(change, source.monitor, note)
    return Counts(windows=1, added=len(new), retired=len(gone), kept=len(kept))


def _stays(old: StoredMeasurement, new: Mapping[Key, tuple[Measurement, str]]) -> bool:
    now, unit = new.get(key_of(old.measurement), (None, ""))
    return now is not None and unit == old.unit and is_same(now, old.measurement)


def draw(figure: Figure) -> Picture:
    """Draw a figure and write down its numbers."""
    from longwatch.plots.render import render_png
    from longwatch.plots.table import figure_ecsv

    return Picture(figure=figure, png=render_png(figure), ecsv=figure_ecsv(figure).encode())


def store_pictures(catalog: Catalog, store: ObjectStore, source: Source, pictures: Iterable[Picture]) -> int:
    """Keep the pictures of a monitor in place of its earlier ones; gives how many are new or changed."""
    now = {p.figure.name: _info(store, source, p) for p in pictures}
    with catalog.read() as snapshot:
        before = {f.name: f for f in figures_of(snapshot, source.monitor)}
    new = [f for name, f in now.items() if name not in before or _told(before[name]) != _told(f)]
    gone = sorted(set(before) - set(now))
    if new or gone:
        with catalog.change(source.run) as change:
            store_figures(change, new)
            retire_figures(change, source.monitor, gone)
    return len(new)


def _info(store: ObjectStore, source: Source, picture: Picture) -> FigureInfo:
    figure = picture.figure
    return FigureInfo(
        monitor=source.monitor,
        name=figure.name,
        title=figure.title,
        caption=figure.caption,
        picture=store.put(picture.png),
        data=store.put(picture.ecsv),
        run_id=source.run.id,
    )


def _told(info: FigureInfo) -> tuple[str, ...]:
    return info.title, info.caption, info.picture, info.data
