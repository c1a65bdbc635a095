"""The contract of series on SQLite and a folder; the servers run it as well."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.objects.folder import FolderStore
from longwatch.testing.series import SeriesTests


class TestOnSqliteAndFolder(SeriesTests):
    @pytest.fixture
    @override
    def catalog(self, tmp_path: Path) -> Iterator[Catalog]:
        catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
        catalog.create()
        yield catalog
        catalog.close()

    @pytest.fixture
    @override
    def store(self, tmp_path: Path) -> ObjectStore:
        return FolderStore(tmp_path)
