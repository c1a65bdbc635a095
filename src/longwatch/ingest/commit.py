"""Committing: one batch of outcomes becomes one commit.

Owns the order in which a batch enters the catalogue. Must not know how files are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from longwatch.catalog.audit import adopt
from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import Declared, declared_cubes, declared_series
from longwatch.catalog.epochs import add_epochs, add_members
from longwatch.catalog.snapshot import Change
from longwatch.catalog.sources import (
    QUARANTINED,
    STORED,
    UNKNOWN,
    Quarantined,
    SeenFile,
    add_quarantined,
    note_seen,
    release,
)
from longwatch.catalog.versions import VersionInfo, by_content, relink
from longwatch.contracts.objectstore import ObjectStore, Staged
from longwatch.cubes.write import record as record_slab
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Identity
from longwatch.domain.run import Run
from longwatch.domain.series import SeriesSpec
from longwatch.ingest.record import Failure, Outcome, Record
from longwatch.objects.linked import FileState, is_unchanged
from longwatch.products.arrival import add_arrivals
from longwatch.series.write import StagedRows
from longwatch.series.write import record as record_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What one batch brought.

    Parameters
    ----------
    commit
        Its number.
    stored
        Outcomes stored as new versions, with the version's id.
    unchanged
        Outcomes whose content was known.
    unknown
        Outcomes nobody claimed.
    quarantined
        Outcomes in quarantine.
    rows, planes
        Rows and planes that were added.
    """

    commit: int
    stored: Sequence[tuple[int, Outcome]] = ()
    unchanged: Sequence[Outcome] = ()
    unknown: Sequence[Outcome] = ()
    quarantined: Sequence[Outcome] = ()
    rows: int = 0
    planes: int = 0


@dataclass(slots=True)
class _Sorted:
    """A batch, sorted by what becomes of it."""

    new: list[tuple[Outcome, Record]] = field(default_factory=list)
    known: list[tuple[Outcome, VersionInfo | None]] = field(default_factory=list)
    unknown: list[Outcome] = field(default_factory=list)
    failed: list[tuple[Outcome, Failure]] = field(default_factory=list)


def commit_batch(catalog: Catalog, store: ObjectStore, run: Run, batch: Sequence[Outcome], *, stamp: str) -> Committed:
    """Store a batch: bytes made durable first, then one commit that names them all.

    Parameters
    ----------
    catalog, store
        The archive.
    run
        The run it belongs to.
    batch
        What became of each file.
    stamp
        Which plug-ins judged the files.

    Returns
    -------
    Committed
        What was added, and what was not and why.
    """
    store.settle(staged for outcome in batch for staged in _staged(outcome))
    with catalog.change(run) as change:
        parts = _sort(change, batch)
        ids = add_arrivals(change, [record.arrival for _, record in parts.new])
        numbered = [(number, record) for number, (_, record) in zip(ids, parts.new, strict=True)]
        rows = _add_rows(change, store, numbered)
        planes = _add_planes(change, numbered)
        add_epochs(change, ((n, epoch) for n, record in numbered for epoch in record.reading.epochs))
        add_members(change, ((n, member) for n, record in numbered for member in record.reading.members))
        stored = [(number, outcome) for number, (outcome, _) in zip(ids, parts.new, strict=True)]
        relink(change, _linked_again(parts))
        adopt(change, _copied_now(parts))
        _note(change, parts, stored, stamp)
        return Committed(
            commit=change.commit,
            stored=stored,
            unchanged=[outcome for outcome, _ in parts.known],
            unknown=parts.unknown,
            quarantined=[outcome for outcome, _ in parts.failed],
            rows=rows,
            planes=planes,
        )


def _staged(outcome: Outcome) -> Iterable[Staged]:
    record = outcome.record
    if record is not None:
        yield from [record.staged] if record.staged else []
        yield from (slab.object for _, slab in record.slabs)


