"""From a path or URL to a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.objects.bucket import BucketStore
from longwatch.objects.folder import FolderStore
from longwatch.objects.open import open_store


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_paths_and_file_urls_are_folders(tmp_path: Path, form: str) -> None:
    store = open_store(form.format(tmp_path / "site"))
    assert isinstance(store, FolderStore)
    assert store.location == (tmp_path / "site").as_uri()
    assert "site" in repr(store)


def test_a_location_opens_the_same_store_again(tmp_path: Path) -> None:
    store = open_store(tmp_path / "with space")
    oid = store.put(b"here")
    assert open_store(store.location).get(oid) == b"here"


def test_other_urls_are_buckets() -> None:
    store = open_store("memory://bucket/site/", {})
    assert isinstance(store, BucketStore)
    assert store.location == "memory://bucket/site"
    assert "memory" in repr(store)
