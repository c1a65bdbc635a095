"""The pool: in order, as if read one by one, and a dying worker costs one file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from longwatch.archive import Archive
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.fits.header import Header
from longwatch.ingest.pool import ReaderPool
from longwatch.ingest.reader import FileReader
from longwatch.ingest.record import FileStat
from longwatch.ingest.walk import state_of


def claim_all(_name: str, _head: bytes, _header: Header | None) -> float:
    return 1.0


def read_word(source: Source) -> Reading:
    if source.data.startswith(b"die"):
        time.sleep(len(source.data) - 3)
        os._exit(1)
    return Reading(key=source.name)


@pytest.fixture
def reader(archive: Archive) -> FileReader:
    kind = FileKind(name="toy.word", description="A word.", claim=claim_all, read=read_word)
    return FileReader(
        kinds=[("toy", kind)],
        cubes={},
        series={},
        store=archive.store,
        link=False,
        max_file_bytes=1000,
        inflate_limit=1000,
    )


def _files(folder: Path, count: int) -> list[tuple[str, FileStat]]:
    paths = [folder / f"{n:03}.txt" for n in range(count)]
    for path in paths:
        path.write_text(path.name)
    return [(str(path), state_of(path.stat())) for path in paths]


@pytest.mark.parametrize("count", [0, 3, 40])
def test_outcomes_come_in_the_order_of_the_files(reader: FileReader, incoming: Path, count: int) -> None:
    tasks = _files(incoming, count)
    with ReaderPool(reader, workers=2) as pool:
        outcomes = list(pool.read(tasks))
    assert [(o.path, o.state) for o in outcomes] == tasks
    assert all(o.record is not None for o in outcomes)


def test_a_file_that_kills_its_worker_is_named_and_the_rest_is_read(reader: FileReader, incoming: Path) -> None:
    tasks = _files(incoming, 17)
    Path(tasks[-1][0]).write_bytes(b"die")
    tasks[-1] = tasks[-1][0], state_of(Path(tasks[-1][0]).stat())
    with ReaderPool(reader, workers=2) as pool:
        outcomes = list(pool.read(tasks))
    failed = [o for o in outcomes if o.failure is not None]
    assert [o.path for o in failed] == [tasks[-1][0]]
    assert failed[0].failure is not None
    assert "died" in failed[0].failure.reason
    assert len(outcomes) == len(tasks)


def test_a_pool_left_early_ends_its_workers(reader: FileReader, incoming: Path) -> None:
    tasks = _files(incoming, 60)
    with ReaderPool(reader, workers=2) as pool:
        first = next(iter(pool.read(tasks)))
    assert first.path == tasks[0][0]


def test_a_worker_that_dies_while_the_writer_is_busy_costs_one_file(reader: FileReader, incoming: Path) -> None:
    tasks = _files(incoming, 60)
    Path(tasks[16][0]).write_bytes(b"die..")
    tasks[16] = tasks[16][0], state_of(Path(tasks[16][0]).stat())
    with ReaderPool(reader, workers=2) as pool:
        reading = pool.read(tasks)
        outcomes = [next(reading)]
        time.sleep(4.0)
        outcomes += reading
    assert [o.path for o in outcomes] == [path for path, _ in tasks]
    assert [o.path for o in outcomes if o.failure is not None] == [tasks[16][0]]
