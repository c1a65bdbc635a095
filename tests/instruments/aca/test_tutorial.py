"""The tutorial of the manual, word for word."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from longwatch.cli.main import run

PAGE = Path(__file__).parents[3] / "docs" / "instruments" / "aca.md"


def blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8").split("## What comes in")[0]
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return [body for name, body in found if name == language]


def test_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (shell,) = blocks("")
    for line in shell.splitlines():
        words = shlex.split(re.split(r"\s{3,}", line)[0])
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value)
            continue
        assert run(words[1:]) == 0, f"{line}\n{capsys.readouterr().err}"
    assert {path.name for path in tmp_path.glob("*.*")} == {
        "warm.png",
        "dark.fits",
        "change.png",
        "volts.png",
        "star.gif",
    }
    names: dict[str, object] = {}
    for code in blocks("python"):
        exec(compile(code, str(PAGE), "exec"), names)
    assert len(names["figure"].panels) == 2
    assert (100, -200) in [(event["row"], event["col"]) for event in names["born"].events]
    assert len(names["restless"]) > 100
    assert len(names["life"]) == 7
    assert len(names["temperature"].vals) > 400
    assert names["clean"]["IMG_BGSUB"].shape == (len(names["clean"]), 8, 8)
    assert names["inner"].shape == (8, 8)
    assert 0.0 < names["chance"][2] < names["chance"][1] < names["chance"][0] <= 0.985
    assert -16.0 < names["limit"] <= -5.0
