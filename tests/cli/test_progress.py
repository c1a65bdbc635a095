from __future__ import annotations

import pytest

from longwatch.cli.progress import Meter


def test_it_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("files") as meter:
        meter.show(3, 10)
    assert (meter.done, meter.total) == (3, 10)
    assert capsys.readouterr() == ("", "")


def test_it_shows_a_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with Meter("files") as meter:
        meter.show(3, 10)
        meter.show(10, 10)
        meter.close()
        meter.show(10, 10)
    said = capsys.readouterr()
    assert said.out == ""
    assert "10/10" in said.err
