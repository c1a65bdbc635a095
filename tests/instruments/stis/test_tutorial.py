"""The tutorial of the manual, word for word."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from longwatch.cli.main import run

PAGE = Path(__file__).parents[3] / "docs" / "instruments" / "stis.md"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(?P<body>.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found["body"]


def test_the_tutorial_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    for line in block("").splitlines():
        words = shlex.split(re.split(r"\s{3,}|  (?=hot in)", line)[0])
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value)
            continue
        assert run(words[1:]) == 0, f"{line}\n{capsys.readouterr().err}"
    assert {path.name for path in tmp_path.glob("*.*")} == {"life.png", "change.png", "mask.fits", "survival.png"}
    names: dict[str, object] = {}
    exec(compile(block("python"), str(PAGE), "exec"), names)
    assert names["survival"][0] == 1.0
    assert names["pixels"].shape == (1024, 1024)
    assert len(names["life"]) == 39
    assert len(names["around"]) == 25 * 39
    assert len(names["inputs"]) == 21 + 24
    assert len(names["born"]) > 100
