"""Backups: consistent beside a writer, incremental, and the one before stays whole."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from longwatch.archive import Archive, open_archive
from longwatch.errors import Refused, Unavailable
from longwatch.upkeep import backup as backup_module
from longwatch.upkeep.backup import backup
from longwatch.upkeep.manifest import read_manifest
from longwatch.upkeep.restore import restore
from toy_instrument import SERIES, TOY, ToyFile, write


def test_a_backup_counts_what_it_copied(archive: Archive, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    report = backup(archive.upkeep, tmp_path / "kept", progress=lambda done, of: told.append((done, of)))
    assert report.well
    assert report.objects == report.copied
    assert report.bytes > 0
    assert told[-1] == (report.objects, report.objects)
    assert read_manifest(tmp_path / "kept").commit == report.commit == archive.catalog.head()


def test_objects_are_copied_once(archive: Archive, tmp_path: Path) -> None:
    first = backup(archive.upkeep, tmp_path / "kept")
    archive.ingest(*write(tmp_path / "in", [ToyFile("c", 1, ((3, 0, 4.0),), 2, 2.0)]))
    second = backup(archive.upkeep, tmp_path / "kept")
    assert second.present == first.objects
    assert second.copied == second.objects - first.objects == 3
    assert len(list((tmp_path / "kept").glob("catalog-*"))) == 1


def test_a_backup_beside_a_writer_is_one_moment(archive: Archive, tmp_path: Path) -> None:
    stop = threading.Event()

    def write_on() -> None:
        number = 10
        with open_archive(archive.site, instruments=[TOY]) as writer:
            while not stop.is_set():
                number += 1
                writer.ingest(*write(tmp_path / "more", [ToyFile("c", number, ((number, 0, 1.0),), 1, 1.0)]))

    thread = threading.Thread(target=write_on)
    thread.start()
    reports = [backup(archive.upkeep, tmp_path / "kept") for _ in range(4)]
    stop.set()
    thread.join()
    assert all(report.well for report in reports)
    restored = restore(tmp_path / "kept", tmp_path / "again")
    assert restored.well
    with open_archive(tmp_path / "again", instruments=[TOY]) as again:
        assert again.catalog.head() == reports[-1].commit
        then = archive.at_commit(reports[-1].commit).series[SERIES].fetch()
        assert again.series[SERIES].fetch().as_array().tolist() == then.as_array().tolist()


def test_an_interrupted_backup_leaves_the_one_before(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = backup(archive.upkeep, tmp_path / "kept")
    archive.ingest(*write(tmp_path / "in", [ToyFile("c", 1, ((3, 0, 4.0),), 2, 2.0)]))

    def full(*_anything: object) -> None:
        raise Unavailable("disk full")

    monkeypatch.setattr(backup_module, "write_manifest", full)
    with pytest.raises(Unavailable):
        backup(archive.upkeep, tmp_path / "kept")
    restored = restore(tmp_path / "kept", tmp_path / "again")
    assert restored.well
    assert restored.commit == report.commit


def test_a_damaged_object_is_reported_and_the_rest_is_kept(archive: Archive, tmp_path: Path) -> None:
    path = next(path for path in (archive.site / "objects" / "objects").rglob("*") if path.is_file())
    path.chmod(0o644)
    path.write_bytes(b"?" + path.read_bytes()[1:])
    report = backup(archive.upkeep, tmp_path / "kept")
    assert [problem.state for problem in report.problems] == ["damaged"]
    assert report.copied == report.objects - 1


def test_linked_files_are_noted_or_kept(archive: Archive, linked: Path, tmp_path: Path) -> None:
    assert backup(archive.upkeep, tmp_path / "noted").included == 0
    assert str(linked) in read_manifest(tmp_path / "noted").linked
    assert backup(archive.upkeep, tmp_path / "kept", include_linked=True).included == 1
    content = linked.read_bytes()
    linked.unlink()
    assert restore(tmp_path / "noted", tmp_path / "one").proof.counts == {"vanished": 1}
    assert restore(tmp_path / "kept", tmp_path / "two").well
    with open_archive(tmp_path / "two", instruments=[TOY]) as again:
        assert again.products.data(kind="toy.file", key="l") == content


def test_a_folder_with_something_else_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="holds no backup"):
        backup(archive.upkeep, tmp_path)
