"""Growth per degree against the table it was simulated from."""

from __future__ import annotations

import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.monitors.temperature import TemperatureCoefficient
from longwatch.plots.render import render_png


def test_growth_by_rate(view: Archive) -> None:
    measured = TemperatureCoefficient().measure(view, Timespan())
    assert len(measured) == 4 * 4
    bright = [m for m in measured if m.subject == "rate=1..10 side=2"]
    for one in bright:
        assert one.value == pytest.approx(0.066, abs=0.006)
    faint = [m for m in measured if m.subject == "rate=0.03..0.1 side=2"]
    for one in faint:
        assert one.value == pytest.approx(0.083, abs=5 * one.uncertainty)


def test_picture(view: Archive, nothing: Archive) -> None:
    (figure,) = TemperatureCoefficient().figures(view)
    assert len(figure.panels[0].traces) == 4
    assert render_png(figure).startswith(b"\x89PNG")
    assert TemperatureCoefficient().measure(nothing, Timespan()) == []
