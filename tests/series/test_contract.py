"""The contract of series on every database and store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.objects.bucket import BucketStore
from longwatch.objects.folder import FolderStore
from longwatch.testing.series import SeriesTests


def made(url: str) -> Iterator[Catalog]:
    """A catalogue with its tables, closed afterwards."""
    catalog = Catalog(url)
    catalog.create()
    yield catalog
    catalog.close()


class OnFolder(SeriesTests):
    @pytest.fixture
    @override
    def store(self, tmp_path: Path) -> ObjectStore:
        return FolderStore(tmp_path)


class TestOnSqlite(OnFolder):
    @pytest.fixture
    @override
    def catalog(self, tmp_path: Path) -> Iterator[Catalog]:
        yield from made(f"sqlite:///{tmp_path}/catalog.db")


@pytest.mark.contract
class TestOnPostgres(OnFolder):
    @pytest.fixture
    @override
    def catalog(self, postgres_url: str) -> Iterator[Catalog]:
        yield from made(postgres_url)


@pytest.mark.contract
class TestOnMariadb(OnFolder):
    @pytest.fixture
    @override
    def catalog(self, mariadb_url: str) -> Iterator[Catalog]:
        yield from made(mariadb_url)


@pytest.mark.contract
class TestOnS3(SeriesTests):
    @pytest.fixture
    @override
    def catalog(self, tmp_path: Path) -> Iterator[Catalog]:
        yield from made(f"sqlite:///{tmp_path}/catalog.db")

    @pytest.fixture
    @override
    def store(self, s3_url: str, s3_options: dict[str, object]) -> ObjectStore:
        return BucketStore(s3_url, s3_options)
