"""A small archive of series, on SQLite and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.objects.folder import FolderStore
from longwatch.testing.series_site import SeriesSite


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
    catalog.create()
    yield catalog
    catalog.close()


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return FolderStore(tmp_path)


@pytest.fixture
def site(catalog: Catalog, store: ObjectStore) -> SeriesSite:
    return SeriesSite(catalog, store)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260801)
