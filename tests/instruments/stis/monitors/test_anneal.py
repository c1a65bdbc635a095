"""What anneals heal, against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.anneals import count_above
from longwatch.instruments.stis.monitors.anneal import Anneal
from longwatch.instruments.stis.simulate import FIRST
from longwatch.plots.render import render_png


def test_counts_before_and_after_each_anneal(view: Archive) -> None:
    measured = {
        (m.metric.split(".")[-1], m.subject, m.window.start_us): m.value for m in Anneal().measure(view, Timespan())
    }
    starts = sorted({start for _, _, start in measured})
    assert len(measured) == 3 * 3 * 5
    subject = "level=0.1 side=2"
    cube = view.cubes[c.LIFE]
    for number, start in enumerate(starts, start=FIRST + 1):
        before, after = measured["n_before", subject, start], measured["n_after", subject, start]
        assert before == count_above(cube.image("rate_last", number - 1), 0.1)
        assert after == count_above(cube.image("rate_first", number), 0.1)
        assert 0 <= measured["healed", subject, start] < 0.5
    created = measured["created", subject, starts[1]] * 28
    after_last = measured["n_after", subject, starts[0]]
    assert measured["n_before", subject, starts[1]] - after_last == pytest.approx(created, abs=3)


def test_shares_that_cannot_be_told_are_none(view: Archive) -> None:
    measured = Anneal().measure(view, Timespan())
    assert all(m.value is None or np.isfinite(m.value) for m in measured)


def test_pictures(view: Archive, nothing: Archive) -> None:
    for figure in (*Anneal().figures(view), *Anneal().figures(nothing)):
        assert len(figure.panels[0].traces) == 3
        assert render_png(figure).startswith(b"\x89PNG")
    assert Anneal().measure(nothing, Timespan()) == []
