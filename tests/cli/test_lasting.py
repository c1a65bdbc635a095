from __future__ import annotations

from pathlib import Path


def test_intervals_of_a_condition_are_listed(cli, site: Path) -> None:
    slot = cli("fetch", "aca.l0", "slot", "-n", 1, "--json").json[0]["slot"]
    said = cli("intervals", "aca.l0", "quality == 0", "--where", f"slot={slot}", "--max-gap", 60, "--json")
    assert said.code == 0
    assert set(said.json[0]) == {"start", "stop", "duration"}
    assert "never held" in cli("intervals", "aca.l0", "quality > 1", "--where", f"slot={slot}").err


def test_a_condition_that_is_none_is_refused(cli, site: Path) -> None:
    said = cli("intervals", "aca.l0", "tempcd > -10")
    assert said.code == 6
    assert "tempccd" in said.err
