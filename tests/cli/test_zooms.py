"""Channels at any zoom, on the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def keep_few_rows_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longwatch.series.maker.WORTH", 0)


def test_summarise_keeps_statistics_once(cli, copy: Path) -> None:
    first = cli("summarise", "aca.l0", "tempccd", "imgstat", "--json").json["aca.l0"]
    assert (first["channels"], first["made"] > 0) == (2, True)
    again = cli("summarise", "aca.l0", "tempccd", "imgstat")
    assert again.out.startswith("aca.l0: 0 summaries made (0 B) of 2 channels in ")
    assert cli("verify").code == 0


def test_statistics_come_as_a_table(cli, site: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("fetch", "aca.l0", "tempccd", "--stat", "daily", "--csv").out)))
    assert {"date", "count_tempccd", "mean_tempccd", "p50_tempccd"} <= rows[0].keys()
    assert cli("fetch", "aca.l0", "tempccd", "--stat", "weekly").code == 6


def test_a_picture_of_any_span(cli, site: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    assert cli("plot", "aca.l0", "tempccd", "-o", str(picture)).code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert cli("plot", "aca.l0", "imgraw", "-o", str(picture)).code == 6
