"""The CCD temperature at three zooms."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from longwatch.catalog.catalog import Catalog
from longwatch.instruments.aca.instrument import SERIES
from longwatch.instruments.aca.monitors.temperature_zooms import temperature_zooms
from longwatch.objects.folder import FolderStore
from longwatch.plots.render import render_png
from longwatch.testing.series_site import SeriesSite

SPEC = SERIES[0]
DAY_S = 86_400.0


def test_three_panels_reach_from_the_mission_to_a_day_and_keep_the_extremes(tmp_path: Path) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
    catalog.create()
    site = SeriesSite(catalog, FolderStore(tmp_path))
    empty = site.room()
    site.declare(SPEC)
    assert not any(panel.traces for panel in temperature_zooms("t", empty[SPEC.name]).panels)
    time = 7e8 + np.arange(0, 200 * DAY_S, 300.0)
    kelvin = 263.15 + np.sin(time / 1e6)
    kelvin[[5000, -7]] = 283.15, 243.15
    site.bring(SPEC, ("a", "", {"time": time, "slot": np.zeros(len(time), "u1"), "tempccd": kelvin.astype("f4")}))
    figure = temperature_zooms("t", site.room()[SPEC.name])
    mission, month, day = (panel.traces[0] for panel in figure.panels)
    assert np.nanmax(mission.high).round(2) == 10.0
    assert np.nanmin(mission.low).round(2) == np.nanmin(month.low).round(2) == np.nanmin(day.y).round(2) == -30.0
    assert np.nanmax(month.high) < 0
    assert len(mission.x) <= 2000
    assert len(day.x) == 289
    assert {str(panel.y.unit) for panel in figure.panels} == {"deg_C"}
    assert render_png(figure).startswith(b"\x89PNG")
    catalog.close()
