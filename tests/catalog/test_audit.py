"""Which objects rows name, what is forgotten, and broken promises."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete

from longwatch.catalog import tables as t
from longwatch.catalog.audit import dangling, named_objects, prune
from longwatch.catalog.segments import SegmentInfo, add_segments, retire_segments, segments_of
from longwatch.catalog.versions import add_versions, retract
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec


def _fill(catalog, new):
    from longwatch.catalog.declared import declare_series

    spec = SeriesSpec(name="lab.s", description="", columns=(Column(name="time", unit="us", description="T."),))
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            series = declare_series(change, spec)
            stored = replace(new("a"), oid="file")
            linked = replace(new("b"), oid="outside", path="/x", link={"size": 1})
            ids = add_versions(change, [stored, linked])
            segment = SegmentInfo(month=202601, oid="segment", size=1, n_rows=1, span=(0, 1), plain=True)
            add_segments(change, series, [segment])
        with catalog.change(run) as change:
            retract(change, [ids[0]])
            retire_segments(change, [s.id for s in segments_of(change, series)])
            add_segments(change, series, [replace(segment, oid="folded")])


def test_stored_objects_are_named_with_their_role_even_by_retired_rows(catalog, new):
    _fill(catalog, new)
    with catalog.read() as snapshot:
        found = {o.oid: (o.role, o.current) for o in named_objects(snapshot)}
    assert found == {"file": ("file", False), "segment": ("segment", False), "folded": ("segment", True)}


def test_pruning_forgets_what_was_retired_and_nothing_else(catalog, new):
    _fill(catalog, new)
    with catalog.run("prune") as run, catalog.change(run) as change:
        assert prune(change, change.commit) > 0
    with catalog.read() as snapshot:
        assert [o.oid for o in named_objects(snapshot)] == ["folded"]
        assert dangling(snapshot) == []


def test_a_broken_promise_is_told(sqlite, new):
    _fill(sqlite, new)
    with sqlite.run("break") as run, sqlite.change(run) as change:
        change.connection.execute(delete(t.tenures))
    with sqlite.read() as snapshot:
        assert any("none answers" in said for said in dangling(snapshot))
