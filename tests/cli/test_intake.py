from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def test_the_numbers_add_up(cli, incoming: Path, tmp_path: Path) -> None:
    said = cli("ingest", incoming, "--archive", tmp_path / "new", "--json")
    report = said.json
    assert said.code == 0
    assert report["seen"] == sum(report[name] for name in ("stored", "unchanged", "unknown", "quarantined"))
    assert sum(report["kinds"].values()) == report["stored"]
    assert report["quarantined"] == 1
    assert f"Made an archive in {tmp_path / 'new'}" in said.err
    assert "are copied" in said.err


def test_a_second_time_nothing_is_new_and_nothing_is_explained_again(cli, copy: Path, incoming: Path) -> None:
    said = cli("ingest", incoming)
    assert "0  stored" in said.out
    assert "copied" not in said.err
    assert "Next: longwatch quarantine list" in said.err


def test_links_are_announced(cli, incoming: Path, tmp_path: Path) -> None:
    said = cli("ingest", incoming / "stis", "--link", "--archive", tmp_path / "new")
    assert "stay where they lie" in said.err
    assert all(row["linked"] for row in cli("find", "--archive", tmp_path / "new", "--json").json)


def test_a_dry_run_stores_nothing_and_needs_no_archive(cli, incoming: Path, tmp_path: Path) -> None:
    said = cli("ingest", incoming / "cos", "--dry-run", "--archive", tmp_path / "none")
    assert "cos.lampflash" in said.out
    assert "nothing was stored" in said.err
    assert not (tmp_path / "none").exists()
    as_json = cli("ingest", incoming / "cos", "--dry-run", "--json").json
    assert {"path", "kind", "confidence", "others", "reason"} == set(as_json[0])


def test_an_archive_does_not_take_itself_in(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LONGWATCH_ARCHIVE", raising=False)
    said = cli("ingest", ".")
    assert said.code == 6
    assert "--archive" in said.err
    assert not list(Path().iterdir())


def test_retract_says_first_and_does_then(cli, copy: Path) -> None:
    key = cli("find", "cos.lampflash", "--json", "-n", 1).json[0]["key"]
    dry = cli("retract", f"cos.lampflash/{key}", "--dry-run")
    assert key in dry.out
    assert "nothing was changed" in dry.err
    assert cli("retract", f"cos.lampflash/{key}").code == 6
    assert cli("find", f"cos.lampflash/{key}", "--json").json
    done = cli("retract", f"cos.lampflash/{key}", "--yes", "--json").json
    assert done["retracted"]
    assert cli("find", f"cos.lampflash/{key}", "--json").json == []


def test_a_window_is_retracted(cli, copy: Path) -> None:
    before = cli("find", "aca.l0", "--json").json
    cut = before[len(before) // 2]["t_min"]
    cli("retract", "--kind", "aca.l0", "--start", cut, "--yes")
    kept = cli("find", "aca.l0", "--json").json
    assert kept == [row for row in before if row["t_min"] < cut]


def test_ctrl_c_keeps_what_is_committed_and_says_how_to_go_on(incoming: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "longwatch", "ingest", str(incoming), "--archive", str(tmp_path / "new")]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    for line in running.stderr:
        if "copied" in line:
            break
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "run again to go on" in err
    again = subprocess.run([*words, "--json"], capture_output=True, text=True, check=True)
    assert '"quarantined": 1' in again.stdout
