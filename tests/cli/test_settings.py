from __future__ import annotations

from pathlib import Path

import pytest


def test_settings_say_where_they_come_from(cli, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWATCH_WORKERS", "3")
    found = {one["name"]: one for one in cli("config", "show", "--json").json}
    assert (found["workers"]["value"], found["workers"]["origin"]) == ("3", "LONGWATCH_WORKERS")
    assert found["store"]["origin"] == "default"
    assert "LONGWATCH_WORKERS" in cli("config", "show", "--origins").out
    assert "LONGWATCH_WORKERS" not in cli("config", "show").out


def test_secrets_stay_hidden(cli, copy: Path) -> None:
    (copy / "longwatch.toml").write_text('[object_options]\nsecret = "sesame"\n')
    said = cli("config", "show", "--json")
    assert "sesame" not in said.out + said.err


def test_a_wrong_setting_is_8(cli, copy: Path) -> None:
    (copy / "longwatch.toml").write_text("worker = 3\n")
    said = cli("status")
    assert said.code == 8
    assert "workers" in said.err


def test_plugins_say_what_they_bring(cli) -> None:
    found = {one["name"]: one for one in cli("plugins", "--json").json["instruments"]}
    assert "cos.lampflash" in found["cos"]["kinds"]
    assert "stis.ccd" in found["stis"]["cubes"]
    assert "cos.osm_shift" in cli("plugins").out
