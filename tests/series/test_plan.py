"""Plans: which segments belong together."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.catalog.segments import SegmentInfo
from longwatch.series.plan import Plan
from longwatch.testing.series import spec_named

SPANS = [(0, 9), (9, 20), (12, 13), (21, 30), (40, 50)]


def plan() -> Plan:
    segments = [SegmentInfo(month=1, oid="", size=1, n_rows=1, span=span, plain=True) for span in SPANS]
    first, last = np.array(SPANS).T
    hidden = np.array([[7, 0, 5], [8, 25, 60]])
    return Plan(1, spec_named("lab.plan"), 1, tuple(segments), first, last, *hidden.T)


@pytest.mark.parametrize(
    ("start", "stop", "wanted"),
    [
        ([0], [99], [[0, 1, 2], [3], [4]]),
        ([9], [10], [[0, 1]]),
        ([10], [12], [[1]]),
        ([31, 31], [40, 41], [[4]]),
        ([0, 45], [1, 46], [[0], [4]]),
        ([31], [40], []),
        ([], [], []),
    ],
)
def test_segments_that_share_a_time_are_read_together(
    start: list[int], stop: list[int], wanted: list[list[int]]
) -> None:
    found = plan().clusters(np.array(start, dtype=np.int64), np.array(stop, dtype=np.int64))
    assert [[segment.span for segment in cluster] for cluster in found] == [[SPANS[i] for i in some] for some in wanted]


def test_hidden_versions_matter_where_they_have_rows() -> None:
    segments = plan().segments
    assert plan().hidden_in(segments[:1]).tolist() == [7]
    assert plan().hidden_in(segments[1:3]).tolist() == []
    assert plan().hidden_in(segments[3:]).tolist() == [8]
