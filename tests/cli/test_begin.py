from __future__ import annotations

from pathlib import Path


def test_init_makes_an_empty_archive_once(cli, tmp_path: Path) -> None:
    first = cli("init", tmp_path / "new")
    assert (first.code, first.out) == (0, f"Made an empty archive in {tmp_path / 'new'}.\n")
    assert "Next: longwatch ingest" in first.err
    assert "already" in cli("init", tmp_path / "new").out


def test_init_takes_the_folder_one_stands_in(cli, monkeypatch) -> None:
    monkeypatch.delenv("LONGWATCH_ARCHIVE", raising=False)
    assert cli("init").code == 0
    assert Path("catalog.db").exists()


def test_simulated_files_are_equal_for_equal_seeds(cli) -> None:
    for name in ("a", "b"):
        assert cli("simulate", "cos", name, "--seed", 3).out == f"{name}\n"
    files = sorted(path.relative_to("a") for path in Path("a").rglob("*.gz"))
    assert files
    assert all((Path("a") / f).read_bytes() == (Path("b") / f).read_bytes() for f in files)


def test_an_unknown_instrument_is_answered_with_those_there_are(cli) -> None:
    said = cli("simulate", "wfc3", "out")
    assert said.code == 4
    assert "aca, cos" in said.err
