from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from longwatch.cli.watch import show
from longwatch.ingest.report import IngestReport, Refusal


def test_files_go_in_as_they_come_until_ctrl_c(incoming: Path, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    landing.mkdir()
    file = next((incoming / "cos").rglob("*_lampflash.fits*"))
    (landing / file.name).write_bytes(file.read_bytes())
    words = ["-m", "longwatch", "watch", str(landing), "--every", "0.05", "--archive", str(tmp_path / "new")]
    running = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    line = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert line == "1 file: 1 stored\n"
    assert running.returncode == 130
    assert "Watching" in said
    assert "run again to go on" in said


def test_a_folder_that_is_not_there_is_said(cli, tmp_path: Path) -> None:
    said = cli("watch", tmp_path / "none", "--archive", tmp_path / "new")
    assert said.code == 4
    assert "does not exist" in said.err


def test_what_was_refused_is_named(capsys) -> None:
    refusal = Refusal(path="a.fits", kind="", reason="cut short.")
    show(IngestReport(run=1, seen=2, stored=0, unchanged=1, unknown=0, quarantined=1, refusals=(refusal,)))
    show(IngestReport(run=0, seen=1, stored=0, unchanged=1, unknown=0, quarantined=0))
    said = capsys.readouterr()
    assert said.out == "2 files: 1 quarantined\n1 file: here already\n"
    assert said.err == "Quarantined a.fits: cut short.\n"
