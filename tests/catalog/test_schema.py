"""The migrations make what the tables say."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from longwatch.catalog.tables import METADATA


def test_the_migrated_schema_is_the_declared_one(catalog):
    with catalog.read() as snapshot:
        context = MigrationContext.configure(snapshot.connection)
        differences = compare_metadata(context, METADATA)
        names = set(inspect(snapshot.connection).get_table_names())
    assert differences == []
    assert names == {*METADATA.tables, "alembic_version"}
