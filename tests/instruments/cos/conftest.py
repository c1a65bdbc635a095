"""Opening real or simulated COS files the way ingest does, without an archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from longwatch.contracts.kind import Source
from longwatch.fits.content import inflate
from longwatch.fits.file import parse


@pytest.fixture(scope="session")
def real_cos(real_data: Path) -> Path:
    folder = real_data / "cos"
    if not folder.is_dir():
        pytest.skip(f"no real COS files at {folder}")
    return folder


@pytest.fixture(scope="session")
def open_source() -> Callable[[Path], Source]:
    def opened(path: Path) -> Source:
        name = path.name.removesuffix(".gz")
        data = inflate(path.read_bytes(), name=name)
        return Source(name=name, data=data, fits=parse(data, name=name) if data.startswith(b"SIMPLE") else None)

    return opened
