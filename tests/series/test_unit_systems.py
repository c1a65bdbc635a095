"""Fetched tables in other units."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from longwatch.domain.column import Column
from longwatch.domain.times import us_from_cxc
from longwatch.errors import BadQuery
from longwatch.series.unit_systems import SYSTEMS, UnitsWarning, converted
from longwatch.testing.series_site import SeriesSite


def fetched() -> Table:
    table = Table({"time": np.array([0.0, 1.0])}, meta={"time": "time", "scale": "cxc"})
    table["time"].unit = "s"
    table["temp"] = MaskedColumn([0.0, 5.0], mask=[False, True], unit="deg_C", description="Temperature")
    table["count"] = np.array([3, 4], dtype="i2")
    table["count"].unit = "DN"
    table["pressure"] = np.array([100, 200], dtype="i4")
    table["pressure"].unit = "kPa"
    table["state"] = ["ON", "OFF"]
    table["torque"] = np.array([1.0, 2.0])
    table["torque"].unit = "J"
    return table


@pytest.mark.parametrize(
    ("system", "temp", "pressure", "torque"),
    [
        ("si", (273.15, "K"), (100_000, "Pa"), (1.0, "J")),
        ("cxc", (273.15, "K"), (100, "kPa"), (1.0, "J")),
        ("sci", (0.0, "deg_C"), (100, "kPa"), (1.0, "J")),
        ("eng", (32.0, "deg_F"), (14.5038, "psi"), (0.737562, "ft lbf")),
    ],
)
def test_a_system_gives_each_type_in_its_unit(
    system: str, temp: tuple[float, str], pressure: tuple[float, str], torque: tuple[float, str]
) -> None:
    found = converted(fetched(), system)
    for name, (value, unit) in {"temp": temp, "pressure": pressure, "torque": torque}.items():
        assert found[name][0] == pytest.approx(value, rel=1e-5)
        assert found[name].unit.to_string() == unit
    assert found["temp"].mask.tolist() == [False, True]
    assert found["temp"].description == "Temperature"
    assert found["count"].dtype == np.dtype("i2")
    assert found["state"].tolist() == ["ON", "OFF"]
    assert found["time"].tolist() == [0.0, 1.0]
    assert found.colnames == fetched().colnames


def test_units_are_named_by_channel_or_by_type() -> None:
    found = converted(fetched(), {"temperature": "K", "pressure": "hPa"})
    assert found["temp"][0] == 273.15
    assert found["pressure"].tolist() == [1000, 2000]
    assert converted(fetched(), {"temp": "deg_F"})["temp"][0] == pytest.approx(32)


@pytest.mark.parametrize("channel", ["temp", "count", "state"])
def test_what_cannot_be_converted_warns_and_stays(channel: str) -> None:
    before = fetched()[channel]
    with pytest.warns(UnitsWarning, match=channel):
        found = converted(fetched(), {channel: "m"})
    assert found[channel].tolist() == before.tolist()
    assert found[channel].unit == before.unit


@pytest.mark.parametrize(
    ("wanted", "named"),
    [("mks", r"'mks'.*si, cxc"), ({"tmp": "K"}, r"'tmp'.*temp, count"), ({"temp": "flurbs"}, "'flurbs'")],
)
def test_what_does_not_exist_is_said(wanted: str | dict[str, str], named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        converted(fetched(), wanted)


def test_a_system_has_one_unit_for_a_type() -> None:
    for system in SYSTEMS.values():
        assert len({unit.physical_type for unit in system}) == len(system)
        assert "unknown" not in {str(unit.physical_type) for unit in system}


def test_rows_and_statistics_are_fetched_in_other_units(site: SeriesSite) -> None:
    temps = site.room().create("lab.temps", columns={"temp": "deg_C"})
    temps.append({"time": us_from_cxc(np.array([1e8, 1e8 + 1])), "temp": [0.0, 10.0]})
    assert temps.fetch("temp", units="cxc")["temp"].tolist() == [273.15, 283.15]
    assert temps.fetch("temp", units="eng")["temp"].unit.to_string() == "deg_F"
    assert temps.fetch("temp")["temp"].tolist() == [0, 10]
    found = temps.fetch("temp", stat="daily", units={"temperature": "K"})
    assert found["mean_temp"].tolist() == [278.15]
    assert found["std_temp"].tolist() == pytest.approx([5.0])
    assert found["count_temp"].tolist() == [2]
    assert temps.fetch("temp", stat="daily", units={"temp": "deg_F"})["std_temp"].tolist() == pytest.approx([9.0])


def test_times_dates_and_the_key_are_no_channels(site: SeriesSite) -> None:
    columns = {"depth": Column(name="depth", unit="km", description="Depth"), "age": "d", "temp": "deg_C"}
    series = site.room().create("lab.core", columns=columns, key=["depth"])
    series.append({"time": us_from_cxc(np.array([1e8, 1e8])), "depth": [1.0, 2], "age": [1.0, 1], "temp": [0.0, 0]})
    rows = series.fetch(units="si")
    assert [str(rows[name].unit) for name in ("time", "depth", "age", "temp")] == ["us", "km", "s", "K"]
    days = series.fetch(["age", "temp"], stat="daily", units="si")
    assert (days["mjd"].tolist(), str(days["mjd"].unit), days["mjd"].dtype) == ([51_971], "d", np.dtype("i8"))
    assert (str(days["mean_age"].unit), str(days["mean_temp"].unit)) == ("s", "K")
    with pytest.raises(BadQuery, match="no channel"):
        series.fetch("temp", stat="daily", units={"mjd": "s"})
