"""The daily CCD temperature, from rows of known temperature."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from astropy.time import Time

from longwatch.domain.times import to_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.instrument import SERIES
from longwatch.instruments.aca.monitors.ccd_temperature import CcdTemperature
from longwatch.plots.render import render_png

SPEC = SERIES[0]


@dataclass
class Rows:
    """One series held in memory."""

    time: np.ndarray
    kelvin: np.ma.MaskedArray
    spec: object = SPEC

    def fetch(self, columns: object = None, start: object = None, stop: object = None) -> Table:
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


def test_the_picture_has_a_point_a_day_and_can_be_drawn(view: View) -> None:
    (figure,) = CcdTemperature().figures(view)
    high, mean, low = figure.panels[0].traces
    assert len(mean.x) in {3, 4}
    assert mean.y == pytest.approx(-9.0, abs=0.01)
    assert (high.y[1], low.y[1]) == (pytest.approx(-8.0), pytest.approx(-10.0))
    assert render_png(figure).startswith(b"\x89PNG")


def test_without_rows_the_picture_is_empty() -> None:
    empty = View(series={"aca.l0": Rows(time=np.array([]), kelvin=np.ma.MaskedArray(np.array([])))})
    (figure,) = CcdTemperature().figures(empty)
    assert all(len(trace.x) == 0 for trace in figure.panels[0].traces)
