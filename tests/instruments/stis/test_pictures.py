"""Pictures show what they say."""

from __future__ import annotations

import numpy as np

from longwatch.instruments.stis.pictures import (
    Life,
    change_map,
    detector_map,
    histograms,
    observed_part,
    pixel_life,
    survival,
)
from longwatch.plots.render import render_png


def test_only_the_observed_part_is_shown() -> None:
    image = np.ma.MaskedArray(np.arange(100.0).reshape(10, 10), mask=True)
    image[3:5, 6:9] = image.data[3:5, 6:9]
    part, origin = observed_part(image)
    assert part.shape == (2, 3)
    assert origin == (3, 6)
    assert observed_part(np.ma.masked_all((4, 4)))[1] == (0, 0)
    assert render_png(detector_map("x", "x", image, label="Dark rate", unit="electron / s")).startswith(b"\x89PNG")


def test_a_life_with_gaps() -> None:
    start = np.arange(5) * 10**12
    life = Life(
        row=4,
        col=5,
        start_us=start,
        stop_us=start + 10**12,
        rate=np.array([0.03, np.nan, 0.2, 0.3, 0.05]),
        error=np.full(5, 0.01),
    )
    figure = pixel_life(life, level=0.1)
    panel, uncertainty = figure.panels
    assert [(band.low, band.label) for band in panel.bands] == [(0.1, "hot: above 0.1"), (0.05, "warm")]
    assert uncertainty.traces[0].y.tolist() == [0.01] * 5
    assert [trace.label for trace in panel.traces] == ["mean of a period", "anneals"]
    assert render_png(figure).startswith(b"\x89PNG")
    empty = Life(row=4, col=5, start_us=start, stop_us=start, rate=np.full(5, np.nan), error=np.full(5, np.nan))
    assert render_png(pixel_life(empty, level=0.1)).startswith(b"\x89PNG")


def test_changes_are_shown_about_their_middle() -> None:
    image = np.random.default_rng(1).normal(0, 1, (20, 20))
    for ratio, centre in ((False, 0.0), (True, 1.0)):
        figure = change_map("x", "x", image, label="Change", unit="", ratio=ratio)
        assert figure.panels[0].image is not None
        assert figure.panels[0].image.centre == centre
        assert render_png(figure).startswith(b"\x89PNG")


def test_survival_has_a_curve_a_level() -> None:
    share = np.array([1.0, 0.5, np.nan])
    figure = survival([("above 0.1", share, 0.1 * share), ("above 1", share[:2], share[:2] / 9)])
    assert [trace.label for trace in figure.panels[0].traces] == ["above 0.1", "above 1"]
    assert figure.panels[0].traces[0].x.tolist() == [0, 1, 2]
    assert render_png(figure).startswith(b"\x89PNG")


def test_histograms_count_pixels() -> None:
    figure = histograms("x", "x", [("one", np.full((4, 4), 0.03)), ("two", np.full((4, 4), np.nan))])
    first, second = figure.panels[0].traces
    assert np.nansum(first.y) == 16
    assert np.isnan(second.y).all()
