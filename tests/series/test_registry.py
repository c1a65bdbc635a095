"""Bad times: registered with a reason, left out of what is fetched, withdrawn, and askable as they were."""

from __future__ import annotations

import getpass
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.errors import BadFile, BadQuery, NotFound, Refused
from longwatch.series.face import SeriesRoom
from longwatch.testing.series_site import SeriesSite

SPEC = SeriesSpec(
    name="lab.cell",
    description="A cell.",
    columns=(
        Column(name="time", unit="s", description="Chandra time"),
        Column(name="temp", unit="deg_C", description="Temperature"),
        Column(name="volt", unit="V", description="Voltage"),
        Column(name="quality", unit="", description="0 good, 1 bad", dtype="i4"),
    ),
    scale=TimeScale.CXC,
    quality="quality",
    instrument="lab",
)


@pytest.fixture
def room(site: SeriesSite) -> SeriesRoom:
    seconds = np.arange(10.0)
    rows = {
        "time": seconds,
        "temp": np.ma.MaskedArray(seconds, seconds == 9),
        "volt": seconds + 100,
        "quality": np.ma.MaskedArray((seconds == 0).astype("i4"), seconds == 5),
    }
    site.bring(SPEC, ("a", "", rows))
    return site.room()


def test_without_any_only_quality_speaks(room: SeriesRoom) -> None:
    assert room["lab.cell"].fetch("temp", filter_bad=True)["time"].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert room["lab.cell"].fetch("temp", filter_bad=True).colnames == ["time", "temp"]
    assert len(room["lab.cell"].fetch("temp")) == 10
    assert len(room.bad_times.list()) == 0
    assert len(room["lab.cell"].fetch(filter_bad=True)) == 9
    assert room["lab.cell"].fetch("temp", filter_bad=True, limit=2)["time"].tolist() == [1, 2]


def test_a_bad_time_of_a_channel_masks_it_and_a_row_without_any_channel_goes(room: SeriesRoom) -> None:
    assert room.bad_times.add("lab.cell", [(2.0, 4.0), (3.0, 5.0)], channel="temp", reason="heater test") == 1
    alone = room["lab.cell"].fetch("temp", filter_bad=True)
    assert alone["time"].tolist() == [1, 5, 6, 7, 8]
    both = room["lab.cell"].fetch(["volt", "temp"], filter_bad=True)
    assert both["time"].tolist() == list(range(1, 10))
    assert both["temp"].tolist() == [1, None, None, None, 5, 6, 7, 8, None]
    assert both["temp"].unit == "deg_C"
    assert both["volt"].tolist() == [101, 102, 103, 104, 105, 106, 107, 108, 109]
    assert len(room["lab.cell"].fetch("temp")) == 10


def test_bad_samples_begin_and_end_no_interval(room: SeriesRoom) -> None:
    series = room["lab.cell"]
    assert series.intervals("temp > 2", filter_bad=True)["duration"].tolist() == [6.0]
    room.bad_times.add("lab.cell", [(2.0, 6.0)], channel="temp", reason="x")
    assert series.intervals("temp > 2")["duration"].tolist() == [6.0]
    assert series.intervals("temp > 2", filter_bad=True)["duration"].tolist() == [5.0]
    assert series.states("quality", filter_bad=True)["state"].tolist() == [0]


def test_a_bad_time_of_the_whole_series_leaves_rows_out_from_then_on(room: SeriesRoom) -> None:
    room.bad_times.add("lab.cell", [(7.0, None)], reason="unplugged")
    assert room["lab.cell"].fetch("volt", filter_bad=True)["time"].tolist() == [1, 2, 3, 4, 5, 6]
    found = room.bad_times.list()
    assert found["stop"].mask.tolist() == [True]
    assert found["channel"].tolist() == [""]


def test_who_when_and_why_are_kept(room: SeriesRoom) -> None:
    room.bad_times.add("lab.cell", [("1998-01-01", "1998-01-02")], channel="volt", reason="spikes, seen by eye")
    (row,) = room.bad_times.list("lab.cell", "volt")
    assert (row["reason"], row["who"]) == ("spikes, seen by eye", getpass.getuser())
    assert abs((row["noted"] - Time.now()).sec) < 600
    assert len(room.bad_times.list("lab.cell", "temp")) == 0
    assert "1 bad times" in repr(room.bad_times)


def test_what_is_withdrawn_can_still_be_asked_for(room: SeriesRoom, site: SeriesSite) -> None:
    room.bad_times.add("lab.cell", [(1.0, 2.0), (5.0, 6.0)], channel="temp", reason="x")
    then = site.room(site.catalog.head())
    when = Time.now()
    assert room.bad_times.remove("lab.cell", [(5.5, 7.0)], channel="temp") == 1
    assert len(room.bad_times.list()) == 1
    assert len(room.bad_times.list(as_of=when)) == 2
    assert room["lab.cell"].fetch("temp", filter_bad=True)["time"].tolist() == [2, 3, 4, 5, 6, 7, 8]
    assert then["lab.cell"].fetch("temp", filter_bad=True)["time"].tolist() == [2, 3, 4, 6, 7, 8]
    assert len(room["lab.cell"].fetch("temp", filter_bad=True, as_of=when)) == 6
    room.bad_times.add("lab.cell", [(5.0, 6.0)], channel="temp", reason="again")
    assert room.bad_times.list()["reason"].tolist() == ["x", "again"]
    assert room.bad_times.remove("lab.cell", channel="temp") == 2
    with pytest.raises(NotFound, match="0 elsewhere"):
        room.bad_times.remove("lab.cell", channel="temp")


