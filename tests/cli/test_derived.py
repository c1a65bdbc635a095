from __future__ import annotations

from pathlib import Path


def test_a_channel_is_derived_fetched_and_taken_back(cli, copy: Path) -> None:
    assert "No channels are derived" in cli("derived", "list").err
    said = cli("derived", "add", "aca.l0", "kelvin", "tempccd + 273.15", "--unit", "K")
    assert said.code == 0
    (row,) = cli("derived", "list", "--json").json
    assert (row["channel"], row["formula"], row["unit"]) == ("kelvin", "tempccd + 273.15", "K")
    assert cli("fetch", "aca.l0", "kelvin", "-n", 1, "--json").json[0]["kelvin"] > 200
    assert cli("derived", "remove", "aca.l0", "kelvin").code == 0
    assert cli("fetch", "aca.l0", "kelvin").code == 6


def test_a_formula_that_is_not_understood_is_refused(cli, copy: Path) -> None:
    said = cli("derived", "add", "aca.l0", "x", "tempccd >")
    assert said.code == 6
    assert "cannot be read" in said.err
