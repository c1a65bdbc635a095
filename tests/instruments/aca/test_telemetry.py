"""What is done with fetched telemetry, under its old names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import ArrayLike

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.errors import BadQuery
from longwatch.instruments.aca import aca_hdr3, aca_l0
from longwatch.instruments.aca.simulate import START
from longwatch.instruments.aca.telemetry import Telemetry, TelemetrySet


def telemetry(times: ArrayLike, vals: ArrayLike, bads: ArrayLike | None = None) -> Telemetry:
    one = Telemetry()
    one.times, one.vals = np.array(times, dtype=float), np.ma.asanyarray(vals)
    one.bads = np.zeros(len(one.times), dtype=bool) if bads is None else np.array(bads, dtype=bool)
    return one


def test_bad_and_missing_samples_are_left_out() -> None:
    one = telemetry([0, 1, 2, 3], np.ma.MaskedArray([5.0, 6, 7, 8], [0, 1, 0, 0]), [0, 0, 0, 1])
    assert one.missing.tolist() == [False, True, False, False]
    copied = one.filter_bad(copy=True)
    assert copied.vals.tolist() == [5, 7]
    assert not np.ma.isMaskedArray(copied.vals)
    assert len(one.times) == 4
    assert one.filter_bad() is one
    assert one.times.tolist() == [0, 2]


def test_intervals_have_their_old_columns() -> None:
    one = telemetry([0, 2, 4, 6, 8], [1.0, 5, 5, 9, 1], [0, 0, 0, 1, 0])
    found = one.logical_intervals(">", 3)
    assert found.colnames == ["datestart", "datestop", "duration", "tstart", "tstop"]
    assert (found["tstart"].tolist(), found["tstop"].tolist()) == ([1.0], [6.0])
    assert found["datestart"][0].startswith("1997:365:23:58:57")
    assert len(one.logical_intervals("<=", 1, complete_intervals=True)) == 0
    states = one.state_intervals()
    assert states["val"].tolist() == [1, 5, 1]
    assert one.select_intervals(found, copy=True).vals.tolist() == [5, 5]
    assert one.remove_intervals(found, copy=True).vals.tolist() == [1, 9, 1]
    assert one.remove_intervals([(0.0, 1.0)], pad=2.5).times.tolist() == [4, 6, 8]


def test_what_stands_beside_samples_is_cut_with_them() -> None:
    one = telemetry([0, 2, 4], [1.0, 5, 9])
    vars(one).update(maxes=np.array([2.0, 6, 10]), unit="K", tstart=0.0)
    assert vars(one.select_intervals([(1.0, 3.0)]))["maxes"].tolist() == [6.0]


def test_states_are_compared_as_words() -> None:
    one = telemetry([0, 2, 4], ["ON", "OFF", "ON"])
    assert one.logical_intervals("==", "OFF")["tstart"].tolist() == [1.0]
    with pytest.raises(BadQuery, match="cannot be compared"):
        one.logical_intervals("==", 3)
    with pytest.raises(BadQuery, match="operator"):
        one.logical_intervals("is", "ON")


def test_samples_move_to_other_times() -> None:
    one = telemetry([0, 2, 4, 6], [0.0, 20, 40, 60], [0, 1, 0, 0])
    one.interpolate(dt=1.5)
    assert one.times.tolist() == [0, 1.5, 3, 4.5, 6]
    assert one.vals.tolist() == [0, 20, 20, 40, 60]
    assert one.bads.tolist() == [False, True, True, False, False]
    assert one.times0.tolist() == [0, 2, 2, 4, 6]
    one.interpolate(times=np.array([-5.0, 6]))
    assert one.vals.tolist() == [None, 60]
    none = telemetry([], np.zeros(0))
    none.interpolate(times=np.array([1.0]))
    assert none.vals.tolist() == [None]
    none.interpolate()
    with pytest.raises(BadQuery, match="no end"):
        one.interpolate(dt=0)


@pytest.mark.parametrize(
    ("filter_bad", "bad_union", "times", "vals"),
    [
        (True, False, [0, 2, 4], [0, 0, 40]),
        (True, True, [0, 4], [0, 40]),
        (False, False, [0, 2, 4], [0, None, 40]),
        (False, True, [0, 2, 4], [0, None, 40]),
    ],
)
def test_a_set_meets_on_one_grid(filter_bad: bool, bad_union: bool, times: list[float], vals: list[float]) -> None:
    both = TelemetrySet({"a": telemetry([0, 2, 4, 6], [0, 20, 40, 60], [0, 1, 0, 0]), "b": telemetry([0, 5], [0, 5])})
    both.interpolate(2.0, filter_bad=filter_bad, bad_union=bad_union)
    assert both.times.tolist() == times
    assert both["a"].vals.tolist() == vals
    assert both["b"].times is both.times
    if not filter_bad:
        assert both["a"].bads.tolist() == [False, True, False]
        assert both["b"].vals.tolist()[1] == (None if bad_union else 0)
    both.select_intervals([(0.0, 3.0)])
    both.remove_intervals([(0.0, 1.0)])
    both.filter_bad()
    assert all(one.times.max(initial=2) <= 2 for one in both.values())


def test_a_set_of_nothing_stays_so() -> None:
    none = TelemetrySet({"a": telemetry([], np.zeros(0))})
    none.interpolate()
    assert none.times.tolist() == []


@pytest.fixture
def filled(site: Archive, tmp_path: Path) -> Archive:
    (tmp_path / "in").mkdir()
    rows = l0_rows(7, np.arange(0, 96, 4), size=8)
    write_l0(tmp_path / "in", rows | {"quality": np.arange(24) == 3})
    assert site.ingest(tmp_path / "in").stored == 1
    return site


def test_registered_bad_times_make_samples_bad(filled: Archive) -> None:
    ask = START, START + 200
    assert np.count_nonzero(aca_l0.MSID("tempccd", 7, *ask, archive=filled).bads) == 1
    before = np.count_nonzero(aca_hdr3.MSID("dac", *ask, archive=filled).bads)
    filled.series.bad_times.add("aca.l0", [(START + 40, START + 52)], channel="tempccd", reason="test")
    filled.series.bad_times.add("aca.hdr3", [(START + 40, None)], reason="test")
    assert np.count_nonzero(aca_l0.MSID("tempccd", 7, *ask, archive=filled).bads) == 4
    assert np.count_nonzero(aca_l0.MSID("bgdavg", 7, *ask, archive=filled).bads) == 1
    assert np.count_nonzero(aca_hdr3.MSID("dac", *ask, archive=filled).bads) > before
    few = aca_l0.MSIDset(["tempccd", "imgraw"], 7, *ask, archive=filled)
    few.filter_bad()
    few.interpolate(8.2)
    assert len(few["IMGRAW"].vals) == len(few.times) > 5
    assert len(aca_l0.MSID("imgsize", 7, *ask, archive=filled).state_intervals()) == 1


@pytest.mark.real
def test_real_telemetry_is_asked_the_same_way_everywhere(real_site: Archive) -> None:
    span = "2023:297:12:00:00", "2023:297:12:02:00"
    both = aca_hdr3.MSIDset(["ccd_temp", "aca_temp"], *span, archive=real_site)
    both.interpolate(10.0)
    assert 0 < len(both.times) <= 12
    assert np.all(np.diff(both.times) == pytest.approx(10.0))
    found = np.ma.asarray(both["ccd_temp"].vals).compressed()
    assert np.all(np.abs(found + 11.63) < 0.2)
    one = aca_l0.MSID("tempccd", 0, *span, archive=real_site)
    middle = float(np.median(one.vals))
    cold = one.logical_intervals("<", middle)
    core = real_site.series["aca.l0"].intervals(f"tempccd < {middle}", *span, where={"slot": 0})
    assert cold["duration"].sum() == pytest.approx(core["duration"].sum(), abs=5)
    inside = one.select_intervals(cold, copy=True)
    assert np.all(inside.vals < middle)
    assert len(inside.vals) + len(one.remove_intervals(cold, copy=True).vals) == len(one.vals)