def test_what_makes_no_sense_is_refused(room: SeriesRoom, site: SeriesSite) -> None:
    add = room.bad_times.add
    with pytest.raises(NotFound, match=r"lab\.cell"):
        add("lab.sell", [(1.0, 2.0)], reason="x")
    with pytest.raises(BadQuery, match=r"'tmp'.*temp"):
        add("lab.cell", [(1.0, 2.0)], channel="tmp", reason="x")
    with pytest.raises(BadQuery, match="reason"):
        add("lab.cell", [(1.0, 2.0)], reason=" ")
    with pytest.raises(BadQuery, match="needs a start"):
        add("lab.cell", [(None, 2.0)], reason="x")
    with pytest.raises(Refused):
        SeriesRoom(site.catalog, site.store).bad_times.add("lab.cell", [(1.0, 2.0)], reason="x")
    assert add("lab.cell", [], reason="x") == 0
    with pytest.raises(NotFound, match=r"lab\.cell"):
        add("lab.sell", [], reason="x")
    with pytest.raises(BadQuery, match="reason"):
        add("lab.cell", [], reason="")


def test_two_reasons_for_one_span_are_two_entries(room: SeriesRoom, tmp_path: Path) -> None:
    room.bad_times.add("lab.cell", [(1.0, 2.0)], channel="temp", reason="heater")
    room.bad_times.add("lab.cell", [(1.0, 2.0)], channel="temp", reason="late")
    assert room.bad_times.list()["reason"].tolist() == ["heater", "late"]
    assert room.bad_times.write_csv(tmp_path / "bad.csv") == 2
    assert room.bad_times.remove("lab.cell", [(1.0, 2.0)], channel="temp") == 2
    assert [room.bad_times.read_csv(tmp_path / "bad.csv") for _ in range(3)] == [2, 0, 0]
    assert room.bad_times.list()["reason"].tolist() == ["heater", "late"]


def test_csv_goes_out_and_comes_in_once(room: SeriesRoom, tmp_path: Path) -> None:
    start = from_us(us_from_cxc(1.000_001))
    room.bad_times.add("lab.cell", [(start, 2.0), (5.0, None)], channel="temp", reason='said "odd", twice')
    assert room.bad_times.write_csv(tmp_path / "bad.csv") == 2
    before = room.bad_times.list()
    assert room.bad_times.read_csv(tmp_path / "bad.csv") == 0
    room.bad_times.remove("lab.cell", channel="temp")
    assert room.bad_times.read_csv(tmp_path / "bad.csv") == 2
    after = room.bad_times.list()
    assert after["start"].isot.tolist() == before["start"].isot.tolist()
    assert after["reason"].tolist() == before["reason"].tolist()
    assert after["stop"].mask.tolist() == [False, True]


@pytest.mark.parametrize(
    "text", ["series,start\nlab.cell,1998:001\n", "series,channel,start,stop,reason\nlab.cell,temp\n"]
)
def test_a_csv_of_another_form_is_refused(room: SeriesRoom, tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BadFile, match="reason"):
        room.bad_times.read_csv(path)
    with pytest.raises(BadFile, match="cannot be read"):
        room.bad_times.read_csv(tmp_path / "none.csv")


_SPAN = st.tuples(st.integers(0, 9), st.integers(1, 5)).map(lambda s: (float(s[0]), float(s[0] + s[1])))
_EDITS = st.lists(st.tuples(st.booleans(), st.sampled_from(["", "temp", "volt"]), _SPAN), min_size=1, max_size=6)
_NUMBERS = count()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_EDITS)
def test_every_state_of_what_people_registered_can_be_asked(
    site: SeriesSite, edits: list[tuple[bool, str, tuple[float, float]]]
) -> None:
    spec = replace(SPEC, name=f"lab.cell{next(_NUMBERS)}")
    seconds = np.arange(10.0)
    rows = {"time": seconds, "temp": seconds, "volt": seconds, "quality": np.zeros(10, "i4")}
    site.bring(spec, (spec.name, "", rows))
    room, held, states = site.room(), set(), []
    for adding, channel, span in edits:
        hit = {one for one in held if one[0] == channel and one[1][0] < span[1] and span[0] < one[1][1]}
        if adding:
            room.bad_times.add(spec.name, [span], channel=channel, reason="x")
            held = held | {(channel, span)}
        elif hit:
            assert room.bad_times.remove(spec.name, [span], channel=channel) == len(hit)
            held = held - hit
        states.append((site.catalog.head(), held))
    for commit, then in states:
        good = [t for t in seconds if not any(c in {"", "temp"} and a <= t < b for c, (a, b) in then)]
        assert site.room(commit)[spec.name].fetch("temp", filter_bad=True)["time"].tolist() == good
        assert len(site.room(commit).bad_times.list(spec.name)) == len(then)
