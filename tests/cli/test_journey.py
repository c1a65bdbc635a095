"""From nothing to a report and back, as a person goes; the first steps are processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_whole_way(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LONGWATCH_")]:
        monkeypatch.delenv(name)

    def longwatch(*words: str) -> bytes:
        ended = subprocess.run([sys.executable, "-m", "longwatch", *words], capture_output=True, check=False)
        assert ended.returncode == 0, ended.stderr.decode()
        return ended.stdout

    assert "There is no archive" in cli().out
    assert longwatch("simulate", "cos", "incoming") == b"incoming\n"
    report = json.loads(longwatch("ingest", "incoming", "--json"))
    assert report["stored"] > 0
    assert report["seen"] == report["stored"] + report["unchanged"] + report["unknown"] + report["quarantined"]
    first = json.loads(longwatch("find", "cos.lampflash", "--json"))[0]
    product = f"cos.lampflash/{first['key']}"
    assert longwatch("get", product) == Path(first["path"]).read_bytes()

    assert cli("status", "--json").json["due"] > 0
    assert cli("fetch", "cos.lampflash", "shift_disp", "--json").json[0]["utc"].startswith("2016-")
    assert cli("monitor", "run").code == 0
    assert cli("status", "--json").json["due"] == 0
    page = Path(cli("report").out.strip())
    assert "cos.osm_shift" in page.read_text(encoding="utf-8")
    assert cli("retract", product, "--yes").code == 0
    assert first["key"] not in cli("find", "cos.lampflash", "--csv").out
    assert cli("status", "--json").json["due"] > 0
    assert [cli("get", product).code, cli("verify").code, cli("doctor").code] == [4, 0, 0]
