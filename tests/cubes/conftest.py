"""An archive of one's own for each test: SQLite and a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.cubes.face import CubeRoom
from longwatch.ingest.hand import HandWriter
from longwatch.objects.folder import FolderStore


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
    catalog.create()
    return catalog


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
def cubes(catalog: Catalog, store: FolderStore) -> CubeRoom:
    return CubeRoom(catalog, store, writer=HandWriter(catalog, store))
