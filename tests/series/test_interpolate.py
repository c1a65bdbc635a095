"""Channels on one grid: the nearest sample, what is beyond the data, and what becomes of bad samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import cxc_from_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery, NotFound
from longwatch.series.face import SeriesRoom
from longwatch.series.interpolate import Samples, grid, nearest, on_grid
from longwatch.testing.series_site import SeriesSite

TIMES = st.lists(st.integers(0, 60), max_size=8, unique=True).map(sorted)


@given(TIMES, st.lists(st.integers(-5, 70), max_size=12).map(sorted))
def test_the_nearest_sample_is_the_one_a_slow_search_finds(us: list[int], points: list[int]) -> None:
    place, inside = nearest(np.array(us, dtype=np.int64), np.array(points, dtype=np.int64))
    for point, found, between in zip(points, place.tolist(), inside.tolist(), strict=True):
        assert between == bool(us and us[0] <= point <= us[-1])
        if us:
            assert us[found] == min(us, key=lambda time: (abs(time - point), time))


SAMPLES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 99), st.booleans()), max_size=6, unique_by=lambda s: s[0]
)


def slow(samples: list[tuple[int, int, bool]], point: int) -> tuple[int, bool] | None:
    """Give value and badness of the nearest sample, None beyond them."""
    if not samples or not samples[0][0] <= point <= samples[-1][0]:
        return None
    _, value, bad = min(samples, key=lambda sample: (abs(sample[0] - point), sample[0]))
    return value, bad


@given(st.lists(SAMPLES.map(sorted), min_size=1, max_size=3), st.booleans(), st.booleans())
def test_bad_samples_are_filtered_masked_or_joined(
    channels: list[list[tuple[int, int, bool]]], filter_bad: bool, bad_union: bool
) -> None:
    points = list(range(-1, 23))
    given_samples = {
        str(n): Samples(*(np.array([s[k] for s in one], dtype=t) for k, t in enumerate((np.int64, np.int64, bool))))
        for n, one in enumerate(channels)
    }
    found, keep = on_grid(given_samples, np.array(points), filter_bad=filter_bad, bad_union=bad_union)
    for place, point in enumerate(points):
        near = [slow([s for s in one if not (s[2] and filter_bad and not bad_union)], point) for one in channels]
        any_bad = any(one is not None and one[1] for one in near)
        assert keep[place] == (not (any_bad and bad_union and filter_bad))
        for name, one in enumerate(near):
            missing = one is None or ((any_bad if bad_union else one[1]) and not (bad_union and filter_bad))
            assert found[str(name)].mask[place] == missing
            if not missing and one is not None:
                assert found[str(name)][place] == one[0]


def test_a_grid_ends() -> None:
    assert grid(Timespan(0, 3_000_000), 1.0).tolist() == [0, 1_000_000, 2_000_000]
    with pytest.raises(BadQuery, match="start and a stop"):
        grid(Timespan(), 1.0)
    with pytest.raises(BadQuery, match="no end"):
        grid(Timespan(0, 1), 0.0)
    with pytest.raises(BadQuery, match="longer step"):
        grid(Timespan(0, 10**15), 1e-6)


FAST = SeriesSpec(
    name="lab.fast",
    description="Fast.",
    columns=(
        Column(name="time", unit="s", description="Chandra time"),
        Column(name="temp", unit="deg_C", description="Temperature"),
        Column(name="quality", unit="", description="0 good", dtype="i4"),
        Column(name="state", unit="", description="State", dtype="str"),
    ),
    scale=TimeScale.CXC,
    quality="quality",
    instrument="lab",
)


@pytest.mark.parametrize("step", [float("nan"), 0.0, -5.0, 1e-9])
def test_a_step_has_a_length(room: SeriesRoom, step: float) -> None:
    with pytest.raises(BadQuery, match="step"):
        room.interpolate({"lab.fast": "temp"}, 0.0, 10.0, step=step)
    with pytest.raises(BadQuery, match="step"):
        room.interpolate({"lab.fast": "temp"}, times=[10.9], step=step)
    assert room.interpolate({"lab.fast": "temp"}, 0.0, 10.0, step=float("inf"))["temp"].tolist() == [0]


@pytest.fixture
def room(site: SeriesSite) -> SeriesRoom:
    fast = np.arange(0.0, 100, 2)
    quality = (fast == 50).astype("i4")
    state = np.where(fast < 40, "OFF", "ON")
    site.bring(FAST, ("a", "", {"time": fast, "temp": fast, "quality": quality, "state": state}))
    room = site.room()
    slow_room = room.create("lab.slow", columns={"temp": "K", "dac": ""})
    seconds = np.array([0.0, 40, 80])
    slow_room.append(
        {"time": seconds.tolist(), "temp": seconds + 273, "dac": np.ma.MaskedArray([1.0, 2, 3], [0, 1, 0])}
    )
    return room


def test_channels_of_two_series_meet_on_one_grid(room: SeriesRoom) -> None:
    found = room.interpolate({"lab.fast": ["temp", "state"], "lab.slow": ("temp", "dac")}, 0.0, 100.0, step=10)
    assert found.colnames == ["time", "lab.fast:temp", "state", "lab.slow:temp", "dac"]
    assert cxc_from_us(np.asarray(found["time"])).tolist() == list(range(0, 100, 10))
    assert found["lab.fast:temp"].tolist() == [0, 10, 20, 30, 40, 48, 60, 70, 80, 90]
    assert found["lab.slow:temp"].tolist() == [273] * 3 + [313] * 4 + [353] * 2 + [None]
    assert found["lab.slow:temp"].unit == "K"
    assert found["dac"].tolist() == [1] * 5 + [3] * 4 + [None]
    assert found["state"].tolist() == ["OFF"] * 4 + ["ON"] * 6
    assert len(room["lab.fast"].times(found)) == 10


def test_the_bad_are_joined_where_it_is_wished(room: SeriesRoom) -> None:
    ask = {"lab.fast": "temp", "lab.slow": "dac"}
    together = room.interpolate(ask, 0.0, 80.0, step=10, bad_union=True)
    assert len(together) == 7
    shown = room.interpolate(ask, 0.0, 80.0, step=10, filter_bad=False)
    assert shown["temp"].tolist()[5] is None
    assert shown["dac"].tolist()[5] == 3
    both = room.interpolate(ask, 0.0, 80.0, step=10, filter_bad=False, bad_union=True)
    assert both["dac"].tolist()[5] is None
    room.bad_times.add("lab.slow", [(0.0, 1.0)], channel="dac", reason="x")
    assert room.interpolate(ask, 0.0, 80.0, step=10)["dac"].tolist()[:2] == [None, None]


def test_the_grid_may_be_given_and_samples_just_outside_speak(room: SeriesRoom) -> None:
    found = room.interpolate({"lab.fast": "temp"}, times=[10.9, 41.5, 200.0])
    assert found["temp"].tolist() == [10, 42, None]
    assert room.interpolate({"lab.fast": "temp"}, 11.0, 13.0, step=3)["temp"].tolist() == [10]
    assert len(room.interpolate({"lab.fast": "temp"}, times=[])) == 0


def test_what_does_not_exist_is_said(room: SeriesRoom) -> None:
    with pytest.raises(NotFound, match=r"lab\.fast"):
        room.interpolate({"lab.fst": "temp"}, 0.0, 1.0)
    with pytest.raises(BadQuery, match="'tmp'"):
        room.interpolate({"lab.fast": "tmp"}, 0.0, 1.0)
    with pytest.raises(BadQuery, match="slot"):
        room.interpolate({"lab.fast": "temp"}, 0.0, 1.0, where={"slot": 3})
