"""Hot pixels counted in images that are known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from astropy.table import Table

from longwatch.domain.times import from_us, to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.declared import CUBES
from longwatch.instruments.stis.monitors.hot_pixels import HotPixels, count_hot
from longwatch.plots.render import render_png

STARTS = [to_us("2017-09-26"), to_us("2017-10-25"), to_us("2017-11-22")]


@dataclass
class Cube:
    """A cube held in memory; the third epoch has no dates."""

    images: dict[int, np.ndarray]
    spec: object = CUBES[0]

    def epochs(self) -> Table:
        start, stop = from_us(np.array(STARTS)), from_us(np.array(STARTS) + 28 * 86_400_000_000)
        start[2] = stop[2] = np.ma.masked
        return Table({"epoch": [200, 201, 202], "start": start, "stop": stop})

    def image(self, name: str, /, *, epoch: int, **key: str | int) -> np.ndarray:
        assert name == "sci_mean"
        return self.images[epoch]


@dataclass
class View:
    cubes: dict[str, Cube] = field(default_factory=dict)


@pytest.fixture
def small_view() -> View:
    quiet = np.full((4, 5), 30.0)
    warm = quiet.copy()
    warm[0] = [111, 1101, 11001, 109, np.nan]
    sub_array = np.ma.MaskedArray(warm, mask=np.arange(20).reshape(4, 5) >= 10)
    return View(cubes={"stis.ccd": Cube(images={200: sub_array, 201: quiet, 202: warm})})


def test_counts_only_what_was_observed_and_derived(small_view: View) -> None:
    assert count_hot(small_view.cubes["stis.ccd"].images[200]) == ((3, 2, 1), 9)
    assert count_hot(small_view.cubes["stis.ccd"].images[202]) == ((3, 2, 1), 19)


def test_measures_each_dated_period_in_the_window(small_view: View) -> None:
    measured = HotPixels().measure(small_view, Timespan())
    assert len(measured) == 2 * 2 * 3
    values = {(m.metric, m.subject, m.window.start_us): m.value for m in measured}
    assert values["stis.hot_pixels.count", "level=0.1", STARTS[0]] == 3
    assert values["stis.hot_pixels.fraction", "level=10", STARTS[0]] == pytest.approx(1 / 9)
    assert values["stis.hot_pixels.count", "level=1", STARTS[1]] == 0
    later = HotPixels().measure(small_view, Timespan(STARTS[1], STARTS[1] + 1))
    assert {m.window.start_us for m in later} == {STARTS[1]}


def test_nothing_observed_gives_no_share(small_view: View) -> None:
    small_view.cubes["stis.ccd"].images[200] = np.full((4, 5), np.nan)
    shares = [
        m.value for m in HotPixels().measure(small_view, Timespan(STARTS[0], STARTS[0] + 1)) if "fraction" in m.metric
    ]
    assert shares == [None] * 3


def test_the_picture_has_a_line_a_level(small_view: View) -> None:
    figure, survival = HotPixels().figures(small_view)
    assert survival.panels[0].traces[0].label == "above 0.1 electron / s"
    assert len(HotPixels().figures(View(cubes={}))) == 1
    traces = figure.panels[0].traces
    assert [trace.label for trace in traces] == [f"above {level} electron / s" for level in ("0.1", "1", "10")]
    assert traces[0].x.tolist() == STARTS[:2]
    assert traces[0].y.tolist() == [3, 0]
    assert render_png(figure).startswith(b"\x89PNG")
