"""Committing: one batch is one commit, and what is known is not stored twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.archive import Archive
from longwatch.catalog.sources import quarantined, seen_in
from longwatch.ingest.commit import Committed, commit_batch
from longwatch.ingest.declare import declare_all
from longwatch.ingest.record import Failure, Outcome
from longwatch.ingest.run import Intake
from longwatch.ingest.walk import state_of
from toy_instrument import CUBE, KIND, SERIES, TOY, ToyFile, write


@pytest.fixture
def intake(archive: Archive) -> Intake:
    intake = Intake(
        catalog=archive.catalog, store=archive.store, instruments=[TOY], config=archive.config, home=archive.site
    )
    with archive.catalog.run("declare") as run:
        declare_all(archive.catalog, run, [TOY])
    return intake


def _commit(intake: Intake, *paths: Path, link: bool = False) -> Committed:
    reader = intake.reader(link=link)
    batch = [reader.read(str(path), state_of(path.stat())) for path in paths]
    with intake.catalog.run("ingest") as run:
        return commit_batch(intake.catalog, intake.store, run, batch, stamp="s")


def test_a_batch_is_one_commit_with_rows_planes_and_epochs(
    archive: Archive, intake: Intake, incoming: Path, toys: list[ToyFile]
) -> None:
    done = _commit(intake, *write(incoming, toys))
    assert (len(done.stored), done.rows, done.planes) == (3, 6, 3)
    assert len(archive.series[SERIES].fetch()) == 6
    assert archive.cubes[CUBE].epochs()["epoch"].tolist() == [0, 1, 2]


def test_nothing_of_a_batch_is_seen_before_its_commit(
    archive: Archive, intake: Intake, incoming: Path, toys: list[ToyFile]
) -> None:
    done = _commit(intake, *write(incoming, toys))
    earlier = archive.at_commit(done.commit - 1)
    assert len(earlier.products.find()) == 0
    assert len(earlier.series[SERIES].fetch()) == 0


def test_the_same_content_is_stored_once(intake: Intake, incoming: Path, toys: list[ToyFile]) -> None:
    (path, *_) = write(incoming, toys)
    twin = incoming / "twin.fits"
    twin.write_bytes(path.read_bytes())
    done = _commit(intake, path, twin)
    assert (len(done.stored), len(done.unchanged)) == (1, 1)
    assert len(_commit(intake, twin).unchanged) == 1


def test_a_failure_is_quarantined_and_leaves_when_it_succeeds(
    archive: Archive, intake: Intake, incoming: Path, toys: list[ToyFile]
) -> None:
    path = write(incoming, toys)[0]
    failure = Failure(slug="bad-file", reason="cut", traceback="")
    outcome = Outcome(path=str(path), state=(0, 0, 0, 0), kind="toy.file", failure=failure)
    with intake.catalog.run("ingest") as run:
        commit_batch(intake.catalog, intake.store, run, [outcome], stamp="s")
    with archive.catalog.read() as snapshot:
        assert [(q.path, q.kind, q.reason) for q in quarantined(snapshot)] == [(str(path), "toy.file", "cut")]
    _commit(intake, path)
    with archive.catalog.read() as snapshot:
        assert quarantined(snapshot) == []
        assert list(seen_in(snapshot, str(incoming))) == [str(path)]


def test_a_linked_file_that_moved_is_found_at_its_new_place(
    archive: Archive, intake: Intake, incoming: Path, toys: list[ToyFile]
) -> None:
    path = write(incoming, toys)[0]
    _commit(intake, path, link=True)
    moved = path.rename(incoming / "moved.fits")
    _commit(intake, moved, link=True)
    assert archive.products.data(kind="toy.file", key="t0") == moved.read_bytes()


def test_a_linked_file_that_still_lies_there_is_not_sought_elsewhere(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    (path,) = write(incoming, toys[:1])
    (copy,) = write(incoming / "copy", toys[:1])
    archive.ingest(path, link=True)
    assert archive.ingest(copy, link=True).unchanged == 1
    copy.unlink()
    assert archive.products.data(kind=KIND, key="t0") == path.read_bytes()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_linked_file_that_is_copied_later_is_kept(
    archive: Archive, incoming: Path, toys: list[ToyFile], elsewhere: bool
) -> None:
    (path,) = write(incoming, toys[:1])
    data = path.read_bytes()
    archive.ingest(path, link=True)
    places = write(incoming / "copy", toys[:1]) if elsewhere else [path]
    assert archive.ingest(*places, link=False).unchanged == 1
    path.unlink()
    assert archive.products.data(kind=KIND, key="t0") == data
    assert archive.ingest(incoming).stored == 0
