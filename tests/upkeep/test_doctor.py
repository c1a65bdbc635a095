"""The doctor names what is amiss, how bad it is and what to do, and changes nothing."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from longwatch.archive import Archive, open_archive
from longwatch.catalog import tables as t
from longwatch.errors import PluginError
from longwatch.upkeep import doctor
from longwatch.upkeep.doctor import Severity, examine, is_well
from toy_instrument import TOY


def change(archive: Archive, statement) -> None:
    with archive.catalog.run("test") as run, archive.catalog.change(run) as open_change:
        open_change.connection.execute(statement)


def said(archive: Archive) -> list[tuple[Severity, str]]:
    return [(finding.severity, finding.what) for finding in examine(archive.upkeep)]


def test_a_sound_archive_has_no_findings(archive: Archive) -> None:
    assert examine(archive.upkeep) == []
    assert is_well([])


def test_a_missing_object_is_an_error(archive: Archive) -> None:
    next(path for path in (archive.site / "objects" / "objects").rglob("*") if path.is_file()).unlink()
    (finding,) = examine(archive.upkeep)
    assert finding.severity is Severity.ERROR
    assert "Restore from a backup" in finding.next_step
    assert not is_well([finding])


def test_what_a_crash_leaves_is_information(archive: Archive) -> None:
    archive.store.put(b"named by nobody")
    ((severity, what),) = said(archive)
    assert severity is Severity.INFO
    assert "1 objects (15 bytes) are named by no row" in what


def test_tables_that_contradict_each_other_are_an_error(archive: Archive) -> None:
    change(archive, update(t.tenures).values(version_id=99))
    assert all(severity is Severity.ERROR and "contradicts itself" in what for severity, what in said(archive))


def test_a_dead_run_is_told_from_one_at_work(archive: Archive) -> None:
    change(archive, update(t.runs).where(t.runs.c.id == 1).values(state="running", pid=2**22 + 1))
    with archive.catalog.run("long work"):
        found = examine(archive.upkeep)
    assert [finding.fixable for finding in found] == [True, False]
    assert "Run 1 (ingest" in found[0].what
    assert "long work" in found[1].what
    assert is_well(found)


def test_a_broken_plug_in_is_a_warning(archive: Archive) -> None:
    site = replace(archive.upkeep, broken=(PluginError("muse", "cannot be imported."),))
    (finding,) = examine(site)
    assert finding.severity is Severity.WARNING
    assert "muse" in finding.what


def test_quarantined_files_are_counted(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "bad.fits").write_bytes(b"SIMPLE  =")
    archive.ingest(tmp_path / "bad.fits")
    assert said(archive) == [(Severity.INFO, "1 files are in quarantine.")]


def test_another_schema_is_an_error_and_nothing_else_is_asked(archive: Archive) -> None:
    with archive.catalog.run("test") as run, archive.catalog.change(run) as open_change:
        open_change.connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    ((severity, what),) = said(archive)
    assert severity is Severity.ERROR
    assert "schema 0000" in what


def test_an_archive_open_for_reading_says_so(archive: Archive) -> None:
    with open_archive(archive.site, read_only=True, instruments=[TOY]) as reader:
        assert said(reader) == [(Severity.INFO, "The archive is open for reading only.")]


def test_a_full_disk_and_a_network_journal_are_warnings(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=1))
    monkeypatch.setattr(doctor, "file_system", lambda _place: "nfs4")
    found = examine(archive.upkeep)
    assert {finding.severity for finding in found} == {Severity.WARNING}
    assert "network file system (nfs4)" in found[0].what
    assert "Only 1 bytes are left" in found[1].what
