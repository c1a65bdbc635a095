from __future__ import annotations

import shutil
from pathlib import Path


def test_it_says_why(cli, site: Path) -> None:
    said = cli("quarantine", "list")
    assert "cut_lampflash.fits.gz" in said.out
    assert "cut short" in said.out
    assert "longwatch quarantine retry" in said.err
    assert "Traceback" in cli("quarantine", "list", "--traceback").out
    assert cli("quarantine", "list", "--json").json[0]["attempts"] == 1


def test_retry_reads_again(cli, copy: Path) -> None:
    said = cli("quarantine", "retry", "--json").json
    assert (said["seen"], said["quarantined"]) == (1, 1)
    assert cli("quarantine", "list", "--json").json[0]["attempts"] == 2


def test_a_mended_file_is_stored(cli, copy: Path, incoming: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mending"
    shutil.copytree(incoming / "cos", folder)
    cli("ingest", folder)
    whole = next(path for path in folder.rglob("*_lampflash.fits*") if not path.name.startswith("cut"))
    cut = folder / "cut_lampflash.fits.gz"
    cut.write_bytes(whole.read_bytes())
    assert cli("quarantine", "retry", cut, "--json").json["quarantined"] == 0
    assert str(cut) not in [one["path"] for one in cli("quarantine", "list", "--json").json]


def test_a_file_that_is_gone_is_named(cli, copy: Path, incoming: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut_lampflash.fits.gz"
    shutil.copy(incoming / "cos" / cut.name, cut)
    cli("ingest", cut)
    cut.unlink()
    assert f"quarantine drop {cut}" in cli("quarantine", "retry", cut).err


def test_drop_takes_off_the_list_by_any_spelling(cli, copy: Path, incoming: Path) -> None:
    said = cli("quarantine", "drop", incoming / "cos" / ".." / "cos" / "cut_lampflash.fits.gz")
    assert "Dropped 1 file" in said.err
    assert "empty" in cli("quarantine", "list").err
    assert cli("ingest", incoming, "--json").json["quarantined"] == 0


def test_drop_wants_a_name(cli, copy: Path) -> None:
    assert cli("quarantine", "drop").code == 6
    assert cli("quarantine", "drop", "nothing.fits").code == 4
    assert "Dropped 1 file" in cli("quarantine", "drop", "--all").err
