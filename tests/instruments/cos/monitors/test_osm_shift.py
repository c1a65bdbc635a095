"""The monitor of OSM shifts on real files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longwatch.domain.limit import Limit
from longwatch.domain.times import parse_span
from longwatch.domain.timespan import Timespan, month_span
from longwatch.instruments.cos.instrument import INSTRUMENT
from longwatch.instruments.cos.monitors.osm_shift import OsmShift


def values(measurements: Any) -> Any:
    return {(m.metric.rpartition(".")[2], m.subject): m.value for m in measurements}


def test_a_month_of_real_flashes(real_view: Any) -> None:
    window = month_span(201511)
    measured = OsmShift().measure(real_view, window)
    assert {m.window for m in measured} == {window}
    found = values(measured)
    setup = "detector=FUV opt_elem=G130M"
    assert found["shift_disp", setup] == pytest.approx(np.median([57.89073, 54.71285, 58.19031, 55.03641]), abs=1e-5)
    assert found["segment_difference", f"{setup} pair=FUVA-FUVB"] == pytest.approx(-0.6235655, abs=1e-5)
    assert found["drift", f"{setup} segment=FUVB"] == pytest.approx(-1.3140725e-3, rel=1e-4)
    assert found["margin", setup] == pytest.approx(271 - 58.19031, abs=1e-5)
    assert found["n_uncorrected", setup] == 0
    assert found["slope", setup] is None


def test_an_offset_search_range(real_view: Any) -> None:
    found = values(OsmShift().measure(real_view, month_span(201510)))
    assert found["margin", "detector=NUV opt_elem=G225M"] == pytest.approx(100 - 35.58422, abs=1e-5)


def test_windows_are_half_open_and_may_be_empty(real_view: Any) -> None:
    assert OsmShift().measure(real_view, month_span(201512)) == []


def test_a_segment_that_was_not_found_gives_no_false_difference(real_view: Any) -> None:
    found = values(OsmShift().measure(real_view, month_span(201101)))
    assert found["segment_difference", "detector=FUV opt_elem=G140L pair=FUVA-FUVB"] is None
    assert ("drift", "detector=FUV opt_elem=G140L segment=FUVB") not in found


def test_without_the_lamptab_it_cannot_tell(real_cos: Path, remember: Any) -> None:
    view = remember([real_cos / "ld1ce1rcq_lampflash.fits.gz", real_cos / "crds" / "u1t1616ql_wcp.fits.gz"])
    found = values(OsmShift().measure(view, Timespan()))
    setup = "detector=FUV opt_elem=G130M"
    assert found["shift_disp", setup] is found["margin", setup] is None
    assert found["n_uncorrected", setup] == 4
    assert found["drift", f"{setup} segment=FUVA"] == pytest.approx(-1.3243667e-3, rel=1e-4)
    (figure,) = OsmShift().figures(view)
    assert "4 flashes are not shown" in figure.caption


def test_without_the_wcptab_only_the_margin_is_missing(real_cos: Path, remember: Any) -> None:
    view = remember([real_cos / "ld1ce1rcq_lampflash.fits.gz", real_cos / "crds" / "24914347l_lamp.fits.gz"])
    found = values(OsmShift().measure(view, Timespan()))
    assert found["margin", "detector=FUV opt_elem=G130M"] is None
    assert found["shift_disp", "detector=FUV opt_elem=G130M"] is not None


def test_measurements_are_of_declared_metrics_and_never_nan(real_view: Any) -> None:
    monitor = OsmShift()
    declared = {metric.name for metric in monitor.metrics}
    measured = monitor.measure(real_view, Timespan())
    assert {m.metric for m in measured} == declared
    assert len({(m.metric, m.subject) for m in measured}) == len(measured)
    assert all(m.value is None or np.isfinite(m.value) for m in measured)


def test_picture_has_a_panel_per_grating_and_its_search_range(real_view: Any) -> None:
    (figure,) = OsmShift().figures(real_view)
    panels = {panel.title: panel for panel in figure.panels}
    assert list(panels) == ["FUV G130M", "FUV G140L", "NUV G225M", "NUV G230L"]
    (band,) = panels["NUV G225M"].bands
    assert (band.low, band.high) == (-100, 80)
    assert [trace.label for trace in panels["NUV G225M"].traces[:3]] == ["NUVA", "NUVB", "NUVC"]
    assert sum(len(trace.x) for panel in figure.panels for trace in panel.traces if trace.style == "points") == 28


def test_no_flashes_no_picture(remember: Any) -> None:
    assert OsmShift().figures(remember([])) == []


def test_limits_are_limits_of_its_metrics() -> None:
    metrics = {metric.name for metric in OsmShift().metrics}
    tables = tomllib.loads((INSTRUMENT.limits / "osm_shift.toml").read_text("utf-8"))["limit"]
    for table in tables:
        start, stop = table.pop("era_start", None), table.pop("era_stop", None)
        limit = Limit(**table, era=parse_span(start, stop))
        assert limit.metric in metrics
        assert limit.source
