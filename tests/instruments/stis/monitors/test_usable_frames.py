"""Counts of usable darks."""

from __future__ import annotations

from longwatch.archive import Archive
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.monitors.usable_frames import UsableFrames
from longwatch.plots.render import render_png


def test_counts(view: Archive) -> None:
    measured = UsableFrames().measure(view, Timespan())
    assert [m.value for m in measured] == [16, 0, 0] * 4


def test_picture(view: Archive, nothing: Archive) -> None:
    (figure,) = UsableFrames().figures(view)
    assert [trace.label for trace in figure.panels[0].traces] == ["used", "excluded"]
    assert render_png(figure).startswith(b"\x89PNG")
    assert UsableFrames().measure(nothing, Timespan()) == []
