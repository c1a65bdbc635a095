from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from longwatch.cli import status
from longwatch.cli.main import run


def test_an_error_is_a_sentence_and_a_code(cli, site: Path) -> None:
    said = cli("get", "cos.lampflash/nothing")
    assert said.code == 4
    assert said.out == ""
    assert "List them with" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [["--debug", "get", "a/b"], ["get", "a/b", "--debug"]])
def test_debug_shows_the_traceback(cli, site: Path, words: list[str]) -> None:
    assert "Traceback" in cli(*words).err


def test_a_wrong_command_line_is_2(cli) -> None:
    said = cli("fnd")
    assert said.code == 2
    assert "Did you mean 'find'" in said.err


def test_help_and_version_are_0(cli) -> None:
    assert cli("--help").code == 0
    assert cli("--version").out.startswith("longwatch ")


def test_a_fault_of_ours_is_an_apology_with_a_file(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(status, "status", breaks)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = cli()
    assert said.code == 70
    assert "ZeroDivisionError" in next(tmp_path.glob("longwatch-*.txt")).read_text()
    assert "Traceback" not in said.err


def test_ctrl_c_is_130(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status, "status", stopped)
    assert cli().code == 130


def test_help_loads_nothing_heavy() -> None:
    heavy = ("numpy", "astropy", "sqlalchemy", "pyarrow", "matplotlib", "pydantic_settings")
    code = (
        "import sys; from longwatch.cli.main import run; assert run(['--help']) == 0; "
        f"sys.exit(str([name for name in {heavy} if name in sys.modules] or ''))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""


def test_a_question_loads_nothing_that_draws_or_migrates(site: Path) -> None:
    heavy = ("matplotlib", "alembic", "pandas", "scipy.interpolate", "scipy.stats")
    code = (
        f"import sys; from longwatch.cli.main import run; assert run(['status', '--archive', {str(site)!r}]) == 0; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout.splitlines()[-1] == "[]", ended.stderr


def test_no_colours_in_a_pipe(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in {"FORCE_COLOR", "LONGWATCH_ARCHIVE"}}
    ended = subprocess.run(
        [sys.executable, "-m", "longwatch", "find"], capture_output=True, cwd=tmp_path, env=environment, check=False
    )
    assert ended.returncode == 4
    assert b"\x1b" not in ended.stdout + ended.stderr


def test_run_takes_plain_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().err == ""
