"""Births of hot pixels in simulated calibrations, against the lives of all pixels."""

from __future__ import annotations

from longwatch.archive import Archive
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.instruments.aca.dark_lives import births
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.monitors.hot_pixels import BORN, HOT, RATE, HotPixels
from longwatch.instruments.aca.simulate_dark import SMALL
from longwatch.monitors.limits import judge, load_limits
from longwatch.plots.render import render_png

ALL = Timespan(MIN_US, MAX_US)


def test_births_from_one_calibration_to_the_next(watched: Archive) -> None:
    found = HotPixels().measure(watched, ALL)
    born = [m.value for m in found if m.metric == BORN.name]
    assert len(born) == len(SMALL) - 1
    assert sum(born) == len(births(HOT, archive=watched).events)
    assert all(value > 0 for value in born)
    rates = [m.value for m in found if m.metric == RATE.name]
    assert rates[-1] > 0
    assert {judge(load_limits(INSTRUMENT.limits), m).severity for m in found if m.metric == BORN.name} == {"ok"}


def test_a_window_has_its_own_calibrations(watched: Archive) -> None:
    last = HotPixels().measure(watched, ALL)[-1].window
    assert {m.window for m in HotPixels().measure(watched, last)} == {last}


def test_the_picture(watched: Archive) -> None:
    (figure,) = HotPixels().figures(watched)
    assert len(figure.panels) == 2
    assert render_png(figure).startswith(b"\x89PNG")


def test_an_archive_without_calibrations_has_no_births(site: Archive) -> None:
    assert HotPixels().measure(site, ALL) == []
