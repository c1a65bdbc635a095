"""Voltages and temperatures from simulated header-3 bytes, which are constant."""

from __future__ import annotations

import pytest

from longwatch.archive import Archive
from longwatch.domain.times import to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.monitors.housekeeping import Housekeeping
from longwatch.plots.render import render_png


def day(text: str) -> Timespan:
    (window,) = Timespan(to_us(text), to_us(text) + 1).windows("day")
    return window


def test_medians_of_a_day(watched: Archive) -> None:
    found = {m.subject: m.value for m in Housekeeping().measure(watched, day("2023-04-06"))}
    assert found["channel=ad_5v_ps"] == pytest.approx(4914.0, abs=0.05)
    assert found["channel=ad_27v_ps"] == pytest.approx(26588.6, abs=0.05)
    assert found["channel=ad_lc_therm"] == pytest.approx(31.143, abs=0.01)
    assert "channel=dac" not in found
    assert Housekeeping().measure(watched, day("2001-01-01")) == []


def test_the_picture(watched: Archive) -> None:
    (figure,) = Housekeeping().figures(watched)
    assert [len(panel.traces) for panel in figure.panels] == [4, 2]
    assert render_png(figure).startswith(b"\x89PNG")
