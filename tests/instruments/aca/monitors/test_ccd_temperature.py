"""The daily CCD temperature, from rows of known temperature."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from astropy.time import Time

from longwatch.archive import Archive
from longwatch.domain.times import to_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.instrument import SERIES
from longwatch.instruments.aca.monitors.ccd_temperature import CcdTemperature
from longwatch.instruments.aca.simulate import simulate

SPEC = SERIES[0]


@dataclass
class Rows:
    """One series held in memory."""

    time: np.ndarray
    kelvin: np.ma.MaskedArray
    spec: object = SPEC

    def fetch(
        self, columns: object = None, start: object = None, stop: object = None, *, filter_bad: bool = False
    ) -> Table:
        us = us_from_cxc(self.time)
        chosen = np.ones(len(us), bool)
        if isinstance(start, Time) and isinstance(stop, Time):
            chosen = (us >= to_us(start)) & (us < to_us(stop))
        return Table({"time": self.time[chosen], "tempccd": MaskedColumn(self.kelvin[chosen], unit="K")})


@dataclass
class View:
    series: dict[str, Rows] = field(default_factory=dict)


@pytest.fixture
def view() -> View:
    time = 797_000_000.0 + np.arange(0, 3 * 86400, 60.0)
    kelvin = np.ma.MaskedArray(263.15 + (np.arange(len(time)) % 3), mask=np.arange(len(time)) % 5 == 0)
    return View(series={"aca.l0": Rows(time=time, kelvin=kelvin)})


def day(text: str) -> Timespan:
    (window,) = Timespan(to_us(text), to_us(text) + 1).windows("day")
    return window


def test_mean_lowest_and_highest_of_a_day(view: View) -> None:
    measured = {m.metric: m.value for m in CcdTemperature().measure(view, day("2023-04-05"))}
    assert measured["aca.ccd_temperature.min"] == pytest.approx(-10.0)
    assert measured["aca.ccd_temperature.max"] == pytest.approx(-8.0)
    assert measured["aca.ccd_temperature.mean"] == pytest.approx(-9.0)


def test_a_day_without_temperatures_has_no_value(view: View) -> None:
    measured = CcdTemperature().measure(view, day("2024-04-05"))
    assert [m.value for m in measured] == [None, None, None]
    assert {m.metric for m in measured} == {metric.name for metric in CcdTemperature.metrics}


def test_what_is_registered_as_bad_is_left_out_and_comes_back(site: Archive, tmp_path: Path) -> None:
    simulate(tmp_path / "in", seed=1, small=True)
    assert site.ingest(str(tmp_path / "in" / "l0" / "*_0_img0.fits.gz")).quarantined == 0

    def values() -> list[tuple[str, str, float | None]]:
        found = site.measurements("aca.ccd_temperature.mean")
        return [(str(row["start"]), str(row["stop"]), row["value"]) for row in found]

    assert site.monitors.run("aca.ccd_temperature").counts.windows > 2
    before = values()
    second = before[1][:2]
    site.series.bad_times.add("aca.l0", [second], channel="tempccd", reason="heater test")
    assert site.monitors.run("aca.ccd_temperature").counts.windows == 1
    after = values()
    assert [row[2] is np.ma.masked for row in after] == [row[:2] == second for row in before]
    assert [row for row in after if row[:2] != second] == [row for row in before if row[:2] != second]
    site.series.bad_times.remove("aca.l0", channel="tempccd")
    assert site.monitors.run("aca.ccd_temperature").counts.windows == 1
    assert values() == before
