"""Copies of a database: one moment, one file, and an error that names what is missing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.copying import copy_database, copy_form, restore_database
from longwatch.errors import Unavailable


@pytest.fixture
def sqlite(tmp_path: Path) -> Catalog:
    made = Catalog(f"sqlite:///{tmp_path / 'catalog.db'}")
    made.create()
    with made.run("test"):
        pass
    return made


def test_the_form_of_a_copy_is_that_of_the_database() -> None:
    urls = ["sqlite:///x", "postgresql+psycopg://a/b", "mysql+pymysql://a/b", "mariadb+pymysql://a/b"]
    assert [copy_form(url) for url in urls] == ["sqlite", "postgresql", "mariadb", "mariadb"]


def test_a_copy_is_one_file_and_shows_one_moment(sqlite: Catalog, tmp_path: Path) -> None:
    copy_database(sqlite, tmp_path / "copy.db")
    head = sqlite.head()
    with sqlite.run("later"):
        pass
    assert list(tmp_path.glob("copy.db*")) == [tmp_path / "copy.db"]
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("SELECT n FROM commit_counter").fetchone() == (head,)


def test_a_reader_may_copy(sqlite: Catalog, tmp_path: Path) -> None:
    reader = Catalog(sqlite.database, writable=False)
    copy_database(reader, tmp_path / "copy.db")
    reader.close()
    assert (tmp_path / "copy.db").stat().st_size > 0


def test_a_copy_comes_back(sqlite: Catalog, tmp_path: Path) -> None:
    copy_database(sqlite, tmp_path / "copy.db")
    restore_database(f"sqlite:///{tmp_path / 'again.db'}", tmp_path / "copy.db")
    again = Catalog(f"sqlite:///{tmp_path / 'again.db'}")
    assert again.head() == sqlite.head()
    again.close()


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"needs the program pg_restore.*client programs"):
        restore_database("postgresql+psycopg://somebody:secret@nowhere/longwatch", tmp_path / "copy")


def test_a_program_that_fails_is_quoted_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "pg_restore"
    program.write_text('#!/bin/sh\necho "could not connect with $*" >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Unavailable, match="ended with 3: could not connect") as error:
        restore_database("postgresql+psycopg://somebody:secret@nowhere/longwatch", tmp_path / "copy")
    assert "secret" not in str(error.value)
