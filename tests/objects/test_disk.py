"""The steps a local disk takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.objects.disk import LocalDisk


def test_the_five_steps(tmp_path: Path) -> None:
    disk = LocalDisk()
    disk.make_folder(tmp_path / "folder")
    disk.make_folder(tmp_path / "folder")
    disk.write(tmp_path / "staged", [b"one ", memoryview(b"two"), b""])
    disk.sync(tmp_path / "staged")
    (tmp_path / "folder" / "name").write_bytes(b"old")
    disk.rename(tmp_path / "staged", tmp_path / "folder" / "name")
    disk.sync_folder(tmp_path / "folder")
    assert (tmp_path / "folder" / "name").read_bytes() == b"one two"
    assert not (tmp_path / "staged").exists()


def test_a_file_is_written_once(tmp_path: Path) -> None:
    LocalDisk().write(tmp_path / "name", [b"first"])
    with pytest.raises(FileExistsError):
        LocalDisk().write(tmp_path / "name", [b"second"])
    assert (tmp_path / "name").read_bytes() == b"first"
