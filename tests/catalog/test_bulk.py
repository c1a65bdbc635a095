"""Many rows at once: every database stores the same."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from longwatch.catalog import tables as t
from longwatch.catalog.bulk import insert_columns

STORED = {
    "kind": ["lab.x"] * 3,
    "keyword": ["key", "100%", "s"],
    "num": [1.5, None, -2.0],
    "txt": [None, "a 'b' %s ?", "Größe"],
}


def test_columns_become_rows(catalog):
    values = t.keyword_values
    columns = {"version_id": [1, 2, 3], "t_min_us": [None, -5, 1 << 62], **STORED}
    with catalog.run("test") as run, catalog.change(run) as change:
        insert_columns(change.connection, values, columns)
        insert_columns(change.connection, values, {name: [] for name in columns})
        insert_columns(change.connection, values, {})
    with catalog.read() as snapshot:
        query = select(*(values.c[name] for name in columns)).order_by(values.c.version_id)
        assert [tuple(row) for row in snapshot.connection.execute(query)] == list(zip(*columns.values(), strict=True))


def test_columns_of_different_lengths_are_refused(catalog):
    with (
        pytest.raises(ValueError, match="shorter"),
        catalog.run("test") as run,
        catalog.change(run) as change,
    ):
        insert_columns(change.connection, t.products, {"id": [1, 2], "key": ["a"]})
