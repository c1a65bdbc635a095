"""The report's content: what stands on the page, gathered at one commit.

Owns which facts are told. Must not know how they look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longwatch.catalog.find import kinds
from longwatch.catalog.measurements import FigureInfo, figures_of
from longwatch.catalog.runs import RunInfo, find_runs
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.sources import Quarantined, quarantined, unknown_files
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import NotFound
from longwatch.monitors.status import Status

LAST_RUNS = 12
"""Runs shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What the archive holds of one kind.

    Parameters
    ----------
    size
        Bytes as stored.
    first_us, last_us
        Range of its data [microseconds of TAI]; None where it has no time.
    """

    kind: str
    count: int
    size: int
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A figure and its picture; None: its object is missing."""

    info: FigureInfo
    png: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that stands on a report.

    Parameters
    ----------
    title
        Heading.
    now_us
        When it was written [microseconds of TAI].
    commit
        The commit it shows.
    statuses
        Where each monitor stands.
    figures
        Their figures.
    holdings
        What came in, by kind.
    runs
        The newest runs, newest first.
    quarantine
        Files that were refused.
    unknown
        Files no kind claimed.
    broken
        Plug-ins that could not be loaded, a sentence each.
    """

    title: str
    now_us: int
    commit: int
    statuses: tuple[Status, ...]
    figures: tuple[Shown, ...]
    holdings: tuple[Holding, ...]
    runs: tuple[RunInfo, ...]
    quarantine: tuple[Quarantined, ...]
    unknown: int
    broken: tuple[str, ...]


def gather(
    snapshot: Snapshot,
    store: ObjectStore,
    statuses: Sequence[Status],
    *,
    title: str,
    now_us: int,
    broken: Sequence[str] = (),
) -> Page:
    """Gather what stands on a report; parameters and result as described in `Page`."""
    return Page(
        title=title,
        now_us=now_us,
        commit=snapshot.commit,
        statuses=tuple(statuses),
        figures=tuple(Shown(info=info, png=_picture(store, info.picture)) for info in figures_of(snapshot)),
        holdings=tuple(
            Holding(kind=kind, count=count, size=size, first_us=first, last_us=last)
            for _, kind, count, size, first, last in kinds(snapshot)
        ),
        runs=tuple(find_runs(snapshot, limit=LAST_RUNS)),
        quarantine=tuple(quarantined(snapshot)),
        unknown=len(unknown_files(snapshot)),
        broken=tuple(broken),
    )


def _picture(store: ObjectStore, oid: str) -> bytes | None:
    try:
        return store.get(oid)
    except NotFound:
        return None
