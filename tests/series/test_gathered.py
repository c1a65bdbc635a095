"""Channels of several series, gathered as samples."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery
from longwatch.series.gathered import gather
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.some")


@pytest.fixture
def filled(site: SeriesSite) -> SeriesSite:
    value = np.ma.MaskedArray(np.arange(4.0), [False, True, False, False])
    rows = {"time": np.arange(4.0), "slot": np.array([0, 0, 0, 1]), "value": value}
    site.bring(SPEC, ("a", "", rows))
    return site


def test_a_row_in_which_a_channel_is_missing_is_no_sample_of_it(filled: SeriesSite) -> None:
    room = filled.room()
    room.derive("twice", SPEC.name, formula="2 * value", unit="deg_C")
    room.bad_times.add(SPEC.name, [(2.0, 3.0)], channel="value", reason="x")
    commit = filled.catalog.head()
    (first, value), (second, twice) = gather(
        room._desk, {SPEC.name: ["value", "twice"]}, Timespan(), commit, {"slot": 0}
    )
    assert (first.name, second.name, second.unit) == ("value", "twice", "deg_C")
    assert value.values.tolist() == [0, 2]
    assert twice.values.tolist() == [0, 4]
    assert value.bad.tolist() == twice.bad.tolist() == [False, True]
    assert np.diff(value.us).tolist() == [2_000_000]


def test_slots_are_not_mixed_and_conditions_are_of_some_series(filled: SeriesSite) -> None:
    desk, commit = filled.room()._desk, filled.catalog.head()
    with pytest.raises(BadQuery, match="several values of 'slot'"):
        gather(desk, {SPEC.name: ["value"]}, Timespan(), commit, {})
    with pytest.raises(BadQuery, match=r"None of the series lab\.some has columns \['slut'\]"):
        gather(desk, {SPEC.name: ["value"]}, Timespan(), commit, {"slut": 0})
