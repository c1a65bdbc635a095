"""Spans named by times and by epochs."""

from __future__ import annotations

import pytest
from astropy.time import Time

from longwatch.catalog.epochs import add_epochs
from longwatch.catalog.versions import add_versions
from longwatch.catalog.when import span_of
from longwatch.domain.epoch import Epoch
from longwatch.domain.times import parse_span, to_us
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import BadQuery, NotFound

LATE = to_us("2026-01-01")


@pytest.fixture
def timeline(sqlite, new):
    epochs = [
        Epoch(timeline="lab.anneal", number=1, start_us=100, stop_us=200),
        Epoch(timeline="lab.anneal", number=2, start_us=200, stop_us=None),
    ]
    with sqlite.run("ingest") as run, sqlite.change(run) as change:
        (number,) = add_versions(change, [new("periods")])
        add_epochs(change, [(number, epoch) for epoch in epochs])
    return sqlite


def _span(catalog, start, stop=None):
    return span_of(catalog, start, stop, now=Time.now)


def test_an_epoch_alone_is_the_whole_epoch(timeline):
    assert _span(timeline, "anneal:1") == _span(timeline, "lab.anneal:1") == Timespan(100, 200)


def test_an_epoch_is_its_beginning_as_a_start_and_its_end_as_a_stop(timeline):
    assert _span(timeline, "anneal:2", "2026-01-01") == Timespan(200, LATE)
    assert _span(timeline, None, "anneal:1") == Timespan(MIN_US, 200)
    assert _span(timeline, "anneal:1", "anneal:1") == Timespan(100, 200)


def test_times_without_an_epoch_are_read_as_ever(timeline):
    assert _span(timeline, "2026:001", "2026:002") == parse_span("2026:001", "2026:002")
    assert _span(timeline, None) == Timespan(MIN_US, MAX_US)


def test_what_cannot_be_meant_is_said(timeline):
    with pytest.raises(BadQuery, match="has no known start or end"):
        _span(timeline, "anneal:2")
    with pytest.raises(NotFound, match="it has 1 to 2"):
        _span(timeline, "anneal:3")
    with pytest.raises(NotFound, match=r"no timeline is called 'week'. There are: lab\.anneal"):
        _span(timeline, "week:3")
    with pytest.raises(BadQuery, match="ends before it begins"):
        _span(timeline, "2026-01-01", "anneal:1")
