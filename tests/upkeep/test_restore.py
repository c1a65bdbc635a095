"""Restoring: into an empty place only, and the archive proves itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive_state import answers, check_sound
from longwatch.archive import Archive, create_archive, open_archive
from longwatch.errors import BadFile, NotFound, Refused
from longwatch.upkeep.backup import backup
from longwatch.upkeep.restore import restore
from servers import Server
from toy_instrument import TOY, ToyFile, write


@pytest.fixture
def kept(archive: Archive, tmp_path: Path) -> Path:
    (archive.site / "longwatch.toml").write_text("workers = 1\n")
    backup(archive.upkeep, tmp_path / "kept")
    return tmp_path / "kept"


def test_the_restored_archive_answers_as_the_old_one(archive: Archive, kept: Path, tmp_path: Path) -> None:
    report = restore(kept, tmp_path / "again")
    assert report.well
    assert report.objects == report.proof.checked
    with open_archive(tmp_path / "again", instruments=[TOY]) as again:
        assert again.config.workers == 1
        assert answers(again) == answers(archive)
        for commit in range(1, archive.catalog.head() + 1):
            assert answers(again.at_commit(commit)) == answers(archive.at_commit(commit))
        check_sound(again)


def test_a_place_that_is_not_empty_is_refused(archive: Archive, kept: Path) -> None:
    with pytest.raises(Refused, match="not empty"):
        restore(kept, archive.site)


def test_settings_that_point_to_the_old_archive_stay_behind(archive: Archive, tmp_path: Path) -> None:
    (archive.site / "longwatch.toml").write_text(f'objects = "{archive.site}/objects"\n')
    backup(archive.upkeep, tmp_path / "kept")
    restore(tmp_path / "kept", tmp_path / "again")
    assert (tmp_path / "again" / "objects").is_dir()
    assert "objects =" not in (tmp_path / "again" / "longwatch.toml").read_text()


def test_what_is_no_backup_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="is no backup"):
        restore(tmp_path, tmp_path / "again")


def test_a_damaged_backup_is_refused(kept: Path, tmp_path: Path) -> None:
    database = next(kept.glob("catalog-*"))
    database.write_bytes(database.read_bytes()[:-1] + b"?")
    with pytest.raises(BadFile, match="hash differs"):
        restore(kept, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_backup_that_lost_an_object_says_so(kept: Path, tmp_path: Path) -> None:
    next(path for path in (kept / "objects" / "objects").rglob("*") if path.is_file()).unlink()
    assert restore(kept, tmp_path / "again").proof.counts == {"missing": 1}


@pytest.mark.contract
@pytest.mark.parametrize("server", ["postgres_server", "mariadb_server"])
def test_a_server_is_backed_up_and_restored(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    databases: Server = request.getfixturevalue(server)
    (_, here), (_, there) = databases.new_database(), databases.new_database()
    for name, url in {"site": here, "again": there, "third": here}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "longwatch.toml").write_text(f'database = "{url}"\n')
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        archive.ingest(*write(tmp_path / "in", [ToyFile("a", 1, ((0, 0, 1.0), (1, 0, 2.0)), 1, 5.0)]))
        assert backup(archive.upkeep, tmp_path / "kept").well
        assert restore(tmp_path / "kept", tmp_path / "again").well
        with open_archive(tmp_path / "again", instruments=[TOY]) as again:
            assert answers(again) == answers(archive)
            check_sound(again)
        with pytest.raises(Refused, match="already holds"):
            restore(tmp_path / "kept", tmp_path / "third")
