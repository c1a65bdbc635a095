from __future__ import annotations

from pathlib import Path

import pytest

SPAN = ("--start", "2023:100", "--stop", "2023:101")


def test_a_bad_time_is_registered_listed_and_withdrawn(cli, copy: Path, tmp_path: Path) -> None:
    assert "No bad times" in cli("badtimes", "list").err
    said = cli("badtimes", "add", "aca.hdr3", "dac", *SPAN, "--reason", "heater test")
    assert (said.code, "1 bad time" in said.err) == (0, True)
    (row,) = cli("badtimes", "list", "aca.hdr3", "--json").json
    assert (row["series"], row["channel"], row["reason"]) == ("aca.hdr3", "dac", "heater test")
    assert row["start"].startswith("2023-04-10")
    assert row["who"]
    assert not any(name.startswith("longwatch.") for name in cli("status", "--json").json["series"])
    table = tmp_path / "bad.csv"
    assert "Wrote 1 bad time" in cli("badtimes", "export", table).err
    assert "Withdrew 1" in cli("badtimes", "remove", "aca.hdr3", "dac", *SPAN).err
    assert cli("badtimes", "remove", "aca.hdr3", "dac").code == 4
    every = len(cli("fetch", "aca.l0", "bgdavg", "--good", "--json").json)
    cli("badtimes", "add", "aca.l0", "bgdavg", "--start", "1999:001", "--reason", "all of it")
    assert every > 0
    assert "No such rows" in cli("fetch", "aca.l0", "bgdavg", "--good").err
    cli("badtimes", "remove", "aca.l0", "bgdavg")
    assert "Registered 1" in cli("badtimes", "import", table).err
    assert len(cli("badtimes", "list", "--json").json) == 1


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("add", "aca.hdr3", "dac", *SPAN), 6, "reason"),
        (("add", "aca.hdr3", "dca", *SPAN, "--reason", "x"), 6, "'dca'"),
        (("add", "aca.hdr4", *SPAN, "--reason", "x"), 4, "aca.hdr3"),
        (("import", "none.csv"), 7, "none.csv"),
    ],
)
def test_what_makes_no_sense_is_refused(cli, copy: Path, words: tuple[str, ...], code: int, named: str) -> None:
    said = cli("badtimes", *words)
    assert said.code == code
    assert named in said.err
