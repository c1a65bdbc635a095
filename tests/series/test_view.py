"""A series at one commit."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery
from longwatch.series.read import Ask
from longwatch.series.view import View
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.some")


@pytest.fixture
def view(site: SeriesSite) -> View:
    rows = {"time": np.arange(5.0), "slot": np.zeros(5, int), "value": np.arange(5.0)}
    site.bring(SPEC, ("a", "", rows))
    return site.room()["lab.some"]._view(None)


def test_it_gives_rows_of_spans_and_says_of_which(view: View) -> None:
    start = np.array([view.span(2.0, None).start_us, view.span(0.0, None).start_us])
    found = view.within(Ask(columns=["time", "value"]), start, start + 2_000_000)
    assert found["span"].tolist() == [0, 0, 1, 1]
    chosen = np.sort(start), np.sort(start) + 1_000_000
    assert view.selected(Ask(columns=["time", "value"]), Timespan(), chosen)["value"].tolist() == [0, 2]


def test_it_says_what_it_shows(view: View) -> None:
    meta = view.meta(view.span(1.0, 2.0))
    assert (meta["series"], meta["time"], meta["scale"]) == ("lab.some", "time", "cxc")
    assert meta["stop_us"] - meta["start_us"] == 1_000_000


def test_only_what_was_named_must_have_statistics(view: View) -> None:
    assert [column.name for column in view.channels(None)] == ["value", "state"]
    assert [column.name for column in view.channels("slot")] == ["slot"]
    with pytest.raises(BadQuery, match="'tmp'"):
        view.channels("tmp")
