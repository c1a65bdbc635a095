"""Verifying names every object and linked file that is not what it was, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from longwatch.archive import Archive
from longwatch.catalog import tables as t
from longwatch.upkeep.verify import verify


def stored(archive: Archive, number: int = 0) -> Path:
    """Where an object lies."""
    return sorted(path for path in (archive.site / "objects" / "objects").rglob("*") if path.is_file())[number]


def test_a_sound_archive_adds_up(archive: Archive, linked: Path) -> None:
    told: list[tuple[int, int]] = []
    report = verify(archive.catalog, archive.store, progress=lambda done, of: told.append((done, of)))
    assert report.well
    assert report.checked == report.sound == report.objects + report.linked
    assert (report.linked, report.counts) == (1, {})
    assert told[-1] == (report.checked, report.checked)


def test_a_damaged_object_is_named(archive: Archive) -> None:
    path = stored(archive)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (problem,) = verify(archive.catalog, archive.store).problems
    assert problem.state == "damaged"
    assert problem.name == path.parent.name + path.name
    assert "backup" in problem.next_step


def test_a_missing_object_is_named(archive: Archive) -> None:
    stored(archive).unlink()
    report = verify(archive.catalog, archive.store)
    assert report.counts == {"missing": 1}
    assert report.checked == report.sound + 1


def test_a_sample_reads_only_so_many(archive: Archive) -> None:
    report = verify(archive.catalog, archive.store, sample=2)
    assert (report.checked, report.sound) == (2, 2)
    assert report.objects > 2


def test_a_linked_file_that_changed_vanished_or_was_touched_is_named(archive: Archive, linked: Path) -> None:
    content = linked.read_bytes()
    linked.write_bytes(content[:-1] + b"?")
    assert [p.state for p in verify(archive.catalog, archive.store).problems] == ["changed"]
    linked.write_bytes(content)
    (touched,) = verify(archive.catalog, archive.store).problems
    assert (touched.state, touched.name) == ("touched", str(linked))
    assert f"longwatch ingest {linked}" in touched.next_step
    linked.unlink()
    assert [p.state for p in verify(archive.catalog, archive.store).problems] == ["vanished"]


@pytest.mark.parametrize("how", ["touched", "moved"])
def test_ingesting_again_makes_a_touched_or_moved_file_good(archive: Archive, linked: Path, how: str) -> None:
    content = linked.read_bytes()
    if how == "moved":
        linked = linked.rename(linked.with_name("elsewhere.fits"))
    else:
        linked.touch()
    assert not verify(archive.catalog, archive.store).well
    assert archive.ingest(linked, link=True).unchanged == 1
    assert verify(archive.catalog, archive.store).well
    assert archive.products.data(kind="toy.file", key="l") == content


def test_rows_that_segments_lack_are_named(archive: Archive) -> None:
    with archive.catalog.run("test") as run, archive.catalog.change(run) as change:
        change.connection.execute(update(t.segments).values(n_rows=t.segments.c.n_rows - 1))
    (problem,) = verify(archive.catalog, archive.store).problems
    assert (problem.state, problem.name) == ("short", "toy.rows")
