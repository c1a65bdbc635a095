"""Gaps in times with known gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive
from longwatch.domain.times import from_us, to_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.monitors.coverage import LONGEST, PRESENT, Coverage, gaps_s
from longwatch.instruments.aca.simulate import START
from longwatch.plots.render import render_png


def test_gaps_lie_between_before_and_after() -> None:
    time = np.concatenate([np.arange(100.0, 200.0, 4.1), np.arange(300.0, 400.0, 4.1)])
    assert gaps_s(time, 0.0, 410.0) == pytest.approx([100.0, 300.0 - 198.4])
    assert gaps_s(np.array([]), 0.0, 86400.0).tolist() == [86400.0]
    assert gaps_s(np.arange(0.0, 1000.0, 131.2), 0.0, 1000.0).tolist() == []
    thinned = np.concatenate([np.arange(0.0, 40_000.0, 131.2), np.arange(40_000.0, 46_400.0, 4.1)])
    assert gaps_s(thinned, 0.0, 46_400.0).tolist() == []


def test_a_day_by_slot(site: Archive, tmp_path: Path) -> None:
    write_l0(tmp_path, l0_rows(0, np.arange(0, 4000, 4)))
    site.ingest(*map(str, tmp_path.glob("*.gz")))
    start = to_us(from_us(int(us_from_cxc(START))).isot[:10])
    (window,) = Timespan(start, start + 1).windows("day")
    found = {(m.metric, m.subject): m.value for m in Coverage().measure(site, window)}
    assert found[PRESENT.name, "slot=0"] == pytest.approx(4000 * 1.025 / 86400, abs=1e-3)
    assert found[LONGEST.name, "slot=7"] == pytest.approx(86400.0)
    (figure,) = Coverage().figures(site)
    assert render_png(figure).startswith(b"\x89PNG")
    (empty,) = Timespan(start - 86_400_000_000, start - 86_399_999_999).windows("day")
    assert Coverage().measure(site, empty) == []
