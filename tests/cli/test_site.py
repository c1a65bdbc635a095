from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.cli.site import folder_of, opened, opened_or_made
from longwatch.errors import NotFound


def test_the_folder_named_counts_before_the_variable_and_the_one_stood_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LONGWATCH_ARCHIVE", raising=False)
    assert folder_of(None) == tmp_path
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(tmp_path / "variable"))
    assert folder_of(None) == tmp_path / "variable"
    assert folder_of("named") == tmp_path / "named"


def test_asking_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="longwatch init"), opened(str(tmp_path / "none")):
        pass
    assert not (tmp_path / "none").exists()


def test_taking_in_makes_an_archive_once(tmp_path: Path) -> None:
    place = str(tmp_path / "new")
    with opened_or_made(place) as (first, made):
        assert (first.site, made) == (tmp_path / "new", True)
    with opened_or_made(place) as (_, again):
        assert not again
