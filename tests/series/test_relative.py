"""Rows that count from the start of an exposure."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us
from longwatch.testing.series_site import SeriesSite

SPEC = SeriesSpec(
    name="lab.jitter",
    description="Jitter.",
    columns=(
        Column(name="seconds", unit="s", description="Since the start", dtype="f4"),
        Column(name="obs_id", unit="", description="Exposure", dtype="str"),
        Column(name="v2", unit="arcsec", description="V2", dtype="f4"),
    ),
    time="seconds",
    scale=TimeScale.RELATIVE_S,
    key=("obs_id",),
    exposure="obs_id",
    instrument="lab",
)
HOUR_US = 3_600_000_000


def jitter(name: str, first: float = 0.0, n_rows: int = 4, v2: float = 0.0) -> dict[str, np.ndarray]:
    seconds = first + 3 * np.arange(n_rows)
    return {"seconds": seconds, "obs_id": np.full(n_rows, name), "v2": np.full(n_rows, v2)}


@pytest.fixture
def jittered(site: SeriesSite) -> SeriesSite:
    """Three exposures an hour apart, of which the last has no known start; the second begins before its start."""
    site.bring(SPEC, ("b", "", jitter("b", -3.0)), ("c", "", jitter("c", v2=3.0)))
    site.bring(SPEC, ("a", "", jitter("a", v2=1.0)))
    site.expose("lab", {"a": 0, "b": HOUR_US})
    return site


def test_rows_take_their_place_when_the_start_is_known(jittered: SeriesSite) -> None:
    table = jittered.room()["lab.jitter"].fetch("v2")
    assert table.colnames == ["time", "seconds", "v2"]
    wanted = [0, 3e6, 6e6, 9e6, *(HOUR_US + s * 1e6 for s in (-3, 0, 3, 6))]
    assert table["time"].tolist() == wanted
    assert table["time"].unit == "us"
    assert jittered.room()["lab.jitter"].times(table)[4].isot == from_us(HOUR_US - 3_000_000).isot


def test_a_span_meets_rows_far_from_the_start_of_their_exposure(jittered: SeriesSite) -> None:
    series = jittered.room()["lab.jitter"]
    found = series.fetch(None, from_us(9_000_000), from_us(HOUR_US - 2_999_999))
    assert found["obs_id"].tolist() == ["a", "b"]
    assert found["seconds"].tolist() == [9, -3]
    several = series.spans("v2", [(from_us(HOUR_US), from_us(2 * HOUR_US)), (from_us(0), from_us(1))])
    assert several["span"].tolist() == [0, 0, 0, 1]
    assert len(series.spans("v2", [])) == 0


def test_rows_without_a_place_are_counted_and_given_by_exposure(jittered: SeriesSite) -> None:
    series = jittered.room()["lab.jitter"]
    assert series.unplaced() == 4
    table = series.fetch(where={"obs_id": "c"})
    assert table["seconds"].tolist() == [0, 3, 6, 9]
    assert table["time"].mask.all()
    commit = jittered.catalog.head()
    jittered.expose("lab", {"c": 2 * HOUR_US})
    assert series.unplaced() == 0
    assert len(series.fetch(limit=9)) == 9
    assert len(series.fetch()) == 12
    assert len(jittered.room(commit)["lab.jitter"].fetch()) == 8


def test_new_versions_and_merging_follow_the_same_rule(jittered: SeriesSite) -> None:
    jittered.bring(SPEC, ("a", "2", jitter("a", n_rows=2, v2=7.0)))
    series = jittered.room()["lab.jitter"]
    assert series.fetch("v2", where={"obs_id": "a"})["v2"].tolist() == [7, 7]
    before = series.fetch()
    assert jittered.fold("lab.jitter") == 3
    after = series.fetch()
    assert all(np.array_equal(before[name], after[name]) for name in before.colnames)


def test_it_says_what_it_holds(jittered: SeriesSite) -> None:
    series = jittered.room()["lab.jitter"]
    assert "1969-12-31T23:59:52" in repr(series)
    daily = series.daily("v2")
    assert daily["date"].tolist() == ["1969-12-31", "1970-01-01"]
    assert daily["count_v2"].tolist() == [3, 5]


def test_several_spans_reach_no_further_than_the_last(jittered: SeriesSite) -> None:
    several = jittered.room()["lab.jitter"].spans("v2", [(from_us(0), from_us(1)), (from_us(5), from_us(9_000_000))])
    assert (several.meta["start_us"], several.meta["stop_us"]) == (0, 9_000_000)


def test_rows_without_a_place_have_origins_and_no_time(jittered: SeriesSite) -> None:
    series = jittered.room()["lab.jitter"]
    unplaced = series.fetch(where={"obs_id": "c"})
    assert len(series.origins(where={"obs_id": "c"})) == len(unplaced) == 4
    assert series.times(unplaced).mask.all()
    assert not series.times(series.fetch()).masked
