"""Segments: which may hold rows of a span, and which versions' rows do not answer."""

from __future__ import annotations

from longwatch.catalog.segments import (
    RELATIVE,
    SegmentInfo,
    add_segments,
    exposures_in,
    hidden_versions,
    retire_segments,
    segments_of,
    segments_with_exposures,
    series_extent,
    version_ranks,
)
from longwatch.catalog.versions import add_versions
from longwatch.domain.timespan import Timespan


def _segment(name: str, low: int, high: int, **more: object) -> SegmentInfo:
    fields = {"month": 202601, "oid": name, "size": 9, "n_rows": 5, "span": (low, high), "plain": True, **more}
    return SegmentInfo(**fields)


def test_only_segments_that_may_hold_rows_of_a_span_are_given(catalog):
    with catalog.run("append") as run, catalog.change(run) as change:
        add_segments(change, 1, [_segment("b", 10, 20), _segment("a", 0, 9), _segment("c", 30, 40)])
        add_segments(change, 2, [_segment("other", 0, 99)])
    with catalog.read() as snapshot:
        assert [s.oid for s in segments_of(snapshot, 1)] == ["a", "b", "c"]
        assert [s.oid for s in segments_of(snapshot, 1, Timespan(20, 30))] == ["b"]
        assert [s.oid for s in segments_of(snapshot, 1, Timespan(9, 10))] == ["a"]
        assert series_extent(snapshot, 1) == (3, 15, 0, 40)
        assert series_extent(snapshot, 3) is None


def test_a_retired_segment_answers_for_earlier_commits(catalog):
    with catalog.run("append") as run:
        with catalog.change(run) as change:
            add_segments(change, 1, [_segment("old", 0, 9)])
            before = change.commit
        with catalog.change(run) as change:
            retire_segments(change, [s.id for s in segments_of(change, 1)])
            add_segments(change, 1, [_segment("new", 0, 9, plain=False)])
    with catalog.read() as snapshot:
        assert [(s.oid, s.plain) for s in segments_of(snapshot, 1)] == [("new", False)]
    with catalog.read(before) as snapshot:
        assert [s.oid for s in segments_of(snapshot, 1)] == ["old"]


def test_relative_segments_are_found_by_exposure(catalog):
    relative = {"month": RELATIVE, "span": (0, 0)}
    with catalog.run("append") as run, catalog.change(run) as change:
        segments = [
            SegmentInfo(oid="x", size=1, n_rows=1, plain=True, exposures=("e1", "e2"), **relative),
            SegmentInfo(oid="y", size=1, n_rows=1, plain=True, exposures=("e2",), **relative),
        ]
        add_segments(change, 1, segments)
    with catalog.read() as snapshot:
        assert [s.oid for s in segments_with_exposures(snapshot, 1, ["e1"])] == ["x"]
        found = segments_with_exposures(snapshot, 1, ["e2", "none"])
        assert [s.oid for s in found] == ["x", "y"]
        assert exposures_in(snapshot, [found[0].id]) == {"e1", "e2"}


def test_ranks_order_versions_by_version_and_then_by_arrival(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        ids = add_versions(change, [new("a", "2"), new("b", "1"), new("c", "1")])
    with catalog.read() as snapshot:
        ranks = version_ranks(snapshot, ids)
        assert hidden_versions(snapshot, 1) == []
    assert sorted(ids, key=ranks.__getitem__) == [ids[1], ids[2], ids[0]]
