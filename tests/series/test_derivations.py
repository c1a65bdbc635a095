"""Derived channels: seen like any other, kept as they are written, and askable as they were."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.time import Time

from longwatch.domain.column import Column
from longwatch.domain.derived import Derived
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.errors import BadQuery, NotFound
from longwatch.series.derivations import FormulaWarning
from longwatch.series.face import SeriesRoom
from longwatch.testing.series_site import SeriesSite

SPEC = SeriesSpec(
    name="lab.cooler",
    description="A cooler.",
    columns=(
        Column(name="time", unit="s", description="Chandra time"),
        Column(name="dac", unit="", description="Level", dtype="u2"),
        Column(name="temp", unit="deg_C", description="Temperature"),
        Column(name="image", unit="DN", description="Image", shape=(2,)),
    ),
    scale=TimeScale.CXC,
    instrument="lab",
    derived=(Derived(name="cold", formula="temp < -10", description="Below -10"),),
)
SECONDS = np.arange(0, 200_000.0, 20_000)


@pytest.fixture
def room(site: SeriesSite) -> SeriesRoom:
    rows = {
        "time": SECONDS,
        "dac": (505 + np.arange(10)).astype("u2"),
        "temp": np.ma.MaskedArray(-5.0 - np.arange(10), np.arange(10) == 9),
        "image": np.zeros((10, 2)),
    }
    site.bring(SPEC, ("a", "", rows))
    return site.room()


def test_a_plug_in_declares_one_with_its_series(room: SeriesRoom) -> None:
    found = room["lab.cooler"].fetch("cold")
    assert found.colnames == ["time", "cold"]
    assert found["cold"].tolist() == [False] * 6 + [True] * 3 + [None]
    assert found["cold"].description == "Below -10"
    assert room["lab.cooler"].fetch().colnames == ["time", "dac", "temp", "image", "cold"]


def test_a_person_declares_one_and_every_question_knows_it(room: SeriesRoom) -> None:
    room.derive("saturated", "lab.cooler", formula="abs(dac - 511) < 1", description="At its end")
    room.derive("kelvin", "lab.cooler", formula="temp + 273.15", unit="K")
    series = room["lab.cooler"]
    found = series.fetch(["kelvin", "saturated"], 20_000.0, 180_000.0)
    assert found.colnames == ["time", "kelvin", "saturated"]
    assert found["kelvin"].unit == "K"
    assert found["kelvin"].description == "Derived: temp + 273.15"
    assert found["kelvin"][0] == pytest.approx(267.15)
    assert found["saturated"].tolist() == [False] * 5 + [True] + [False] * 2
    assert len(series.intervals("saturated")) == 1
    assert len(series.intervals("kelvin < 265 and not saturated")) == 2
    assert series.states("saturated")["state"].tolist() == [False, True, False]
    assert series.fetch_each("kelvin")["kelvin"]["time"].tolist() == SECONDS[:9].tolist()
    assert series.spans("kelvin", [(0.0, 1.0), (0.0, 30_000.0)])["span"].tolist() == [0, 1, 1]
    daily = series.daily(["temp", "kelvin"])
    assert daily["count_kelvin"].tolist() == [1, 4, 4]
    assert np.allclose(daily["mean_kelvin"], daily["mean_temp"] + 273.15)
    assert series.fetch("saturated", stat="daily")["count_saturated_True"].tolist() == [0, 0, 1, 0]
    assert series.fetch("temp", stat="daily", select=[(0.0, 90_000.0)])["count_temp"].tolist() == [1, 4]


def test_bad_times_of_what_it_is_made_of_are_its_own(room: SeriesRoom) -> None:
    room.derive("kelvin", "lab.cooler", formula="temp + 273.15", unit="K")
    room.bad_times.add("lab.cooler", [(0.0, 50_000.0)], channel="temp", reason="warm-up")
    assert room["lab.cooler"].fetch("kelvin", filter_bad=True)["time"].tolist() == SECONDS[3:9].tolist()
    room.bad_times.add("lab.cooler", [(100_000.0, 130_000.0)], channel="kelvin", reason="formula does not hold")
    assert len(room["lab.cooler"].fetch("kelvin", filter_bad=True)) == 4
    assert len(room["lab.cooler"].fetch("temp", filter_bad=True)) == 6


def test_what_it_was_can_be_asked(room: SeriesRoom, site: SeriesSite) -> None:
    room.derive("high", "lab.cooler", formula="dac > 510")
    then, pinned = Time.now(), site.room(site.catalog.head())
    room.derive("high", "lab.cooler", formula="dac > 512")
    series = room["lab.cooler"]
    assert np.count_nonzero(series.fetch("high")["high"]) == 2
    assert np.count_nonzero(series.fetch("high", as_of=then)["high"]) == 4
    assert np.count_nonzero(pinned["lab.cooler"].fetch("high")["high"]) == 4
    room.withdraw("high", "lab.cooler")
    with pytest.raises(BadQuery, match="'high'"):
        series.fetch("high")
    assert np.count_nonzero(series.fetch("high", as_of=then)["high"]) == 4
    with pytest.raises(NotFound, match="Nobody declared any"):
        room.withdraw("high", "lab.cooler")


def test_one_that_cannot_be_evaluated_any_more_is_left_out_of_what_nobody_named(site: SeriesSite) -> None:
    room = site.room()
    series = room.create("lab.door", columns={"state": "", "temp": "K"})
    room.derive("open", "lab.door", formula="state > 1")
    room.derive("warm", "lab.door", formula="temp > 300")
    series.append({"time": [0, 1], "state": ["OPEN", "SHUT"], "temp": [301.0, 299]})
    told = r"'open' \(state > 1\).*words.*withdraw\('open', 'lab.door'\)"
    with pytest.warns(FormulaWarning, match=told):
        assert series.fetch().colnames == ["time", "state", "temp", "warm"]
    with pytest.warns(FormulaWarning, match=told):
        assert "count_warm" in series.fetch(stat="daily").colnames
    with pytest.warns(FormulaWarning, match=told):
        assert list(series.fetch_each()) == ["state", "temp", "warm"]
    assert len(series.fetch("warm")) == 2
    assert len(series.intervals("warm")) == 1
    with pytest.raises(BadQuery, match="words"):
        series.fetch("open")
    with pytest.raises(BadQuery, match="words"):
        series.intervals("open")
    room.withdraw("open", "lab.door")
    assert series.fetch().colnames == ["time", "state", "temp", "warm"]


@pytest.mark.parametrize(
    ("name", "formula", "named"),
    [
        ("x", "tmp > 3", r"'tmp'.*temp"),
        ("dac", "temp > 3", "'dac' already"),
        ("x", "image > 3", "arrays"),
        ("x", "temp > 'ON'", "cannot be compared"),
        ("x", "import os", "cannot be read"),
        ("a b", "temp > 3", "'a b'"),
    ],
)
def test_what_cannot_be_derived_is_said(room: SeriesRoom, name: str, formula: str, named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        room.derive(name, "lab.cooler", formula=formula)


def test_a_unit_is_one_astropy_knows(room: SeriesRoom) -> None:
    with pytest.raises(BadQuery, match="no unit"):
        room.derive("x", "lab.cooler", formula="temp", unit="flurbs")
