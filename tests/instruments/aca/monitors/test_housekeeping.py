"""Voltages, temperatures, cooler and flags from simulated header-3 bytes, of which the truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.limit import Severity
from longwatch.domain.metric import Measurement
from longwatch.domain.times import to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.monitors.housekeeping import Housekeeping
from longwatch.monitors.limits import judge, load_limits
from longwatch.plots.render import render_png


def day(text: str) -> Timespan:
    (window,) = Timespan(to_us(text), to_us(text) + 1).windows("day")
    return window


def measured(watched: Archive, text: str) -> dict[tuple[str, str], float]:
    found = Housekeeping().measure(watched, day(text))
    return {(m.metric.rsplit(".", 1)[1], m.subject): m.value for m in found}


def test_medians_of_a_day(watched: Archive) -> None:
    """In the second half all slots are 8x8, so every channel comes down."""
    found = measured(watched, "2023-04-08")
    assert found["voltage", "channel=ad_5v_ps"] == pytest.approx(4913.4, abs=0.31)
    assert found["voltage", "channel=ad_27v_ps"] == pytest.approx(26575.0, abs=1.1)
    assert found["temperature", "channel=ad_lc_therm"] == pytest.approx(31.2, abs=0.55)
    assert found["zero_offset", "channel=zero_off32_quad_a"] == pytest.approx(29.8, abs=0.3)
    assert found["dac_saturated", "channel=dac"] == 1.0
    ccd = found["temperature", "channel=ccd_temp"]
    assert found["above_setpoint", "detector=CCD"] == pytest.approx(ccd + 19.0, abs=1e-5)
    assert len(found) == 5 + 13 + 3 + 1 + 1 + 6


def test_only_what_came_down_is_measured(watched: Archive) -> None:
    found = measured(watched, "2023-04-05")
    assert ("voltage", "channel=ad_5v_ps") in found
    assert ("dac_saturated", "channel=dac") not in found
    assert ("above_setpoint", "detector=CCD") not in found
    assert Housekeeping().measure(watched, day("2001-01-01")) == []


def test_a_warm_boot_is_one_change_of_a_flag(watched: Archive) -> None:
    """The flag goes up 34 hours after the beginning, at 2023-04-05T22."""
    flips = {text: measured(watched, text)["flag_changes", "flag=warm_boot"] for text in ("2023-04-05", "2023-04-06")}
    assert sum(flips.values()) == 1.0
    assert measured(watched, "2023-04-05")["flag_changes", "flag=stack_error"] == 0.0


def test_limits_hold_for_the_simulation_and_know_their_era(watched: Archive) -> None:
    limits = load_limits(INSTRUMENT.limits)
    for one in Housekeeping().measure(watched, day("2023-04-08")):
        assert judge(limits, one).severity in {Severity.OK, Severity.UNKNOWN}, one
    hot = Measurement(
        metric="aca.housekeeping.dac_saturated", subject="channel=dac", window=day("2010-01-01"), value=1.0
    )
    assert judge(limits, hot).severity == Severity.CAUTION
    assert judge(limits, replace(hot, window=day("2023-04-08"))).severity != Severity.CAUTION


def test_the_picture(watched: Archive) -> None:
    (figure,) = Housekeeping().figures(watched)
    assert [len(panel.traces) for panel in figure.panels] == [4, 2, 3]
    assert all(np.median(trace.y) == pytest.approx(0.0, abs=1e-9) for trace in figure.panels[0].traces)
    assert 0 < max(abs(trace.y).max() for trace in figure.panels[0].traces) < 1
    assert render_png(figure).startswith(b"\x89PNG")
