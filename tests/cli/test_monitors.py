from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.instruments.cos.monitors.osm_shift import OsmShift
from longwatch.monitors.run import MonitorRunner


def breaks(_self, _view, _window) -> None:
    raise ZeroDivisionError


def test_run_measures_what_is_due_once(cli, copy: Path) -> None:
    assert "Next: longwatch monitor run" in cli("monitor", "list").err
    first = cli("monitor", "run", "cos.osm_shift", "--json")
    assert first.code == 0
    assert first.json[0]["counts"]["added"] > 0
    second = cli("monitor", "run", "cos.osm_shift")
    assert second.out.splitlines()[1].split() == ["cos.osm_shift", "0", "0", "0", "0", "0"]
    assert "longwatch report" in second.err
    assert cli("monitor", "backfill", "cos.osm_shift", "--json").json[0]["counts"]["kept"] > 0


def test_where_monitors_stand_and_what_they_measured(cli, copy: Path) -> None:
    cli("monitor", "run", "cos.osm_shift")
    stands = {row["name"]: row for row in cli("monitor", "list", "--json").json}
    assert stands["cos.osm_shift"]["waiting"] == 0
    metric = stands["cos.osm_shift"]["metric"]
    every = cli("monitor", "values", metric, "--json").json
    some = cli("monitor", "values", metric, "--where", "detector=FUV", "--json").json
    assert 0 < len(some) < len(every)
    assert cli("monitor", "values", "cos.osm_shift.nothing").code == 4


def test_an_unknown_monitor_is_4(cli, copy: Path) -> None:
    assert cli("monitor", "run", "cos.osm").code == 4


def test_a_monitor_that_fails_is_a_finding(cli, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OsmShift, "measure", breaks)
    said = cli("monitor", "run", "cos.osm_shift")
    assert said.code == 1
    assert "ZeroDivisionError" in said.err


def test_a_broken_plugin_is_named_where_its_monitors_are_missed(
    cli, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OsmShift, "metrics", ())
    said = cli("monitor", "run")
    assert said.code == 0
    assert "Plug-in 'cos'" in said.err
    assert "Plug-in 'cos'" in cli("status").err
    assert cli("plugins").code == 1


def test_ctrl_c_says_how_to_go_on(cli, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(MonitorRunner, "run", stopped)
    said = cli("monitor", "run")
    assert said.code == 130
    assert "run again to go on" in said.err


def test_the_report_is_one_page(cli, copy: Path, tmp_path: Path) -> None:
    assert cli("report").out == f"{copy / 'report.html'}\n"
    assert cli("report", "-o", tmp_path / "page.html").code == 0
    page = (tmp_path / "page.html").read_text()
    assert "cos.osm_shift" in page
    assert "cut_lampflash.fits.gz" in page
