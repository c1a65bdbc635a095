from __future__ import annotations

from pathlib import Path

import pytest


def test_without_an_archive_it_says_how_to_begin(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LONGWATCH_ARCHIVE", raising=False)
    said = cli()
    assert said.code == 0
    assert "There is no archive" in said.out
    assert "longwatch ingest" in said.err
    assert cli("status", "--json").json["archive"] is None


def test_it_says_what_is_here(cli, site: Path) -> None:
    said = cli("status")
    assert said == cli()
    for word in (str(site), "cos.lampflash", "aca.l0", "stis.ccd", "Quarantine  1 file", "to be measured"):
        assert word in said.out
    assert "Next: longwatch monitor run" in said.err


def test_json_adds_up(cli, site: Path) -> None:
    found = cli("status", "--json").json
    assert found["size"] == sum(kind["size"] for kind in found["kinds"])
    assert found["newest"] == max(kind["stop"] for kind in found["kinds"] if kind["stop"])
    assert found["quarantined"] == 1
    assert found["due"] > 0


def test_an_empty_archive_wants_files(cli, tmp_path: Path) -> None:
    cli("init", tmp_path / "new")
    found = cli("status", "--archive", tmp_path / "new", "--json").json
    assert (found["kinds"], found["next"]) == ([], "longwatch ingest PLACE")
