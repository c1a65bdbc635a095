"""Drawing any span: few pieces, and no extreme is lost."""

from __future__ import annotations

from collections import Counter
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery
from longwatch.plots.render import render_png
from longwatch.series import drawing
from longwatch.series.drawing import Drawn, pieces
from longwatch.series.face import SeriesRoom
from longwatch.testing.series_site import SeriesSite

DAY_US = 86_400_000_000
NUMBERS = count()


@pytest.fixture(autouse=True)
def keep_few_rows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longwatch.series.maker.WORTH", 0)


def spec_of(name: str) -> SeriesSpec:
    return SeriesSpec(
        name=name,
        description="",
        columns=(
            Column(name="time", unit="us", description="Time", dtype="i8"),
            Column(name="value", unit="deg_C", description="Value"),
            Column(name="state", unit="", description="State", dtype="str"),
            Column(name="image", unit="", description="Image", shape=(2,)),
        ),
        scale=TimeScale.TAI_US,
        instrument="lab",
    )


def rows_of(us: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    value = rng.normal(size=len(us)).cumsum()
    value[rng.random(len(us)) < 0.05] = np.nan
    mask = rng.random(len(us)) < 0.05
    state = np.array(["ON", "OFF", "SAFE"])[(us // (7 * DAY_US) + rng.integers(0, 2, len(us))) % 3]
    return {"time": us, "value": np.ma.MaskedArray(value, mask), "state": np.ma.MaskedArray(state, mask)}


def asked(room: SeriesRoom, name: str):
    series = room[name]
    plan = series._plan(None)
    return series._desk.summaries, plan


@given(
    days=st.floats(0.01, 400),
    n=st.integers(1, 3000),
    begin=st.floats(-0.2, 1),
    share=st.floats(0.0001, 1.4),
    points=st.sampled_from([1, 2, 17, 200]),
    few=st.sampled_from([0, 1000]),
    kept=st.booleans(),
)
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_extreme_is_lost_and_counts_add_up_at_any_zoom(
    site: SeriesSite, days, n, begin, share, points, few, kept
) -> None:
    spec = spec_of(f"lab.{next(NUMBERS)}")
    us = np.unique(np.linspace(0, days * DAY_US, n).astype(np.int64))
    rows = rows_of(us, n)
    site.bring(spec, (spec.name, "", rows))
    if kept:
        site.room()[spec.name].summarise()
    start = int(begin * days * DAY_US)
    span = Timespan(start, start + int(share * days * DAY_US) + 1)
    inside = (us >= span.start_us) & (us < span.stop_us)
    summaries, plan = asked(site.room(), spec.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "FEW", few)
        numbers = pieces(summaries, Drawn(plan, spec.columns[1], {}, points), span)
        states = pieces(summaries, Drawn(plan, spec.columns[2], {}, points), span)
    good = inside & ~rows["value"].mask & ~np.isnan(rows["value"].data)
    want = rows["value"].data[good]
    assert len(numbers["n"]) <= points
    assert numbers["n"].sum() == len(want)
    assert np.all(numbers["start"][1:] >= numbers["stop"][:-1])
    if len(want):
        assert (numbers["min"].min(), numbers["max"].max()) == (want.min(), want.max())
    for number, (first, stop) in enumerate(zip(numbers["start"], numbers["stop"], strict=True)):
        own = rows["value"].data[good & (us >= first) & (us < stop)]
        assert (len(own), own.min(), own.max()) == tuple(numbers[name][number] for name in ("n", "min", "max"))
        assert own.mean() == pytest.approx(numbers["mean"][number], abs=1e-9)
    words = rows["state"][inside].compressed()
    counted = Counter()
    for word, found in zip(states["state"], states["n"], strict=True):
        counted[str(word)] += int(found)
    assert counted == Counter(words.tolist())
    assert len(states["n"]) <= 3 * points


def test_few_rows_are_drawn_one_by_one_with_units(site: SeriesSite) -> None:
    spec = spec_of("lab.a")
    site.bring(
        spec, ("a", "", {"time": np.arange(5) * DAY_US, "value": np.arange(5.0), "state": np.array(list("aabba"))})
    )
    series = site.room()["lab.a"]
    table = series.draw("value")
    assert table["min"].tolist() == table["mean"].tolist() == [0, 1, 2, 3, 4]
    assert table["max"].unit == "deg_C"
    assert table.meta["channel"] == "value"
    assert series.times(table).isot[0].startswith("1969-12-31T23:59:52")
    states = series.draw("state")
    assert states["state"].tolist() == ["a", "b", "a"]
    assert states["n"].tolist() == [2, 2, 1]
    assert len(series.draw("value", "2020-01-01", "2021-01-01")) == 0
    with pytest.raises(BadQuery, match="holds arrays"):
        series.draw("image")
    for points in (0, -3):
        with pytest.raises(BadQuery, match="at least 1"):
            series.draw("value", points=points)


def test_a_picture_has_a_range_about_the_mean_and_lanes_of_states(site: SeriesSite) -> None:
    spec = spec_of("lab.a")
    us = np.arange(0, 60 * DAY_US, DAY_US // 96)
    us = us[(us < 20 * DAY_US) | (us > 30 * DAY_US)]
    site.bring(spec, ("a", "", rows_of(us, 1)))
    figure = site.room()["lab.a"].plot(["value", "state"], points=300)
    course, lanes = figure.panels
    assert course.traces[0].low is not None
    assert np.isnan(course.traces[0].x).sum() == 1
    assert lanes.y.words == ("OFF", "ON", "SAFE")
    assert len(lanes.traces) == 3
    assert all(np.isnan(lane.x[2::3]).all() for lane in lanes.traces)
    assert render_png(figure).startswith(b"\x89PNG")
    assert not site.room()["lab.a"].plot("value", "2020-01-01", "2021-01-01").panels[0].traces
