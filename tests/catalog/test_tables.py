"""Conventions of the tables."""

from __future__ import annotations

from sqlalchemy import BigInteger

from longwatch.catalog.tables import METADATA


def test_rows_carry_the_commits_of_their_life():
    without = {name for name, table in METADATA.tables.items() if "c_from" not in table.c}
    keyed = {"headers", "keyword_values", "version_rows", "segment_exposures", "exposures"}
    assert without == keyed | {"commit_counter", "commits", "runs", "duration_classes", "indexed_keywords", "summaries"}


def test_instants_are_big_whole_numbers_of_microseconds():
    instants = [c for table in METADATA.tables.values() for c in table.c if c.name.endswith("_us")]
    assert instants
    assert all(isinstance(column.type, BigInteger) for column in instants)
