"""An ingest from beginning to end: list, skip, read, commit in batches, fold.

Owns the run and its progress. Must not know formats, instruments or SQL.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declared_cubes, declared_series
from longwatch.catalog.headers import indexed_keywords
from longwatch.catalog.sources import QUARANTINED, STORED, UNKNOWN, Quarantined, SeenFile, quarantined, seen_in
from longwatch.catalog.versions import all_linked
from longwatch.config import Config
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.run import Run
from longwatch.errors import BadFile
from longwatch.ingest.commit import Committed, commit_batch
from longwatch.ingest.declare import declare_all
from longwatch.ingest.fold import fold_series
from longwatch.ingest.pool import ReaderPool, prepare
from longwatch.ingest.reader import FileReader
from longwatch.ingest.record import Failure, FileStat, Outcome
from longwatch.ingest.report import IngestReport, Refusal, Tally
from longwatch.ingest.walk import Folder, walk

Progress: TypeAlias = Callable[[int, int], None]
"""`progress(files settled, files found)`."""


def no_progress(_settled: int, _found: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All an ingest needs to know of its archive.

    Parameters
    ----------
    catalog, store
        The archive.
    instruments
        The loaded plug-ins.
    config
        Its settings.
    home
        The archive's own folder, which is never ingested; None where it has none.
    """

    catalog: Catalog
    store: ObjectStore
    instruments: Sequence[Instrument]
    config: Config
    home: Path | None

    @property
    def stamp(self) -> str:
        """Name the plug-ins that judge files; a file not stored is tried again when it changes."""
        words = [f"{i.name} {kind.name}" for i in self.instruments for kind in i.kinds]
        return sha256(f"{version('longwatch')} {words}".encode()).hexdigest()[:16]

    def reader(self, *, link: bool) -> FileReader:
        """Give what reads one file."""
        with self.catalog.read() as snapshot:
            cubes = {name: found.spec for name, found in declared_cubes(snapshot).items()}
            series = {name: found.spec for name, found in declared_series(snapshot).items()}
            indexed = {k.name: indexed_keywords(snapshot, k.name) for i in self.instruments for k in i.kinds}
        return FileReader(
            kinds=[(instrument.name, kind) for instrument in self.instruments for kind in instrument.kinds],
            cubes=cubes,
            series=series,
            store=self.store,
            link=link,
            max_file_bytes=self.config.max_file_bytes,
            inflate_limit=self.config.inflate_limit,
            indexed=indexed,
        )


def ingest(
    intake: Intake,
    places: Iterable[str | Path],
    *,
    link: bool | None = None,
    progress: Progress = no_progress,
    again: Iterable[str] = (),
) -> IngestReport:
    """Take files in.

    Parameters
    ----------
    intake
        The archive.
    places
        Files, folders and glob patterns.
    link
        True: leave files where they lie; False: copy them; None: as the configuration says.
    progress
        Told how far it is.
    again
        Paths to read even if they look as they did when they were refused.

    Returns
    -------
    IngestReport
        Its numbers add up.

    Raises
    ------
    NotFound
        Raised if a place does not exist.
    Unavailable
        Raised if the disk is full or the database away; what was committed before stays.
    """
    began = time.monotonic()
    places = list(places)
    tally = Tally()
    tasks: list[tuple[str, FileStat]] = []
    forced = set(again)
    with intake.catalog.read() as snapshot:
        if link is False:  # said, not configured: what was linked is copied now
            forced |= {str(version.path) for version in all_linked(snapshot)}
        for folder in walk(places, avoid=intake.home):
            known = seen_in(snapshot, folder.path)
            tasks += _sift(folder, {p: s for p, s in known.items() if p not in forced}, intake.stamp, tally)
        _recall(tally, {q.path: q for q in quarantined(snapshot)} if tally.refusals else {})
    if not tasks:
        return tally.report(0, time.monotonic() - began)
    kinds = [kind for instrument in intake.instruments for kind in instrument.kinds]
    prepare(kinds, n_files=len(tasks), workers=intake.config.worker_count)
    with intake.catalog.run("ingest", {"places": ", ".join(map(str, places))}) as run:
        declare_all(intake.catalog, run, intake.instruments)
        linked = intake.config.store == "link" if link is None else link
        with ReaderPool(intake.reader(link=linked), workers=intake.config.worker_count) as pool:
            found = tally.seen + len(tasks)
            for batch in _batches(pool.read(tasks), intake.config):
                for committed in _committed(intake, run, batch):
                    tally.count(committed)
                progress(tally.seen, found)
        fold_series(intake.catalog, intake.store, run)
    return tally.report(run.id, time.monotonic() - began)


def _committed(intake: Intake, run: Run, batch: Sequence[Outcome]) -> Iterator[Committed]:
    """Commit a batch; where the catalogue cannot hold it, the file at fault is found by halving and refused alone."""
    try:
        committed = commit_batch(intake.catalog, intake.store, run, batch, stamp=intake.stamp)
    except (ValueError, TypeError, OverflowError) as error:  # what a reader gave, and no database takes
        if len(batch) > 1:
            half = len(batch) // 2
            yield from _committed(intake, run, batch[:half])
            yield from _committed(intake, run, batch[half:])
            return
        if batch[0].record is None:
            raise
        refused = replace(batch[0], record=None, failure=_refusal(batch[0].path, error))
        committed = commit_batch(intake.catalog, intake.store, run, [refused], stamp=intake.stamp)
    yield committed


def _refusal(path: str, error: Exception) -> Failure:
    reason = f"{Path(path).name}: the catalogue cannot hold what was read from it ({error}). Correct it, then retry it."
    return Failure(slug=BadFile.slug, reason=reason, traceback="".join(traceback.format_exception(error)))


def _sift(folder: Folder, known: dict[str, SeenFile], stamp: str, tally: Tally) -> list[tuple[str, FileStat]]:
    """Give the files to read, and count those that look as they did."""
    tasks = []
    for path, state in folder.files.items():
        seen = known.get(path)
        if seen is None or seen.state != state or (seen.outcome != STORED and seen.stamp != stamp):
            tasks.append((path, state))
        elif seen.outcome == STORED:
            tally.unchanged += 1
        elif seen.outcome == UNKNOWN:
            tally.unknown_paths.append(path)
        elif seen.outcome == QUARANTINED:
            tally.refusals.append(Refusal(path=path, kind="", reason=""))
    return tasks


def _recall(tally: Tally, refused: Mapping[str, Quarantined]) -> None:
    """Say again which kind claimed the files that are still refused, and why they were."""
    known = [refused.get(r.path) for r in tally.refusals]
    tally.refusals = [
        replace(r, kind=q.kind, reason=q.reason) if q else replace(r, reason="see `longwatch quarantine list`")
        for r, q in zip(tally.refusals, known, strict=True)
    ]


def _batches(outcomes: Iterator[Outcome], config: Config) -> Iterator[list[Outcome]]:
    """Cut a stream of outcomes into batches by number and time."""
    batch: list[Outcome] = []
    began = time.monotonic()
    for outcome in outcomes:
        batch.append(outcome)
        if len(batch) >= config.batch_files or time.monotonic() - began > config.batch_seconds:
            yield batch
            batch, began = [], time.monotonic()
    if batch:
        yield batch
