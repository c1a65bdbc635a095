"""Warm pixels of simulated calibrations, whose population is known."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.instruments.aca.monitors.warm_pixels import CORRECTED, FRACTION, RATIO, WarmPixels
from longwatch.plots.render import render_png

ALL = Timespan(MIN_US, MAX_US)


def test_shares_agree_with_what_was_planted(watched: Archive) -> None:
    found = WarmPixels().measure(watched, ALL)
    by_metric = {metric: [m.value for m in found if m.metric == metric.name] for metric in (FRACTION, CORRECTED, RATIO)}
    assert [len(values) for values in by_metric.values()] == [7, 7, 5]
    assert by_metric[RATIO] == pytest.approx([1.0] * 5, abs=0.15)
    assert np.all(np.diff(by_metric[CORRECTED]) > 0)
    assert found[0].window.stop_us - found[0].window.start_us == 86_400_000_000


def test_windows_part_the_calibrations(watched: Archive) -> None:
    first = WarmPixels().measure(watched, ALL)[0].window
    assert {m.window for m in WarmPixels().measure(watched, first)} == {first}


def test_the_picture(watched: Archive) -> None:
    (figure,) = WarmPixels().figures(watched)
    raw, corrected = figure.panels[0].traces
    assert len(raw.x) == len(corrected.x) == 7
    assert render_png(figure).startswith(b"\x89PNG")
