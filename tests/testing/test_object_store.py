"""The kit for object stores catches those that do not keep their promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectInfo
from longwatch.objects.folder import FolderStore
from longwatch.testing.object_store import ObjectStoreTests


class Forgetful(FolderStore):
    """Forgets what lies in it."""

    @override
    def listing(self) -> Iterator[ObjectInfo]:
        return iter(())


class Lying(FolderStore):
    """Gives other bytes than those that were put."""

    @override
    def get(self, oid: ObjectId) -> bytes:
        return super().get(oid) + b"!"


def test_a_store_that_forgets_is_caught(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        ObjectStoreTests().test_listing_names_every_object(Forgetful(tmp_path))


def test_a_store_that_lies_is_caught(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        ObjectStoreTests().test_gives_back_what_was_put(Lying(tmp_path), b"bytes")


def test_a_sound_store_passes(tmp_path: Path) -> None:
    ObjectStoreTests().test_listing_names_every_object(FolderStore(tmp_path))
    ObjectStoreTests().test_gives_back_what_was_put(FolderStore(tmp_path), b"bytes")
