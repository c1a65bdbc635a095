"""Rendering: the same figure gives the same picture, and every kind of figure can be drawn."""

import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from longwatch.plots.figure import Axis, Band, Figure, Image, Panel, Trace
from longwatch.plots.render import render_png, thumbnail_png

TIME = Axis(label="Date", time=True)
SHIFT = Axis(label="shift", unit="pix")
T0_US = 1.25e15


def pixels(png: bytes) -> np.ndarray:
    return (imread(io.BytesIO(png), format="png")[:, :, :3] * 255).round().astype(int)


def has_colour(png: bytes, colour: str) -> bool:
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((np.abs(pixels(png) - wanted).max(axis=2) <= 3).any())


def trend(n: int = 50, **more: object) -> Trace:
    rng = np.random.default_rng(3)
    return Trace(x=T0_US + np.arange(n) * 8.64e10, y=rng.normal(size=n), **more)


def figure(*panels: Panel) -> Figure:
    return Figure(name="t", title="A trend", panels=panels)


def panel(*traces: Trace, x: Axis = TIME, y: Axis = SHIFT, **more: object) -> Panel:
    return Panel(x=x, y=y, traces=traces, **more)


FIGURES = {
    "points": figure(panel(trend(y_err=np.full(50, 0.3)))),
    "line": figure(panel(trend(style="line", label="FUVA"), bands=(Band(low=-1, high=1, label="limits"),))),
    "steps": figure(panel(trend(style="steps"), bands=(Band(low=T0_US, high=2 * T0_US, axis="x"),))),
    "many traces": figure(panel(*(trend(label=f"cenwave {i}") for i in range(9)))),
    "log": figure(panel(Trace(x=np.arange(9.0), y=np.arange(9.0)), x=SHIFT, y=Axis(label="n", log=True))),
    "image": figure(Panel(x=SHIFT, y=SHIFT, image=Image(values=np.eye(20), label="dark", unit="electron / s"))),
    "mixed": figure(panel(trend()), Panel(x=SHIFT, y=SHIFT, image=Image(values=np.eye(20), label="dark"))),
    "one point": figure(panel(trend(1))),
    "no point": figure(panel(Trace(x=np.array([]), y=np.array([])))),
    "no finite point": figure(panel(Trace(x=np.array([T0_US]), y=np.array([np.nan])))),
    "no panel": figure(),
    "no pixel": figure(Panel(x=SHIFT, y=SHIFT, image=Image(values=np.full((4, 4), np.nan), label="dark"))),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_gives_the_same_bytes(name: str) -> None:
    png = render_png(FIGURES[name], width_px=900)
    assert png == render_png(FIGURES[name], width_px=900)
    assert pixels(png).shape[1] == 900


def test_nothing_of_matplotlib_is_left_changed() -> None:
    before = dict(mpl.rcParams)
    render_png(FIGURES["line"])
    assert dict(mpl.rcParams) == before


def test_a_users_own_settings_do_not_change_the_picture() -> None:
    plain = render_png(FIGURES["line"])
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30}):
        assert render_png(FIGURES["line"]) == plain


def test_threads_draw_the_same_pictures_as_one() -> None:
    figures = [FIGURES[name] for name in ("points", "line", "image")] * 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render_png, figures)) == [render_png(f) for f in figures]


def test_the_size_is_the_one_asked_for() -> None:
    assert pixels(render_png(FIGURES["line"], width_px=640, height_px=300)).shape[:2] == (300, 640)


def test_pixels_without_a_value_are_grey() -> None:
    values = np.ma.masked_equal(np.arange(16.0).reshape(4, 4), 5)
    png = render_png(figure(Panel(x=SHIFT, y=SHIFT, image=Image(values=values, label="dark"))))
    assert has_colour(png, "#BDBDBD")


def test_a_lone_outlier_among_a_million_is_seen() -> None:
    x = T0_US + np.arange(1_000_000) * 1e6
    y = np.zeros(1_000_000)
    y[654_321] = 9.0
    png = render_png(figure(panel(Trace(x=x, y=y, style="line"))))
    coloured = np.abs(pixels(png) - [0x00, 0x72, 0xB2]).max(axis=2) <= 60
    rows = np.flatnonzero(coloured.any(axis=1))
    assert rows[-1] - rows[0] > 300


@pytest.mark.parametrize("style", ["line", "points"])
def test_points_without_a_value_at_the_ends_cost_no_detail(style: str) -> None:
    x = T0_US + np.arange(300_000) * 1e6
    y = np.where(np.arange(300_000) % 2, 1.0, 2.0)
    y[:100_000] = y[101_500:] = np.nan
    some = slice(100_000, 101_500)
    assert render_png(figure(panel(Trace(x=x, y=y, style=style)))) == render_png(
        figure(panel(Trace(x=x[some], y=y[some], style=style)))
    )


def test_a_thumbnail_marks_its_last_point_when_it_is_outside_the_band() -> None:
    trace = trend()
    low, high = float(trace.y[-1]) - 0.1, float(trace.y[-1]) + 0.1
    inside = thumbnail_png(trace, band=Band(low=low, high=high))
    outside = thumbnail_png(trace, band=Band(low=high, high=high + 1))
    assert pixels(inside).shape[:2] == (36, 160)
    assert has_colour(outside, "#D55E00")
    assert not has_colour(inside, "#D55E00")


def test_a_thumbnail_of_nothing_is_a_picture() -> None:
    assert thumbnail_png(Trace(x=np.array([]), y=np.array([]))).startswith(b"\x89PNG")
