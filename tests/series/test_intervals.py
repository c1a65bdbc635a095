"""Intervals between samples: compared with a slow model in plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.times import from_us, us_from_cxc
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import BadQuery
from longwatch.series.intervals import logical_intervals, merged, remove, runs, select, state_intervals, within
from longwatch.testing.series import spec_named
from longwatch.testing.series_site import SeriesSite

Interval = tuple[float, float]


def fetched(seconds: list[float], start: float | None = None, stop: float | None = None, **columns: object) -> Table:
    """A table as `fetch` gives it."""
    ends = [MIN_US if start is None else int(us_from_cxc(start)), MAX_US if stop is None else int(us_from_cxc(stop))]
    meta = {"time": "time", "scale": "cxc", "start_us": ends[0], "stop_us": ends[1]}
    return Table({"time": np.array(seconds, dtype=float), **columns}, meta=meta)


def cxc(times: Time) -> list[float]:
    return [round(float(value), 6) for value in times.cxcsec]


def slow_runs(us: list[int], values: list[object], span: Timespan, max_gap: int | None) -> list[tuple[int, int, int]]:
    """Say where runs begin and end, sample by sample."""
    begins, ends = [], []
    for i in range(len(us)):
        steps = [b - a for a, b in pairwise(us)]
        reach = [step if max_gap is None else min(step, max_gap) for step in steps]
        if i == 0:
            begins.append((0, us[0] - (reach[0] // 2 if steps else 0)))
        elif values[i] != values[i - 1] or steps[i - 1] > reach[i - 1]:
            half = reach[i - 1] // 2
            ends.append(us[i - 1] + half)
            begins.append((i, us[i] - half if steps[i - 1] > reach[i - 1] else us[i - 1] + half))
        if i == len(us) - 1:
            ends.append(us[-1] + (reach[-1] // 2 if steps else 0))
    return [
        (max(begin, span.start_us), min(end, span.stop_us), first)
        for (first, begin), end in zip(begins, ends, strict=True)
    ]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2)), max_size=12, unique_by=lambda sample: sample[0]),
    st.one_of(st.none(), st.integers(0, 60)),
    st.integers(0, 40),
)
def test_runs_agree_with_the_slow_model(samples: list[tuple[int, int]], max_gap: int | None, slack: int) -> None:
    samples = sorted(samples)
    us, values = [time for time, _ in samples], [value for _, value in samples]
    span = Timespan(us[0] - slack, us[-1] + slack + 1) if us else Timespan()
    got = runs(np.array(us, dtype=np.int64), np.array(values), span=span, max_gap_us=max_gap)
    assert list(zip(*(part.tolist() for part in got), strict=True)) == slow_runs(us, values, span, max_gap)
    lengths = np.diff([*got.first.tolist(), len(us)])
    assert all(got.start_us[i] <= us[j] <= got.stop_us[i] for i, j in zip(range(len(lengths)), got.first, strict=True))


def test_boundaries_lie_in_the_middle_and_ends_reach_half_a_step() -> None:
    table = fetched([0, 2, 4, 10, 12, 20], temp=[1.0, 1, 5, 6, 0, 7])
    found = logical_intervals(table, "temp > 3")
    assert list(zip(cxc(found["start"]), cxc(found["stop"]), strict=True)) == [(3, 11), (16, 24)]
    assert found["duration"].tolist() == [8, 8]
    assert found["duration"].unit == "s"
    assert found.meta["intervals"] == "temp > 3"


def test_the_span_asked_for_clips_and_a_gap_parts() -> None:
    table = fetched([0, 2, 4, 10, 12, 20], 0, 21, temp=[5.0, 5, 5, 5, 0, 7])
    found = logical_intervals(table, "temp > 3", max_gap=3)
    assert list(zip(cxc(found["start"]), cxc(found["stop"]), strict=True)) == [(0, 5.5), (8.5, 11), (18.5, 21)]


def test_complete_ones_were_seen_to_begin_and_end() -> None:
    table = fetched([0, 2, 4, 6, 8], lit=[True, False, True, False, True])
    assert len(logical_intervals(table, "lit")) == 3
    whole = logical_intervals(table, "lit", complete=True)
    assert list(zip(cxc(whole["start"]), cxc(whole["stop"]), strict=True)) == [(3, 5)]


def test_what_cannot_be_known_is_passed_over() -> None:
    temp = MaskedColumn([5.0, 0, 5, 0], mask=[False, True, False, False])
    found = logical_intervals(fetched([0, 2, 4, 6], temp=temp), "temp > 3")
    assert list(zip(cxc(found["start"]), cxc(found["stop"]), strict=True)) == [(-2, 5)]


@pytest.mark.parametrize("seconds", [[], [7.0]])
def test_few_samples_make_few_intervals(seconds: list[float]) -> None:
    table = fetched(seconds, lit=np.ones(len(seconds), dtype=bool))
    assert logical_intervals(table, "lit")["duration"].tolist() == [0.0] * len(seconds)
    assert len(logical_intervals(table, "lit", complete=True)) == 0
    assert len(state_intervals(table, "lit")) == len(seconds)


def test_a_lone_sample_has_the_step_to_the_nearest_row_or_none() -> None:
    temp = MaskedColumn([0.0, 0, 5, 0], mask=[True, True, False, True])
    table = fetched([0, 4, 6, 20], temp=temp)
    found = logical_intervals(table, "temp > 3")
    assert (cxc(found["start"]), cxc(found["stop"])) == ([5], [7])
    assert select(table, found)["time"].tolist() == [6]
    assert cxc(state_intervals(table, "temp", max_gap=1)["stop"]) == [6.5]
    alone = fetched([6], temp=[5.0])
    found = logical_intervals(alone, "temp > 3")
    assert (cxc(found["start"]), found["duration"].tolist()) == ([6], [0])
    assert len(select(alone, found)) == 0


def test_states_follow_each_other() -> None:
    state = MaskedColumn(["ON", "ON", "OFF", "", "ON"], mask=[False, False, False, True, False])
    found = state_intervals(fetched([0, 2, 4, 6, 8], state=state), "state")
    assert found.colnames == ["state", "start", "stop", "duration"]
    assert found["state"].tolist() == ["ON", "OFF", "ON"]
    assert cxc(found["start"])[1:] == cxc(found["stop"])[:-1]
    assert found["duration"].tolist() == [4.0, 3.0, 4.0]


def test_nan_is_one_state() -> None:
    assert len(state_intervals(fetched([0, 1, 2], temp=[np.nan, np.nan, 1.0]), "temp")) == 2


def test_images_have_no_states() -> None:
    with pytest.raises(BadQuery, match="no states"):
        state_intervals(fetched([0.0], image=np.zeros((1, 2, 2))), "image")


def test_a_channel_the_table_lacks_is_named() -> None:
    with pytest.raises(BadQuery, match="no channel"):
        logical_intervals(fetched([0.0], temp=[1.0]), "dac > 3")


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda s: (s[0], s[0] + s[1])), max_size=6)


@given(SPANS, st.lists(st.integers(-5, 90), max_size=30), st.integers(-4, 4), st.integers(-4, 4))
def test_rows_are_inside_or_outside(spans: list[Interval], seconds: list[int], before: int, after: int) -> None:
    table = fetched(sorted(map(float, seconds)))
    given_spans = [(float(start), float(stop)) for start, stop in spans]
    inside = select(table, given_spans, pad=(before, after))["time"].tolist()
    outside = remove(table, given_spans, pad=(before, after))["time"].tolist()
    want = [t for t in table["time"].tolist() if any(a - before <= t < b + after for a, b in spans)]
    assert inside == want
    assert sorted([*inside, *outside]) == table["time"].tolist()
    start, stop = merged(given_spans, pad=(before, after))
    assert np.all(start < stop)
    assert np.all(start[1:] > stop[:-1])


def test_intervals_are_taken_in_every_form() -> None:
    table = fetched([1.0, 5, 9, 20], lit=np.array([True, True, False, True]))
    mission = Table({"tstart": [4.0], "tstop": [10.0]})
    dates = Table({"datestart": from_us(us_from_cxc(np.array([4.0]))).yday, "datestop": ["1999:001"]})
    times = Table({"start": from_us(us_from_cxc(np.array([4.0]))), "stop": from_us(us_from_cxc(np.array([10.0])))})
    assert select(table, mission)["time"].tolist() == [5, 9]
    assert select(table, dates)["time"].tolist() == [5, 9, 20]
    assert select(table, times)["time"].tolist() == [5, 9]
    assert select(table, [(from_us(us_from_cxc(4.0)), 10.0)])["time"].tolist() == [5, 9]
    assert select(table, [(None, 5.0), (9.0, None)])["time"].tolist() == [1, 9, 20]
    assert remove(table, logical_intervals(table, "lit"))["time"].tolist() == [9]
    assert len(select(table, [])) == 0
    assert len(remove(table, [])) == 4


def test_a_masked_end_is_open() -> None:
    stop = from_us(us_from_cxc(np.array([4.0, 9.0])))
    stop[1] = np.ma.masked
    spans = Table({"start": from_us(us_from_cxc(np.array([0.0, 8.0]))), "stop": stop})
    assert select(fetched([1.0, 5, 9, 20]), spans)["time"].tolist() == [1, 9, 20]


def test_a_reversed_interval_and_a_table_without_any_are_refused() -> None:
    with pytest.raises(BadQuery, match="before it begins"):
        merged([(5.0, 4.0)])
    with pytest.raises(BadQuery, match="start and stop"):
        merged(Table({"begin": [1.0]}))
    with pytest.raises(BadQuery, match="lost its times"):
        select(Table({"x": [1]}), [(1.0, 2.0)])


def test_an_instant_is_within_half_open_spans() -> None:
    start, stop = np.array([0, 10]), np.array([5, 12])
    assert within(np.array([-1, 0, 4, 5, 10, 11, 12]), start, stop).tolist() == [
        False,
        True,
        True,
        False,
        True,
        True,
        False,
    ]


DAY_S = 86_400.0
SPEC = spec_named("lab.heater")


def bring(site: SeriesSite, seconds: np.ndarray, value: np.ndarray, state: np.ndarray, slot: int = 0) -> None:
    columns = {"time": seconds, "slot": np.full(len(seconds), slot), "value": value, "state": state}
    site.bring(SPEC, (f"file-{seconds[0]}-{slot}", "", columns))


def test_a_series_is_asked_for_intervals_and_states_and_gives_the_rows_inside(site: SeriesSite) -> None:
    seconds = np.arange(0, 100 * DAY_S, DAY_S / 2)
    hot = seconds // (20 * DAY_S) % 2 == 1
    for part in np.array_split(np.arange(len(seconds)), 5):
        bring(site, seconds[part], np.where(hot, 5.0, 1.0)[part], np.where(hot, "ON", "OFF")[part])
    series = site.room()[SPEC.name]
    found = series.intervals("value > 3 and state == 'ON'")
    quarter = DAY_S / 4
    assert cxc(found["start"]) == [20 * DAY_S - quarter, 60 * DAY_S - quarter]
    assert cxc(found["stop"]) == [40 * DAY_S - quarter, 80 * DAY_S - quarter]
    assert len(series.intervals("value > 3", 30 * DAY_S, 70 * DAY_S, complete=True)) == 0
    assert series.states("state", stop=70 * DAY_S)["state"].tolist() == ["OFF", "ON", "OFF", "ON"]
    inside = series.fetch("value", select=found)
    assert inside["time"].tolist() == seconds[hot].tolist()
    assert inside.colnames == ["time", "value"]
    assert series.fetch("value", remove=found)["time"].tolist() == seconds[~hot].tolist()
    assert len(series.fetch("value", 0.0, 25 * DAY_S, select=found, limit=3)) == 3
    assert series.fetch("value", remove=found, limit=2)["time"].tolist() == seconds[:2].tolist()
    assert len(series.fetch("value", select=[])) == 0
    assert len(series.fetch("value", select=[(1e8, 2e8)])) == 0


def test_rows_of_several_slots_are_not_mixed(site: SeriesSite) -> None:
    for slot in (0, 3):
        bring(site, np.array([1.0, 2, 3]), np.array([0.0, 9, 0]) + slot, np.array(["ON"] * 3), slot)
    series = site.room()[SPEC.name]
    with pytest.raises(BadQuery, match=r"several values of 'slot': 0, 3.*where=\{'slot': 0\}"):
        series.intervals("value > 5")
    assert len(series.intervals("value > 5", where={"slot": 3})) == 1
    assert len(series.states("state", where={"slot": 3})) == 1
    with pytest.raises(BadQuery, match=r"'stat'.*state"):
        series.intervals("stat == 'ON'")


def test_rows_in_which_one_channel_decides_count_too(site: SeriesSite) -> None:
    seconds, slot = np.repeat(np.arange(4.0), 2), np.tile([0, 1], 4)
    value = np.ma.MaskedArray([1.0, 9] * 4, [False, False] * 4)
    state = np.ma.MaskedArray(["ON"] * 8, [False, True] * 4)
    site.bring(SPEC, ("a", "", {"time": seconds, "slot": slot, "value": value, "state": state}))
    series = site.room()[SPEC.name]
    with pytest.raises(BadQuery, match=r"several values of 'slot': 0, 1"):
        series.intervals("value > 3 or state == 'ON'")
    assert len(series.intervals("value > 3 or state == 'ON'", where={"slot": 1})) == 1


def test_channels_that_never_meet_are_said_not_to(site: SeriesSite) -> None:
    value = np.ma.MaskedArray([1.0, 2, 3, 4], [False, False, True, True])
    state = np.ma.MaskedArray(["ON"] * 4, [True, True, False, False])
    site.bring(SPEC, ("a", "", {"time": np.arange(4.0), "slot": np.zeros(4, int), "value": value, "state": state}))
    with pytest.raises(BadQuery, match=r"value and state never stand in one row.*interpolate"):
        site.room()[SPEC.name].intervals("value > 3 and state == 'ON'")
    grid = site.room().interpolate({SPEC.name: ["value", "state"]}, 0.0, 4.0, step=1)
    assert len(logical_intervals(grid, "value < 3 or state == 'ON'")) == 1


def test_rows_without_a_time_lie_nowhere() -> None:
    table = fetched([1.0, 2.0])
    table["time"] = MaskedColumn([1.0, 2.0], mask=[False, True])
    with pytest.raises(BadQuery, match="no time"):
        select(table, [(0.0, 5.0)])
