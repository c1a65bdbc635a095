"""An archive with rows, planes, versions and a linked file, to be looked after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, create_archive
from toy_instrument import TOY, ToyFile, write

FIRST = [ToyFile("a", 1, ((0, 0, 1.0), (1, 0, 2.0)), 1, 5.0), ToyFile("b", 1, ((800, 1, 3.0),), 2, 6.0)]
NEWER = ToyFile("a", 2, ((0, 0, 7.0), (2, 0, 8.0)), 1, 9.0)
LINKED = ToyFile("l", 1, ((5, 0, 4.0),), 1, 1.0)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with create_archive(tmp_path / "site", instruments=[TOY]) as made:
        made.ingest(*write(tmp_path / "in", FIRST))
        made.ingest(*write(tmp_path / "in", [NEWER]))
        yield made


@pytest.fixture
def linked(archive: Archive, tmp_path: Path) -> Path:
    """A file the archive links where it lies."""
    (path,) = write(tmp_path / "linked", [LINKED])
    archive.ingest(path, link=True)
    return path
