"""What the tests of ingest share: an archive that knows the toy instrument and any FITS file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, create_archive
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from toy_instrument import TOY, ToyFile


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with create_archive(tmp_path / "site", instruments=[GENERIC, TOY]) as archive:
        yield archive


@pytest.fixture
def incoming(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


@pytest.fixture
def toys() -> list[ToyFile]:
    return [
        ToyFile(key=f"t{n}", version=1, rows=((24 * n, 0, float(n)), (24 * n + 1, 1, n + 0.5)), epoch=n, level=n)
        for n in range(3)
    ]
