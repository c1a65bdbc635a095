"""Statistics over any span: always those of the rows, kept or not."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from longwatch.catalog.summaries import summaries_of
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us
from longwatch.errors import BadQuery
from longwatch.series.bins import Level, bin_of
from longwatch.series.read import Reader
from longwatch.series.scale import instants
from longwatch.testing.series_site import SeriesSite

DAY_S = 86_400.0
NUMBERS = count()


@pytest.fixture(autouse=True)
def keep_few_rows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longwatch.series.maker.WORTH", 0)


def spec_of(name: str, scale: TimeScale = TimeScale.CXC) -> SeriesSpec:
    return SeriesSpec(
        name=name,
        description="",
        columns=(
            Column(name="time", unit="s", description="Time"),
            Column(name="slot", unit="", description="Slot", dtype="u1"),
            Column(name="value", unit="deg_C", description="Value"),
            Column(name="counts", unit="", description="Counts", dtype="i2"),
            Column(name="state", unit="", description="State", dtype="str"),
            Column(name="on", unit="", description="Flag", dtype="bool"),
        ),
        scale=scale,
        key=("slot",),
        instrument="lab",
    )


def rows_of(time: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    value = rng.normal(size=len(time)).round(2)
    value[rng.random(len(time)) < 0.1] = np.nan
    return {
        "time": np.asarray(time, float),
        "slot": rng.integers(0, 2, len(time)).astype("u1"),
        "value": np.ma.MaskedArray(value, rng.random(len(time)) < 0.1),
        "counts": rng.integers(-9, 9, len(time)).astype("i2"),
        "state": np.ma.MaskedArray(rng.choice(["ON", "OFF"], len(time)), rng.random(len(time)) < 0.1),
        "on": rng.random(len(time)) < 0.5,
    }


def expected(table, name: str, level: Level, scale: TimeScale) -> dict[int, list]:
    """Give the good values of each bin, row by row."""
    us = instants(np.asarray(table["time"]), scale)
    found: dict[int, list] = {}
    column = np.ma.asanyarray(table[name].data)
    for number, value, gone in zip(bin_of(level, us, scale), column.data, np.ma.getmaskarray(column), strict=True):
        if not (gone or (name == "value" and np.isnan(value))):
            found.setdefault(int(number), []).append(value)
    return found


def check(series, span, where, level: Level, scale: TimeScale) -> None:
    table = series.fetch(None, *span, where=where)
    for name in ("value", "counts"):
        want = expected(table, name, level, scale)
        got = series.fetch([name], *span, where=where, stat=level)
        numbers = [want[key] for key in sorted(want)]
        assert got[f"count_{name}"].tolist() == [len(v) for v in numbers]
        for statistic, give in (("mean", np.mean), ("min", np.min), ("max", np.max), ("std", np.std)):
            assert np.allclose(got[f"{statistic}_{name}"], [give(v) for v in numbers], atol=1e-12)
        assert got[f"mid_{name}"].tolist() == [v[len(v) // 2] for v in numbers]
        if level is Level.DAY:
            assert np.allclose(got[f"p16_{name}"], [np.percentile(v, 16) for v in numbers])
    for name in ("state", "on"):
        want = expected(table, name, level, scale)
        got = series.fetch([name], *span, where=where, stat=level)
        assert got[f"count_{name}"].tolist() == [len(want[key]) for key in sorted(want)]
        for word in {str(value) for values in want.values() for value in values}:
            counted = [sum(str(v) == word for v in want[key]) for key in sorted(want)]
            assert got[f"count_{name}_{word}"].tolist() == counted


def when(native: float, scale: TimeScale):
    return from_us(int(instants(np.array([native]), scale)[0]))


SPANS = st.tuples(st.floats(-3, 100), st.floats(0, 100)).map(lambda s: (s[0] * DAY_S, (s[0] + s[1]) * DAY_S))


@given(
    files=st.lists(st.tuples(st.floats(0, 90), st.floats(0.001, 40), st.integers(1, 60)), min_size=1, max_size=4),
    spans=st.lists(st.one_of(SPANS, st.just((None, None))), min_size=1, max_size=3),
    level=st.sampled_from(list(Level)),
    where=st.sampled_from([None, {"slot": 1}, {"slot": 7}, {"slot": 0, "on": True}]),
    change=st.sampled_from(["retract", "fold", "late", "summarise", "nothing"]),
    scale=st.sampled_from([TimeScale.CXC, TimeScale.MJD_UTC]),
)
@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_statistics_are_those_of_the_rows(site: SeriesSite, files, spans, level, where, change, scale) -> None:
    spec = spec_of(f"lab.{next(NUMBERS)}", scale)
    unit = DAY_S if scale is TimeScale.MJD_UTC else 1.0
    zero = 50_814.0 * DAY_S if scale is TimeScale.MJD_UTC else 0.0
    for number, (start, length, n) in enumerate(files):
        time = (zero + np.linspace(start, start + length, n) * DAY_S) / unit
        (newest,) = site.bring(spec, (f"{spec.name}{number}", "", rows_of(time, number)))
    series = site.room()[spec.name]
    asked = [(None, None) if s[0] is None else tuple(when((zero + t) / unit, scale) for t in s) for s in spans]
    for span in asked:
        check(series, span, where, level, scale)
    before = site.catalog.head()
    if change == "retract":
        site.retract(newest)
    elif change == "fold":
        site.fold(spec.name)
    elif change == "late":
        site.bring(spec, ("late", "", rows_of((zero + np.array([3.5, 40.2]) * DAY_S) / unit, 99)))
    elif change == "summarise":
        assert series.summarise().made
        assert not series.summarise().made
        series = site.room()[spec.name]
    for span in asked:
        check(series, span, where, level, scale)
    check(site.room(before)[spec.name], asked[0], where, level, scale)


def kept(site: SeriesSite) -> dict[tuple[str, int], tuple[str, str]]:
    with site.catalog.read() as snapshot:
        return {(one.channel, one.block): (one.digest, one.oid) for one in summaries_of(snapshot, 1)}


def test_whole_months_are_kept_when_asked_but_for_the_newest(site: SeriesSite) -> None:
    spec = spec_of("lab.a")
    site.bring(spec, ("a", "", rows_of(np.arange(0, 500 * DAY_S, 3e3), 1)))
    series = site.room()["lab.a"]
    series.fetch("value", "1998-02-03", "1998-02-20", stat="hour")
    assert not kept(site)
    series.fetch("value", stat="daily")
    blocks = {block for _, block in kept(site)}
    assert {1998, 199801, 199904} <= blocks
    assert not {1999, 199905} & blocks
    assert site.room(site.catalog.head())["lab.a"].fetch("value", stat="hour")["count_value"].sum() > 0
    assert len(kept(site)) == len(blocks)


def test_what_is_kept_is_read_in_place_of_rows(site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = spec_of("lab.a")
    site.bring(spec, ("a", "", rows_of(np.arange(5 * DAY_S, 70 * DAY_S, 10.0), 1)))
    site.room()["lab.a"].summarise()
    head = site.catalog.head()
    kinds = [("value", level) for level in Level] + [("on", Level.HOUR), ("on", Level.DAY)]
    asked = [(*kind, where) for kind in kinds for where in (None, {"slot": 1})]
    before = [site.room(head)["lab.a"].fetch(name, stat=level, where=where) for name, level, where in asked]
    monkeypatch.setattr(Reader, "rows", None)
    after = [site.room(head)["lab.a"].fetch(name, stat=level, where=where) for name, level, where in asked]
    for one, other in zip(before, after, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one.colnames)
    with pytest.raises(TypeError):
        site.room(head)["lab.a"].fetch("value", stat="hour", where={"counts": 1})


def test_what_is_kept_is_used_and_replaced_when_rows_arrive(site: SeriesSite) -> None:
    spec = spec_of("lab.a")
    site.bring(spec, ("a", "", rows_of(np.arange(0, 100 * DAY_S, 3e3), 1)))
    series = site.room()["lab.a"]
    done = series.summarise(["value", "state"])
    assert (done.channels, done.months, done.made, done.dropped) == (2, 5, 14, 0)
    before = kept(site)
    site.bring(spec, ("b", "", rows_of(np.array([40 * DAY_S]), 2)))
    again = series.summarise(["value"])
    assert again.made == 2
    after = kept(site)
    changed = {key for key in before if before[key] != after.get(key)}
    assert changed == {("value", 199802), ("value", 1998), ("state", 199802), ("state", 1998)}
    assert ("state", 199802) not in after


def test_a_damaged_or_lost_object_is_made_again(site: SeriesSite) -> None:
    spec = spec_of("lab.a")
    site.bring(spec, ("a", "", rows_of(np.arange(0, 100 * DAY_S, 3e3), 1)))
    want = site.room()["lab.a"].fetch("value", stat="daily")
    site.room()["lab.a"].summarise("value")
    for _, oid in kept(site).values():
        site.store.remove(oid, older_than_s=0)
    got = site.room(site.catalog.head())["lab.a"].fetch("value", stat="daily")
    assert all(np.array_equal(want[name], got[name]) for name in want.colnames)
    site.room()["lab.a"].summarise("value")
    assert all(site.store.exists(oid) for _, oid in kept(site).values())


def damage(site: SeriesSite, oid: str) -> None:
    data = site.store.get(oid)
    path = next(path for path in Path(urlsplit(site.store.location).path).rglob("*") if path.name == oid[2:])
    path.chmod(0o644)
    path.write_bytes(data[:-4] + b"XXXX")


def test_damage_in_place_is_found_and_healed(site: SeriesSite) -> None:
    site.bring(spec_of("lab.a"), ("a", "", rows_of(np.arange(0, 100 * DAY_S, 3e3), 1)))
    want = site.room()["lab.a"].fetch("value", stat="daily")
    site.room()["lab.a"].summarise("value")
    oids = [kept(site)["value", block][1] for block in (199802, 1998)]
    for oid in oids:
        damage(site, oid)
    assert not any(map(site.store.verify, oids))
    assert site.room()["lab.a"].summarise("value").made == 2
    assert all(map(site.store.verify, oids))
    damage(site, oids[0])
    got = site.room(site.catalog.head())["lab.a"].fetch("value", stat="5min")
    assert got["count_value"].sum() == want["count_value"].sum()
    series = site.room()["lab.a"]
    assert series.summarise("value").made == 1
    assert series.summarise("value").made == 0
    assert all(map(site.store.verify, oids))


def test_of_few_rows_nothing_is_kept(site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    site.bring(spec_of("lab.a"), ("a", "", rows_of(np.arange(0, 100 * DAY_S, 3e3), 1)))
    series = site.room()["lab.a"]
    assert len(series.daily("value")) == 101
    assert series.summarise().made == 0
    assert not kept(site)


def test_integers_are_not_cut_and_leap_seconds_belong_to_their_day(site: SeriesSite) -> None:
    spec = spec_of("lab.a", TimeScale.MJD_UTC)
    rows = rows_of(np.array([57753.1, 57753.99999, 57754.0]), 1) | {"counts": np.array([1, 2, 5], dtype="i2")}
    site.bring(spec, ("a", "", rows))
    days = site.room()["lab.a"].daily("counts")
    assert days["mean_counts"].tolist() == [1.5, 5]
    assert days["p50_counts"].tolist() == [1.5, 5]
    assert days["date"].tolist() == ["2016-12-31", "2017-01-01"]
    assert days["mean_counts"].unit == ""


def test_what_has_no_statistics_says_so(site: SeriesSite) -> None:
    site.bring(spec_of("lab.a"), ("a", "", rows_of(np.arange(0, 100 * DAY_S, 3e3), 1)))
    series = site.room()["lab.a"]
    with pytest.raises(BadQuery, match="'5min', 'hour', 'daily'"):
        series.fetch("value", stat="weekly")
    with pytest.raises(BadQuery, match="no channel"):
        series.fetch("time", stat="hour")
    assert len(series.fetch("value", 5.0, 5.0, stat="hour")) == 0
    assert len(series.fetch(stat="daily", limit=3)) == 3


def columns_of(**dtypes: str) -> tuple[Column, ...]:
    names = {"time": "f8"} | dtypes
    return tuple(Column(name=name, unit="", description="", dtype=dtype) for name, dtype in names.items())


def spec_with(
    time: str, columns: tuple[Column, ...], scale: TimeScale = TimeScale.CXC, key: tuple[str, ...] = ()
) -> SeriesSpec:
    return SeriesSpec(name="lab.a", description="", columns=columns, time=time, scale=scale, key=key, instrument="lab")


def test_real_keys_find_their_rows_kept_or_not(site: SeriesSite) -> None:
    spec = spec_with("time", columns_of(k="f4", x="f8"), key=("k",))
    time = np.repeat(np.arange(0, 70 * DAY_S, 3e3), 2)
    k = np.tile(np.array([0.1, 0.2], np.float32), len(time) // 2)
    site.bring(spec, ("a", "", {"time": time, "k": k, "x": time}))
    want = site.room()["lab.a"].fetch("x", where={"k": 0.1})
    site.room()["lab.a"].summarise()
    found = site.room()["lab.a"].fetch("x", where={"k": 0.1}, stat="daily")
    assert found["count_x"].sum() == len(want) == len(time) // 2


def test_statistics_of_two_channels_with_one_name_say_so(site: SeriesSite) -> None:
    rows = {"time": np.arange(2.0), "a": np.array(["b", "c"]), "a_b": np.ones(2)}
    site.bring(spec_with("time", columns_of(a="str", a_b="f8")), ("a", "", rows))
    series = site.room()["lab.a"]
    with pytest.raises(BadQuery, match="'a' and of 'a_b' would both be named 'count_a_b'"):
        series.fetch(stat="daily")
    assert series.daily("a")["count_a_b"].tolist() == [1]


def test_days_of_a_series_whose_time_is_named_mjd(site: SeriesSite) -> None:
    columns = (Column(name="mjd", unit="d", description=""), Column(name="x", unit="", description=""))
    site.bring(spec_with("mjd", columns, TimeScale.MJD_UTC), ("a", "", {"mjd": np.array([50814.25]), "x": np.ones(1)}))
    days = site.room()["lab.a"].daily("x")
    assert days.colnames[:3] == ["date", "mjd", "count_x"]
    assert days["mjd"].tolist() == [50814.5]


def test_infinities_count_without_a_warning(site: SeriesSite) -> None:
    x = np.array([np.inf, -np.inf, 1.0, 2.0, np.inf, 1e308, 1e308])
    rows = {"time": np.arange(7) // 2 * DAY_S + np.arange(7.0), "x": x}
    site.bring(spec_with("time", columns_of(x="f8")), ("a", "", rows))
    days = site.room()["lab.a"].daily("x")
    assert days["count_x"].tolist() == [2, 2, 2, 1]
    assert days["max_x"].tolist() == [np.inf, 2, np.inf, 1e308]
    assert days["mean_x"][1] == 1.5
    assert site.room()["lab.a"].draw("x", points=1)["max"].tolist() == [np.inf]
