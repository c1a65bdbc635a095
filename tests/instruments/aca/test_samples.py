"""Samples filled block by block are those that a table of the same rows gives."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.instruments.aca.samples import (
    lose_registered,
    lost_rows,
    present_samples,
    samples,
    side_by_side,
)
from longwatch.instruments.aca.simulate import START
from longwatch.series.blocks import Blocks
from longwatch.series.pages import Values

SPAN = (START - 10, START + 2 * 86_400)


def blocks(site: Archive, name: str, slot: int = 0) -> Blocks:
    return site.series["aca.l0"].blocks([name, "quality"], *SPAN, where={"slot": slot})


@pytest.mark.parametrize("name", ["tempccd", "bgdavg", "quality"])
def test_samples_are_the_rows_of_a_table(watched: Archive, name: str) -> None:
    table = watched.series["aca.l0"].fetch([name, "quality"], *SPAN, where={"slot": 0})
    there = ~np.ma.getmaskarray(np.ma.asanyarray(table[name].data))
    bad = np.asarray(table["quality"]) != 0
    every, present = (read(blocks(watched, name), name, "f8") for read in (samples, present_samples))
    assert np.array_equal(every.time, table["time"])
    assert np.array_equal(every.lost, bad | ~there)
    assert np.array_equal(every.values[there], np.ma.getdata(table[name].data)[there].astype("f8"))
    assert np.array_equal(present.time, every.time[there])
    assert np.array_equal(present.values, every.values[there])
    assert np.array_equal(present.lost, bad[there])


def test_slots_stand_side_by_side_while_their_times_agree(watched: Archive) -> None:
    same = list(side_by_side(blocks(watched, "bgdavg"), blocks(watched, "imgstat")))
    assert sum(into.stop - into.start for into, _, _ in same) == len(blocks(watched, "bgdavg"))
    assert all(set(one) == {"time", "quality", "bgdavg"} and "imgstat" in other for _, one, other in same)


def test_they_stand_apart_where_a_time_differs_or_is_one_more(site: Archive) -> None:
    one = site.series.create("lab.slots", {"slot": "", "x": "V", "quality": ""}, key=["slot"])
    time = np.arange(50_000)
    moved = np.where(time == 49_999, 50_007, time)
    for slot, us in ((0, time), (1, moved), (2, time[:-1]), (3, time)):
        one.append({"time": us * 4_100_000, "slot": np.full(len(us), slot), "x": us * 1.0, "quality": us * 0})
    read = [one.blocks(["x", "quality"], where={"slot": slot}) for slot in range(4)]
    agreed = [sum(into.stop - into.start for into, _, _ in side_by_side(read[0], other)) for other in read]
    assert agreed[0] == agreed[3] == 50_000
    assert 0 < agreed[1] < 50_000
    assert agreed[2] == 0


def test_what_is_lost_is_bad_or_missing() -> None:
    good, bad = np.broadcast_to(np.int32(0), 3), np.array([0, 1, 0])
    missing = np.array([False, False, True])
    columns = {"x": Values(np.zeros(3), None), "quality": Values(good, None)}
    assert lost_rows(columns, "x") is None
    for quality, gone, lost in (
        (good, missing, [0, 0, 1]),
        (bad, None, [0, 1, 0]),
        (bad, missing, [0, 1, 1]),
        (np.broadcast_to(np.int32(1), 3), None, [1, 1, 1]),
    ):
        found = lost_rows({"x": Values(np.zeros(3), gone), "quality": Values(quality, None)}, "x")
        assert found is not None
        assert found.tolist() == [bool(one) for one in lost]


def test_registered_bad_times_are_lost(watched: Archive) -> None:
    of = blocks(watched, "tempccd")
    found = samples(of, "tempccd", "f4")
    before = found.lost.copy()
    lose_registered(found, watched.series.bad_times, of, "tempccd")
    assert np.array_equal(found.lost, before)
    begin = float(found.time[10])
    watched.series.bad_times.add("aca.l0", [(begin, begin + 60)], reason="a test", channel="tempccd")
    try:
        of = blocks(watched, "tempccd")
        lose_registered(found, watched.series.bad_times, of, "tempccd")
        inside = (found.time >= begin) & (found.time < begin + 60)
        assert inside.any()
        assert np.array_equal(found.lost, before | inside)
    finally:
        watched.series.bad_times.remove("aca.l0", channel="tempccd")
