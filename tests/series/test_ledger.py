"""Ledgers: entries, what becomes of them, and who said so."""

from __future__ import annotations

import getpass

import numpy as np
import pytest

from longwatch.catalog.measurements import touches
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.domain.timespan import MAX_US
from longwatch.errors import Refused
from longwatch.series.ledger import BOOKKEEPING, OWNER, Ledger
from longwatch.series.plan import Plans
from longwatch.series.read import Reader
from longwatch.series.segment import SegmentFiles
from longwatch.testing.series_site import SeriesSite, SiteWriter

SPEC = SeriesSpec(
    name="longwatch.notes",
    description="Notes.",
    columns=(
        Column(name="time", unit="us", description="When", dtype="i8"),
        Column(name="what", unit="", description="What", dtype="str"),
        *BOOKKEEPING,
    ),
    key=("what",),
    instrument=OWNER,
)


@pytest.fixture
def ledger(site: SeriesSite) -> Ledger:
    plans = Plans(site.catalog)
    return Ledger(SPEC, plans, Reader(plans, SegmentFiles(site.store)))


def test_entries_are_noted_withdrawn_and_noted_again(site: SeriesSite, ledger: Ledger) -> None:
    writer, commits = SiteWriter(site), [site.catalog.head()]
    for withdrawn in (False, True, False):
        assert ledger.note(writer, {"time": [5], "what": ["x"]}, commit=commits[-1], withdrawn=withdrawn) == 1
        commits.append(site.catalog.head())
    assert [len(ledger.entries(commit)) for commit in commits] == [0, 1, 0, 1]
    assert [len(ledger.history(commit)) for commit in commits] == [0, 1, 1, 1]
    assert ledger.entries(commits[-1])["who"].tolist() == [getpass.getuser()]
    assert np.all(np.asarray(ledger.entries(commits[-1])["noted"]) > 0)


def test_an_entry_touches_what_it_speaks_of(site: SeriesSite, ledger: Ledger) -> None:
    spec = SeriesSpec(
        name="longwatch.spans",
        description="Spans.",
        columns=(*SPEC.columns, Column(name="end", unit="us", description="End", dtype="i8")),
        key=("what",),
        instrument=OWNER,
    )
    plans = Plans(site.catalog)
    spans = Ledger(spec, plans, Reader(plans, SegmentFiles(site.store)), until="end")
    ledger.note(SiteWriter(site), {"time": [5], "what": ["x"]}, commit=site.catalog.head())
    for end, last in ((9, 8), (MAX_US, MAX_US)):
        before = site.catalog.head()
        spans.note(SiteWriter(site), {"time": [5, 2], "what": ["a", "b"], "end": [6, end]}, commit=before)
        with site.catalog.read() as snapshot:
            assert [touch.span for touch in touches(snapshot, [spec.name], since=before)] == [(2, last)]
    with site.catalog.read() as snapshot:
        assert [touch.span for touch in touches(snapshot, [SPEC.name], since=0)] == [None]


def test_no_entries_leave_no_trace(site: SeriesSite, ledger: Ledger) -> None:
    head = site.catalog.head()
    assert ledger.note(SiteWriter(site), {"time": [], "what": []}, commit=head) == 0
    assert site.catalog.head() == head


def test_nobody_appends_to_one_by_hand(site: SeriesSite, ledger: Ledger) -> None:
    ledger.note(SiteWriter(site), {"time": [5], "what": ["x"]}, commit=site.catalog.head())
    with pytest.raises(Refused):
        site.room()["longwatch.notes"].append({"time": [6], "what": ["y"]})