def _sort(change: Change, batch: Sequence[Outcome]) -> _Sorted:
    """Part what is new from what is known; the same content twice in one batch is new once.

    Content without a file (appended, measured, derived) is known only where it answers: who gives an earlier content
    again wants it to answer again.
    """
    stored = by_content(change, [o.record.arrival.version.content for o in batch if o.record])
    known: dict[tuple[Identity, str], VersionInfo | None] = {
        name: info for name, info in stored.items() if info.current or info.oid is not None
    }
    parts = _Sorted()
    for outcome in batch:
        match outcome:
            case Outcome(failure=Failure() as failure):
                parts.failed.append((outcome, failure))
            case Outcome(record=Record(arrival=arrival) as record):
                name = arrival.version.identity, arrival.version.content
                if name in known:
                    parts.known.append((outcome, known[name]))
                else:
                    known[name] = None
                    parts.new.append((outcome, record))
            case _:
                parts.unknown.append(outcome)
    return parts


def _add_rows(change: Change, store: ObjectStore, numbered: Sequence[tuple[int, Record]]) -> int:
    by_series: dict[str, list[tuple[int, StagedRows]]] = defaultdict(list)
    for number, record in numbered:
        for rows in record.rows:
            by_series[rows.series].append((number, rows))
    known: Mapping[str, Declared[SeriesSpec]] = declared_series(change) if by_series else {}
    for name, batches in by_series.items():
        record_rows(change, store, known[name].id, known[name].spec, batches)
    return sum(rows.n_rows for batches in by_series.values() for _, rows in batches)


def _add_planes(change: Change, numbered: Sequence[tuple[int, Record]]) -> int:
    slabs = [(number, name, slab) for number, record in numbered for name, slab in record.slabs]
    known = declared_cubes(change) if slabs else {}
    for number, name, slab in slabs:
        record_slab(change, known[name].id, slab, number)
    return sum(len(slab.planes) for _, _, slab in slabs)


def _linked_again(parts: _Sorted) -> Iterable[tuple[int, str, Mapping[str, Scalar]]]:
    """Give where linked files that are known lie now, as far as they no longer lie where they did."""
    for outcome, info in parts.known:
        link = outcome.record.arrival.version.link if outcome.record else None
        if info is not None and info.link is not None and link is not None and not _lies(info):
            yield info.id, outcome.path, link


def _lies(info: VersionInfo) -> bool:
    """Tell whether a linked file is still where and as it was taken note of."""
    state = FileState(**{name: int(str(value)) for name, value in (info.link or {}).items()})
    return info.path is not None and is_unchanged(Path(info.path), state)


def _copied_now(parts: _Sorted) -> Iterable[int]:
    """Give the linked versions whose bytes were handed to the store this time."""
    for outcome, info in parts.known:
        staged = outcome.record.staged if outcome.record else None
        if info is not None and info.link is not None and staged is not None and staged.oid == info.oid:
            yield info.id


def _note(change: Change, parts: _Sorted, stored: Sequence[tuple[int, Outcome]], stamp: str) -> None:
    """Keep what is needed to pass over the same files next time, and the quarantine."""
    seen = [_seen(outcome, STORED, stamp, number) for number, outcome in stored]
    new = {_name(outcome): number for number, outcome in stored}
    seen += [_seen(o, STORED, stamp, info.id if info else new[_name(o)]) for o, info in parts.known]
    seen += [_seen(outcome, UNKNOWN, stamp) for outcome in parts.unknown]
    seen += [_seen(outcome, QUARANTINED, stamp) for outcome, _ in parts.failed]
    note_seen(change, [file for file in seen if file.path])
    release(change, [file.path for file in seen if file.outcome != QUARANTINED])
    add_quarantined(
        change,
        [
            Quarantined(
                id=0,
                path=outcome.path,
                kind=outcome.kind,
                slug=failure.slug,
                reason=failure.reason,
                traceback=failure.traceback,
                attempts=0,
                run_id=change.run.id,
            )
            for outcome, failure in parts.failed
        ],
    )


def _name(outcome: Outcome) -> tuple[Identity, str] | None:
    """Give what two outcomes with the same content of the same product have in common."""
    version = outcome.record.arrival.version if outcome.record else None
    return None if version is None else (version.identity, version.content)


def _seen(outcome: Outcome, how: str, stamp: str, version_id: int | None = None) -> SeenFile:
    return SeenFile(path=outcome.path, state=outcome.state, outcome=how, stamp=stamp, version_id=version_id)
