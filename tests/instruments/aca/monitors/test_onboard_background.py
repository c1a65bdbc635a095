"""The background computed again: simulated images agree with themselves."""

from __future__ import annotations

from longwatch.archive import Archive
from longwatch.domain.times import to_us
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.monitors.onboard_background import AGREES, LEVEL, OnboardBackground
from longwatch.plots.render import render_png


def day(text: str) -> Timespan:
    (window,) = Timespan(to_us(text), to_us(text) + 1).windows("day")
    return window


def test_level_and_agreement_of_a_day(watched: Archive) -> None:
    found = {m.metric: m.value for m in OnboardBackground().measure(watched, day("2023-04-06"))}
    assert 5 < (found[LEVEL.name] or 0) < 60
    assert found[AGREES.name] == 1.0
    assert OnboardBackground().measure(watched, day("2001-01-01")) == []


def test_the_picture(watched: Archive) -> None:
    (figure,) = OnboardBackground().figures(watched)
    assert len(figure.panels[0].traces) == 8
    assert render_png(figure).startswith(b"\x89PNG")
