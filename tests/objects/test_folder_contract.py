"""The contract of object stores, on a folder and on a `file://` URL."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from longwatch.contracts.objectstore import ObjectStore
from longwatch.objects.folder import FolderStore
from longwatch.objects.open import open_store
from longwatch.testing.object_store import ObjectStoreTests


def path_of(store: ObjectStore, oid: str) -> Path:
    return Path(store.location.removeprefix("file://")) / "objects" / oid[:2] / oid[2:]


class TestFolder(ObjectStoreTests):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        return FolderStore(tmp_path / "site")

    def spoil(self, store: ObjectStore, oid: str, data: bytes) -> None:
        path_of(store, oid).unlink()
        path_of(store, oid).write_bytes(data)

    def age(self, store: ObjectStore, oid: str, seconds: float) -> None:
        os.utime(path_of(store, oid), times=(time.time() - seconds,) * 2)


class TestFileUrl(TestFolder):
    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        return open_store(f"file://{tmp_path}/site")
