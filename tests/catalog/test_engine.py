"""What differs between databases."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.engine import file_system, is_lock, journal_for, open_engine, reachable, take_lock, unavailable


def test_a_network_file_system_gets_the_journal_that_is_safe_there(tmp_path: Path):
    assert journal_for(tmp_path) == "wal"
    assert file_system(tmp_path)


def test_sqlite_keeps_a_write_ahead_log_and_syncs_every_commit(sqlite, tmp_path: Path):
    with sqlite.read() as snapshot:
        assert snapshot.connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert snapshot.connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_the_lock_is_taken_again_after_it_was_refused(sqlite, tmp_path: Path):
    """A transaction that could not begin must not go on without one."""
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    engine = open_engine(url, writable=True)
    with engine.connect().execution_options(writer=True) as first:
        number = take_lock(first)
        with engine.connect().execution_options(writer=True) as second:
            with pytest.raises(OperationalError) as caught:
                take_lock(second)
            assert is_lock(caught.value)
            second.rollback()
            first.commit()
            assert take_lock(second) == number + 1
            assert second.connection.dbapi_connection.in_transaction
    engine.dispose()


def test_a_reader_without_write_rights_sees_a_database_at_rest_and_at_work(sqlite, tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    reader = Catalog(url, writable=False)
    assert reader.head() == 0
    with sqlite.run("ingest"):
        assert reader.head() == 1
    assert reader.head() == 2
    reader.close()


def test_an_error_says_where_and_hides_the_password():
    error = OperationalError("SELECT", {}, sqlite3.OperationalError("disk I/O error"))
    said = str(unavailable(error, "postgresql+psycopg://me:secret@host/db"))
    assert "disk I/O error" in said
    assert "secret" not in said


def test_reachable_tells_whether_a_database_answers(sqlite, tmp_path: Path):
    there = open_engine(f"sqlite:///{tmp_path / 'catalog.db'}", writable=True)
    assert reachable(there)
    there.dispose()
    assert not reachable(open_engine("postgresql+psycopg://127.0.0.1:1/none", writable=True))
