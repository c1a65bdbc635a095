"""The schema's life: created, recognised and brought up to date.

Owns the calls to Alembic. Must not know what the tables mean.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, column, insert, inspect, select, table

from longwatch.catalog import tables as t
from longwatch.catalog.engine import begin_alone, journal_for
from longwatch.errors import Conflict

_MIGRATIONS = Path(__file__).parent / "migrations"
_STATE = table("alembic_version", column("version_num"))


def create_schema(engine: Engine) -> None:
    """Create the tables or migrate them to the newest revision.

    Raises
    ------
    Conflict
        Raised if a newer version of Longwatch wrote the database; nothing is changed.
    """
    found, newest = schema_state(engine)
    if found > newest:
        raise Conflict(
            f"The database has schema {found}, and this version of Longwatch knows none after {newest}. Nothing was "
            "changed: install a newer Longwatch."
        )
    if engine.dialect.name == "sqlite":
        _set_journal(engine)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.connect().execution_options(writer=True) as connection:
        begin_alone(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.execute(select(t.commit_counter.c.n)).first() is None:
            connection.execute(insert(t.commit_counter).values(id=1, n=0, earliest=0))
        connection.commit()


def schema_state(engine: Engine) -> tuple[str, str]:
    """Give the revision in the database (empty: none) and the newest known; files are named by their revisions."""
    newest = max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
    with engine.connect() as connection:
        if not inspect(connection).has_table(_STATE.name):
            return "", newest
        return connection.execute(select(_STATE.c.version_num)).scalar() or "", newest


def _set_journal(engine: Engine) -> None:
    """Choose SQLite's journal, outside a transaction as SQLite wants it."""
    path = Path(engine.url.database or "")
    raw = engine.raw_connection()
    try:
        raw.cursor().execute(f"PRAGMA journal_mode={journal_for(path)}")
    finally:
        raw.close()
