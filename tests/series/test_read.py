"""The read rule: which rows answer."""

from __future__ import annotations

import numpy as np

from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.telemetry")


def rows(time: list[float], slot: int | list[int] = 0, *, temp: np.ndarray) -> dict[str, np.ndarray]:
    return {"time": np.array(time), "slot": np.broadcast_to(slot, len(time)), "value": temp}


def test_the_highest_version_of_an_equal_key_answers(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "2", rows([1, 2, 3], temp=np.array([10.0, 20, 30]))))
    site.bring(SPEC, ("b", "1", rows([2, 4], temp=np.array([-20.0, -40]))))
    series = site.room()["lab.telemetry"]
    assert series.fetch("value")["value"].tolist() == [10, 20, 30, -40]
    site.bring(SPEC, ("c", "3", rows([2, 4], slot=[0, 1], temp=np.array([21.0, 41]))))
    assert series.fetch("value")["value"].tolist() == [10, 21, 30, -40, 41]
    assert series.fetch("value", where={"slot": 1})["value"].tolist() == [41]


def test_a_new_version_hides_the_rows_of_the_old_and_retracting_shows_them_again(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "1", rows([1, 2], temp=np.array([1.0, 2]))))
    before = site.catalog.head()
    (second,) = site.bring(SPEC, ("a", "2", rows([2], temp=np.array([22.0]))))
    series = site.room()["lab.telemetry"]
    assert series.fetch("value")["value"].tolist() == [22]
    assert site.room(before)["lab.telemetry"].fetch("value")["value"].tolist() == [1, 2]
    site.retract(second)
    assert series.fetch("value")["value"].tolist() == [1, 2]


def test_the_last_of_equal_rows_in_one_version_stays(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "", rows([2, 1, 2], temp=np.array([1.0, 2, 3]))))
    assert site.room()["lab.telemetry"].fetch("value")["value"].tolist() == [2, 3]


def test_spans_that_overlap_across_segments_that_do_too(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "1", rows([1, 2, 3, 4, 5, 6, 9], temp=np.arange(7.0))))
    site.bring(SPEC, ("b", "2", rows([5, 8, 10], temp=np.array([55.0, 88, 100]))))
    series = site.room()["lab.telemetry"]
    for where in ({}, {"slot": 0}):
        found = series.spans("value", [(0.0, 20.0), (2.0, 4.0), (5.0, 9.0)], where=where)
        assert found["span"].tolist() == [0] * 9 + [1] * 2 + [2] * 3
        assert found["value"][:9].tolist() == [0, 1, 2, 3, 55, 5, 88, 6, 100]
        assert found["value"][9:].tolist() == [1, 2, 55, 5, 88]
