"""The migrations make what the tables say."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from longwatch.catalog import schema
from longwatch.catalog.tables import METADATA
from longwatch.errors import Conflict


def test_the_migrated_schema_is_the_declared_one(catalog):
    with catalog.read() as snapshot:
        context = MigrationContext.configure(snapshot.connection)
        differences = compare_metadata(context, METADATA)
        names = set(inspect(snapshot.connection).get_table_names())
    assert differences == []
    assert names == {*METADATA.tables, "alembic_version"}


def test_files_of_migrations_are_named_by_their_revisions(catalog):
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with catalog.read() as snapshot:
        assert schema.schema_state(snapshot.connection.engine) == (newest, newest)


def test_a_database_of_a_newer_version_is_left_alone(catalog):
    with catalog.run("test") as run, catalog.change(run) as change:
        change.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="install a newer Longwatch"):
        catalog.create()
