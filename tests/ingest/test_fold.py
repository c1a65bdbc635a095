"""Folding after a run: many small segments become few, and no answer changes."""

from __future__ import annotations

from pathlib import Path

from longwatch.archive import Archive
from longwatch.catalog.declared import declared_series
from longwatch.catalog.segments import segments_of
from longwatch.ingest.fold import fold_series
from longwatch.series.fold import DUE
from toy_instrument import SERIES, ToyFile, write


def _segments(archive: Archive) -> int:
    with archive.catalog.read() as snapshot:
        return len(segments_of(snapshot, declared_series(snapshot)[SERIES].id))


def test_ingest_folds_what_many_small_runs_left(archive: Archive, incoming: Path) -> None:
    for n in range(DUE + 1):
        write(incoming, [ToyFile(key=f"t{n}", version=1, rows=((n, 0, float(n)),), epoch=0, level=0)])
        archive.ingest(incoming)
    assert _segments(archive) == 1
    assert archive.series[SERIES].fetch()["value"].tolist() == [float(n) for n in range(DUE + 1)]


def test_nothing_is_written_where_nothing_is_due(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    archive.ingest(incoming)
    with archive.catalog.run("fold") as run:
        head = archive.catalog.head()
        assert fold_series(archive.catalog, archive.store, run) == 0
        assert archive.catalog.head() == head
