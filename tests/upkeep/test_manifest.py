"""The page of a backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.errors import BadFile, NotFound
from longwatch.upkeep.manifest import FORMAT, NAME, Manifest, has_manifest, read_manifest, write_manifest

PAGE = Manifest(database="catalog.db", commit=3, form="sqlite", sha256="ab", linked={"/a": "cd"}, included=(1, 2))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert not has_manifest(tmp_path)
    write_manifest(tmp_path, PAGE)
    assert has_manifest(tmp_path)
    assert read_manifest(tmp_path) == PAGE
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_backup_that_never_ended_is_none(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest())
    with pytest.raises(NotFound, match="never finished"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["{", "{}", '{"included": [], "colour": 1}'])
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(BadFile, match="cannot be read"):
        read_manifest(tmp_path)


def test_a_newer_form_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(database="x", format=FORMAT + 1))
    with pytest.raises(BadFile, match="newer form"):
        read_manifest(tmp_path)
