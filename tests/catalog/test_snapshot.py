"""Ids, lives and chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import CHUNK, chunks


@given(st.lists(st.integers(), max_size=1200))
def test_chunks_lose_nothing_and_stay_short(values):
    parts = list(chunks(values))
    assert [value for part in parts for value in part] == values
    assert all(0 < len(part) <= CHUNK for part in parts)


def test_ids_are_never_handed_out_twice(catalog):
    with catalog.run("test") as run:
        with catalog.change(run) as change:
            first = change.add(t.series, [{"name": "a", "spec": "{}"}, {"name": "b", "spec": "{}"}])
            second = change.add(t.series, [{"name": "c", "spec": "{}"}])
        with catalog.change(run) as change:
            third = change.add(t.series, [{"name": "d", "spec": "{}"}])
            assert change.retire(t.series, t.series.c.name == "a") == 1
            assert change.retire(t.series, t.series.c.name == "a") == 0
    assert len({*first, *second, *third}) == 4


def test_nothing_to_add_is_nothing(catalog):
    with catalog.run("test") as run, catalog.change(run) as change:
        assert change.add(t.series, []) == []
