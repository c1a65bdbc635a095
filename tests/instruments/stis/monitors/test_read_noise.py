"""Read noise against the truth."""

from __future__ import annotations

import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.detector import READNOISE_DN
from longwatch.instruments.stis.monitors.read_noise import ReadNoise
from longwatch.plots.render import render_png


def test_read_noise_within_two_per_cent(view: Archive) -> None:
    measured = ReadNoise().measure(view, Timespan())
    assert len(measured) == 4
    for one in measured:
        assert one.value == pytest.approx(READNOISE_DN, rel=0.02)
        assert 0 < one.uncertainty < 0.1


def test_picture(view: Archive, nothing: Archive) -> None:
    (figure,) = ReadNoise().figures(view)
    assert len(figure.panels[0].traces[0].x) == 4
    assert render_png(figure).startswith(b"\x89PNG")
    assert ReadNoise().measure(nothing, Timespan()) == []
