from __future__ import annotations

from pathlib import Path


def stored_object(site: Path) -> Path:
    return max((path for path in (site / "objects").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def test_a_sound_archive_is_well(cli, copy: Path) -> None:
    verified = cli("verify", "--json")
    assert (verified.code, verified.json["well"]) == (0, True)
    assert verified.json["checked"] == verified.json["sound"] > 0
    assert cli("verify", "--sample", 3, "--json").json["checked"] == 3
    assert "sound" in cli("verify").out


def test_a_damaged_object_is_a_finding(cli, copy: Path) -> None:
    path = stored_object(copy)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    said = cli("verify")
    assert said.code == 1
    assert "damaged" in said.out


def test_a_lost_object_is_a_finding_of_the_doctor(cli, copy: Path) -> None:
    assert cli("doctor").code == 0
    stored_object(copy).unlink()
    said = cli("doctor")
    assert said.code == 1
    assert "Something needs you" in said.out
    assert cli("doctor", "--json").json["well"] is False


def test_the_doctor_tidies_and_prunes(cli, copy: Path) -> None:
    key = cli("find", "cos.lampflash", "--json", "-n", 1).json[0]["key"]
    cli("retract", f"cos.lampflash/{key}", "--yes")
    assert "Removed 0 objects" in cli("doctor", "--fix").err
    assert "earliest commit" in cli("doctor", "--prune", "now").err


def test_backup_and_restore(cli, copy: Path, tmp_path: Path) -> None:
    first = cli("backup", tmp_path / "backup", "--json").json
    assert first["well"]
    assert first["copied"] == first["objects"]
    assert "0 were copied now" in cli("backup", tmp_path / "backup").out
    said = cli("restore", tmp_path / "backup", tmp_path / "restored")
    assert said.code == 0
    before, after = (cli("find", "--json", "--archive", place).json for place in (copy, tmp_path / "restored"))
    assert before == after
    assert cli("restore", tmp_path / "backup", tmp_path / "restored").code == 12


def test_migrate_needs_an_archive_and_makes_none(cli, copy: Path, tmp_path: Path) -> None:
    assert cli("migrate").code == 0
    assert cli("migrate", "--archive", tmp_path / "none").code == 4
    assert not (tmp_path / "none").exists()
