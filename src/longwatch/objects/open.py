"""From a path or URL to the store that lives there.

Owns the choice between a folder and a bucket. Must not know what either does with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from longwatch.contracts.objectstore import ObjectStore
from longwatch.objects.bucket import BucketStore
from longwatch.objects.folder import FolderStore


def open_store(place: str | Path, options: Mapping[str, object] | None = None) -> ObjectStore:
    """Open the object store at a path, a `file://` URL, or any URL fsspec knows. Opening never writes.

    Parameters
    ----------
    place
        Folder or URL, such as ``"site"``, ``"file:///data/site"`` or ``"s3://bucket/site"``.
    options
        fsspec storage options of a bucket, such as ``{"endpoint_url": ...}``; a folder takes none.
    """
    url = urlsplit(str(place))
    if "://" not in str(place):
        return FolderStore(Path(place))
    if url.scheme == "file":
        return FolderStore(Path(unquote(url.path)))
    return BucketStore(str(place), options)
