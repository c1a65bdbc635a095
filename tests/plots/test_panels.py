"""Panels: legends stay off the data, bands stay inside the axes, images count from their origin."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet

from longwatch.plots.figure import Axis, Band, Image, Panel, Trace
from longwatch.plots.panels import NO_DATA, draw_panel, x_limits

X = Axis(label="column", unit="pix")
Y = Axis(label="dark", unit="electron")


def trace(**more: object) -> Trace:
    return Trace(x=np.arange(5.0), y=np.arange(5.0), **more)


def draw(panel: Panel) -> Axes:
    axes = Sheet(figsize=(9, 5), layout="constrained").subplots()
    draw_panel(axes, panel, x_limits=x_limits((panel,)))
    axes.figure.canvas.draw()
    return axes


@pytest.mark.parametrize("n_traces", [1, 3, 9])
def test_a_legend_never_covers_the_data(n_traces: int) -> None:
    axes = draw(Panel(x=X, y=Y, traces=tuple(trace(label=f"trace {i}") for i in range(n_traces))))
    legend, data = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert legend.y0 >= data.y1 - 1 or legend.x0 >= data.x1 - 1


def test_an_open_band_ends_at_the_axes() -> None:
    axes = draw(Panel(x=X, y=Y, traces=(trace(),), bands=(Band(low=-np.inf, high=2.0, label="allowed"),)))
    assert axes.get_ylim() == pytest.approx((-0.16, 4.16))


def test_traces_stand_before_bands_in_the_legend() -> None:
    axes = draw(Panel(x=X, y=Y, traces=(trace(label="FUVA"),), bands=(Band(low=1, high=2, label="limits"),)))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["FUVA", "limits"]


def test_panels_that_share_an_axis_share_its_limits() -> None:
    late = Panel(x=X, y=Y, traces=(Trace(x=np.array([100.0, np.nan]), y=np.array([1.0, 2.0])),))
    assert x_limits((Panel(x=X, y=Y, traces=(trace(),)), late)) == pytest.approx((-4.0, 104.0))
    assert x_limits((Panel(x=X, y=Y),)) is None


def test_the_edges_of_a_range_are_seen_however_many_points_there_are() -> None:
    n = 200_000
    x, zero = np.arange(float(n)), np.zeros(n)
    low, high = zero - 1.0, zero + 1.0
    low[n // 3], high[n // 2] = -50.0, 70.0
    axes = draw(Panel(x=X, y=Y, traces=(Trace(x=x, y=zero, style="line", low=low, high=high),)))
    (shaded,) = axes.collections
    heights = shaded.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (-50.0, 70.0)
    assert len(heights) < 20_000
    assert axes.get_ylim()[0] < -50


def test_an_axis_of_words_shows_them() -> None:
    axes = draw(Panel(x=X, y=Axis(label="state", words=("OFF", "ON")), traces=(trace(),)))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["OFF", "ON"]


def test_an_image_counts_from_its_origin() -> None:
    axes = draw(Panel(x=X, y=Y, image=Image(values=np.eye(4), label="dark", origin=(-512, 10))))
    assert axes.images[0].get_extent() == [9.5, 13.5, -512.5, -508.5]


def test_an_image_of_one_value_has_a_colour_scale() -> None:
    axes = draw(Panel(x=X, y=Y, image=Image(values=np.full((4, 4), 3.0), label="dark")))
    assert axes.images[0].get_clim() == (3.0, 4.0)


def test_a_difference_has_its_centre_in_the_middle_of_two_colours() -> None:
    values = np.array([[-1.0, 0.0], [2.0, 4.0]])
    axes = draw(Panel(x=X, y=Y, image=Image(values=values, label="change", centre=0.0, percentiles=(0, 100))))
    assert axes.images[0].get_clim() == (-4.0, 4.0)
    assert axes.images[0].get_cmap().name.startswith("RdBu")
    axes = draw(Panel(x=X, y=Y, image=Image(values=np.ones((2, 2)), label="ratio", centre=1.0)))
    assert axes.images[0].get_clim() == (0.0, 2.0)


def test_nothing_to_draw_is_said() -> None:
    axes = draw(Panel(x=X, y=Y, traces=(Trace(x=np.array([1.0]), y=np.array([np.nan])),)))
    assert [text.get_text() for text in axes.texts] == [NO_DATA]
