"""Median and mean dark rate against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.monitors.dark_rate import DarkRate, robust_median
from longwatch.plots.render import render_png


def test_median_and_mean_are_those_of_the_truth(derived: tuple[np.ndarray, Archive]) -> None:
    truth, view = derived
    measured = DarkRate().measure(view, Timespan())
    assert [m.metric for m in measured] == ["stis.dark_rate.median", "stis.dark_rate.mean"] * 4
    assert {m.subject for m in measured} == {"side=2"}
    # The old definition keeps halos of cosmic rays, and one law of temperature: up to four per cent too bright.
    for number, median in enumerate(measured[::2]):
        assert median.value == pytest.approx(np.median(truth[number]), rel=0.05)
        assert 0 < median.uncertainty < 0.01 * median.value
        assert measured[2 * number + 1].value == pytest.approx(truth[number].mean(), rel=0.05)


def test_pictures(view: Archive) -> None:
    figures = DarkRate().figures(view)
    names = ["dark_rate", "dark_map", "dark_change", "dark_histogram", "pixel_life"]
    assert [figure.name for figure in figures] == [f"stis.{name}" for name in names]
    assert figures[1].panels[0].image.origin == (480, 480)
    assert figures[1].panels[0].image.values.shape == (64, 64)
    assert len(figures[4].panels[0].traces[0].x) == 4
    for figure in figures:
        assert render_png(figure).startswith(b"\x89PNG")


def test_nothing_gives_nothing(nothing: Archive) -> None:
    assert DarkRate().measure(nothing, Timespan()) == []
    assert DarkRate().figures(nothing) == []
    assert robust_median(np.full((3, 3), np.nan)) is None
