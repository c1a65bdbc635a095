"""What a user asks of one series."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import QTable
from numpy.typing import ArrayLike

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.errors import BadQuery
from longwatch.testing.series_site import SeriesSite

DAY_S = 86_400.0

SPEC = SeriesSpec(
    name="lab.telemetry",
    description="Telemetry of the laboratory.",
    columns=(
        Column(name="time", unit="s", description="Chandra time"),
        Column(name="slot", unit="", description="Slot", dtype="u1"),
        Column(name="temp", unit="deg_C", description="Temperature"),
        Column(name="state", unit="", description="State", dtype="str"),
        Column(name="on", unit="", description="Switched on", dtype="bool"),
        Column(name="image", unit="DN", description="Image", dtype="f4", shape=(2, 3)),
        Column(name="events", unit="s", description="Events", dtype="f4", ragged=True),
    ),
    scale=TimeScale.CXC,
    key=("slot",),
    instrument="lab",
)


def rows(time: ArrayLike, slot: ArrayLike = 0, **others: ArrayLike) -> dict[str, np.ndarray]:
    time = np.asarray(time, dtype=float)
    return {"time": time, "slot": np.broadcast_to(np.asarray(slot, dtype=">i2"), time.shape), **others}


def test_a_row_comes_back_as_it_was_given(site: SeriesSite) -> None:
    state = np.ma.MaskedArray(["ON", "x", "OFF"], [False, True, False])
    image = np.ma.MaskedArray(np.arange(18, dtype=">f4").reshape(3, 2, 3), np.arange(18).reshape(3, 2, 3) % 5 == 4)
    events = np.empty(3, dtype=object)
    events[:] = [np.array([1.0, 2.0], dtype="f4"), np.array([], dtype="f4"), None]
    given = rows(
        [1, 2, 3], temp=[np.nan, 1.5, 2.0], state=state, on=np.array([True, False, True]), image=image, events=events
    )
    site.bring(SPEC, ("a", "", {name: np.ma.asanyarray(v) if name != "events" else v for name, v in given.items()}))
    table = site.room()["lab.telemetry"].fetch()
    assert table.colnames == ["time", "slot", "temp", "state", "on", "image", "events"]
    assert table["temp"].unit == "deg_C"
    assert table["temp"].description == "Temperature"
    assert np.isnan(table["temp"][0])
    assert not hasattr(table["temp"], "mask")
    assert table["state"].tolist() == ["ON", None, "OFF"]
    assert table["on"].tolist() == [True, False, True]
    assert table["image"].shape == (3, 2, 3)
    assert np.array_equal(table["image"].mask, image.mask)
    assert np.array_equal(table["image"].filled(-1), image.filled(-1).astype("f4"))
    assert [list(row) if row is not np.ma.masked else None for row in table["events"]] == [[1.0, 2.0], [], None]
    assert len(QTable(table)) == 3


def test_spans_are_half_open_and_cut_across_months(site: SeriesSite) -> None:
    time = np.arange(0, 100 * DAY_S, DAY_S / 4)
    for part in np.array_split(time, 7):
        site.bring(SPEC, ("a" + str(part[0]), "", rows(part, temp=part)))
    series = site.room()["lab.telemetry"]
    start, stop = 20 * DAY_S, 70 * DAY_S
    want = time[(time >= start) & (time < stop)]
    assert series.fetch("temp", start, stop)["temp"].tolist() == want.tolist()
    assert len(series.fetch("temp", start, start)) == 0
    assert series.fetch("temp", start, stop, limit=3)["temp"].tolist() == want[:3].tolist()
    found = series.spans("temp", [(stop, stop + DAY_S), (start, start + DAY_S), (start, start + DAY_S / 4), (1.0, 2.0)])
    assert found["span"].tolist() == [0] * 4 + [1] * 4 + [2]
    assert found["temp"][4] == start
    assert len(series.spans("temp", [])) == 0


def test_a_span_in_microseconds_meets_exactly_the_rows_that_round_into_it(
    site: SeriesSite, rng: np.random.Generator
) -> None:
    time = np.unique(rng.uniform(8e8, 8e8 + 1e-3, 500))
    site.bring(SPEC, ("a", "", rows(time)))
    us = us_from_cxc(time)
    for start, stop in np.sort(rng.choice(us, (20, 2)), axis=1):
        got = site.room()["lab.telemetry"].fetch("slot", from_us(start), from_us(stop))
        assert len(got) == np.count_nonzero((us >= start) & (us < stop))


def test_each_channel_on_its_own_times(site: SeriesSite) -> None:
    temp = np.ma.MaskedArray([1.0, 2, 3], [False, True, False])
    site.bring(SPEC, ("a", "", rows([1, 2, 3], temp=temp, on=np.array([True, False, True]))))
    each = site.room()["lab.telemetry"].fetch_each(["temp", "on", "state"])
    assert each["temp"]["time"].tolist() == [1, 3]
    assert len(each["on"]) == 3
    assert len(each["state"]) == 0


def test_daily_statistics_leave_out_what_is_missing(site: SeriesSite) -> None:
    temp = np.ma.MaskedArray([1.0, 3, np.nan, 9, 5], [False, False, False, True, False])
    site.bring(SPEC, ("a", "", rows([100.0, 200, 300, 400, 40 * DAY_S], temp=temp)))
    table = site.room()["lab.telemetry"].daily("temp")
    assert table["date"].tolist() == ["1998-01-01", "1998-02-09"]
    assert table["count_temp"].tolist() == [2, 1]
    assert table["mean_temp"].tolist() == [2, 5]
    assert table["max_temp"].tolist() == [3, 5]
    with pytest.raises(BadQuery, match="no statistics"):
        site.room()["lab.telemetry"].daily("image")


def test_an_unknown_column_is_named_with_those_there_are(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "", rows([1.0])))
    with pytest.raises(BadQuery, match=r"'tmp'.*temp, state"):
        site.room()["lab.telemetry"].fetch("tmp")


def test_what_makes_no_sense_is_refused(site: SeriesSite) -> None:
    series = site.room().create("lab.few", columns={"slot": "", "value": ""})
    series.append({"time": [0, 1], "slot": [0.0, 1], "value": [1.0, 2]})
    for ask in (series.fetch, series.daily, series.spans, series.draw, series.plot):
        extra = [[(0.0, 1.0)]] if ask == series.spans else []
        with pytest.raises(BadQuery, match="no single value"):
            ask("value", *extra, where={"slot": [0]})
    with pytest.raises(BadQuery, match="no single value"):
        series.origins(where={"slot": [0]})
    for stat in (None, "daily"):
        with pytest.raises(BadQuery, match="-1 rows"):
            series.fetch("value", stat=stat, limit=-1)
    for gap in (-5, float("nan")):
        with pytest.raises(BadQuery, match="gap"):
            series.intervals("value > 0", max_gap=gap)
        with pytest.raises(BadQuery, match="gap"):
            series.states("value", max_gap=gap)
    assert len(series.intervals("value > 0", max_gap=float("inf"))) == 1


def test_what_it_holds_can_be_seen(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "", rows([1.0, DAY_S])))
    series = site.room()["lab.telemetry"]
    assert "2 rows, 1997-12-31T23:58:57" in repr(series)
    assert series.times(series.fetch("slot")).cxcsec.tolist() == [1.0, DAY_S]
    assert series.extent[1].isot.startswith("1998-01-01T23:58:56")


def test_an_empty_series_answers(site: SeriesSite) -> None:
    site.declare(SPEC)
    series = site.room()["lab.telemetry"]
    assert len(series.fetch()) == 0
    assert series.fetch("temp")["temp"].unit == "deg_C"
    assert series.extent is None
    assert len(series.daily("temp")) == 0
    assert "empty" in repr(series)


def test_a_row_knows_the_file_it_came_with(site: SeriesSite) -> None:
    site.bring(SPEC, ("early", "1", rows([1, 2, 3])), ("late", "1", rows([2, 4], [0, 1])))
    site.bring(SPEC, ("early", "2", rows([1, 3])))
    series = site.room()["lab.telemetry"]
    found = series.origins()
    assert found.colnames == ["time", "slot", "file"]
    assert found["time"].tolist() == series.fetch("temp")["time"].tolist()
    assert dict(zip(found["time"].tolist(), found["file"].tolist(), strict=True)) == {
        1: "early",
        2: "late",
        3: "early",
        4: "late",
    }
    assert series.origins(where={"slot": 1})["file"].tolist() == ["late"]
    assert len(series.origins(50.0, 60.0)) == 0
