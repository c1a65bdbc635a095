"""Figure specifications are values: they compare, and they draw nothing."""

import dataclasses
import sys

import pytest

from longwatch.plots.figure import Axis, Figure, Panel


def test_specifications_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Axis(label="x").label = "y"


def test_equal_axes_are_equal() -> None:
    assert Axis(label="Date", time=True) == Axis(label="Date", time=True)


def test_a_figure_needs_no_panel() -> None:
    assert Figure(name="t", title="T", panels=(Panel(x=Axis(label="x"), y=Axis(label="y")),)).caption == ""


def test_specifications_do_not_know_the_drawing_library() -> None:
    assert not hasattr(sys.modules["longwatch.plots.figure"], "matplotlib")
