"""Objects in a bucket: `objects/ab/cdef...` below any URL that fsspec knows and whose puts are all or nothing.

Owns how an object is written whole, read by ranges and kept young. Must not know what it holds, or which bucket it is.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol, TypeVar, cast

import fsspec
from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectInfo, ObjectStore, Staged
from longwatch.errors import BadConfig, BadQuery, NotFound, Unavailable
from longwatch.objects.faults import foreign_errors, translate
from longwatch.objects.names import Hashed, check_oid, compute_oid, layout, read_blocks

YOUNG_S = 3600.0
"""An object older than this is written again when it is put again: a bucket has no other way to touch."""

READS_AT_ONCE = 16
"""Ranges asked for together: a bucket answers each after tens of milliseconds, and many at a time."""

_WRITTEN = ("LastModified", "last_modified", "mtime", "created")

T = TypeVar("T")


class _FileSystem(Protocol):
    """What we ask of fsspec."""

    def info(self, path: str) -> dict[str, object]: ...
    def find(self, path: str, *, detail: bool) -> dict[str, dict[str, object]]: ...
    def cat_file(self, path: str, *, start: int | None = None, end: int | None = None) -> bytes: ...
    def pipe_file(self, path: str, value: bytes) -> object: ...
    def put_file(self, lpath: str, rpath: str) -> object: ...
    def rm_file(self, path: str) -> object: ...


class BucketStore(ObjectStore):
    """Objects in a bucket. There is no staging: a put shows an object whole, and the catalogue's commit makes it exist.

    Parameters
    ----------
    url
        Where the objects lie, such as ``"s3://bucket/site"``.
    options
        fsspec storage options, such as ``{"endpoint_url": ...}``; ``{"anon": True}`` makes it read-only.
    """

    def __init__(self, url: str, options: Mapping[str, object] | None = None) -> None:
        self._url = url.rstrip("/")
        self._options = dict(options or {})

    @override
    def __reduce__(self) -> tuple[type[BucketStore], tuple[str, dict[str, object]]]:
        return BucketStore, (self._url, self._options)

    @override
    def __repr__(self) -> str:
        return f"BucketStore({self._url!r})"

    @property
    @override
    def location(self) -> str:
        return self._url

    @property
    @override
    def local(self) -> bool:
        return False

    @property
    @override
    def writable(self) -> bool:
        return not self._options.get("anon", False)

    @override
    def put(self, data: bytes | memoryview) -> ObjectId:
        return self.stage(data).oid

    @override
    def put_file(self, path: Path) -> ObjectId:
        return self.stage_file(path).oid

    @override
    def stage(self, data: bytes | memoryview) -> Staged:
        view = memoryview(data).cast("B")
        oid = compute_oid(view)
        if not self._is_young(oid, view.nbytes):
            self._send(lambda: self._files.pipe_file(self._key(oid), bytes(view)))
        return Staged(oid=oid, size=view.nbytes)

    @override
    def stage_file(self, path: Path) -> Staged:
        if not path.is_file():
            raise NotFound(f"Could not store {path}: there is no such file. Check the path.")
        passing = Hashed(read_blocks(path))
        with tempfile.NamedTemporaryFile(prefix="longwatch-") as copy:  # what is sent is what was hashed
            self._call("copy a file", lambda: copy.writelines(passing))
            self._call("copy a file", copy.flush)
            if not self._is_young(passing.oid, passing.size):
                self._send(lambda: self._files.put_file(copy.name, self._key(passing.oid)))
        return Staged(oid=passing.oid, size=passing.size)

    @override
    def settle(self, staged: Iterable[Staged]) -> list[ObjectId]:
        return [one.oid for one in staged]

    @override
    def get(self, oid: ObjectId) -> bytes:
        key = self._key(oid)
        return self._call(f"read object {oid}", lambda: self._files.cat_file(key))

    @override
    def read(self, oid: ObjectId, offset: int, size: int) -> bytes:
        key, stop = self._key(oid), offset + size
        if offset >= 0 and size > 0:
            with contextlib.suppress(BadQuery):  # some buckets refuse a range beyond the end, others cut it short
                block = self._call(f"read object {oid}", lambda: self._files.cat_file(key, start=offset, end=stop))
                if len(block) == size:
                    return block
        known = self.size(oid)
        if size == 0 and 0 <= offset <= known:
            return b""
        raise BadQuery(f"Sought {size} bytes from byte {offset} of object {oid}, which has {known} bytes.")

    @override
    def read_many(self, ranges: Sequence[tuple[ObjectId, int, int]]) -> list[bytes]:
        with ThreadPoolExecutor(READS_AT_ONCE) as pool:
            return list(pool.map(self.read, *zip(*ranges, strict=True))) if ranges else []

    @override
    def view(self, oid: ObjectId) -> memoryview | None:
        layout(oid)
        return None

    @override
    def views(self, oids: Sequence[ObjectId]) -> list[memoryview | None]:
        return [None] * len(oids)

    @override
    def size(self, oid: ObjectId) -> int:
        return self._info(oid).size

    @override
    def exists(self, oid: ObjectId) -> bool:
        try:
            return self.size(oid) >= 0
        except NotFound:
            return False

    @override
    def listing(self) -> Iterator[ObjectInfo]:
        try:
            found = self._call("list objects", lambda: self._files.find(self._prefix, detail=True))
        except NotFound:
            return
        for key, info in found.items():
            if check_oid(oid := "".join(key.split("/")[-2:])):
                yield _read_info(oid, info)

    @override
    def verify(self, oid: ObjectId) -> bool:
        return compute_oid(self.get(oid)) == oid

    @override
    def remove(self, oid: ObjectId, *, older_than_s: float) -> bool:
        key = self._key(oid)
        try:
            if time.time() - self._info(oid).mtime < older_than_s:
                return False
            self._call(f"remove object {oid}", lambda: self._files.rm_file(key))
        except NotFound:
            return False
        return True

    @override
    def leftovers(self, *, older_than_s: float) -> int:
        return 0

    @override
    def sweep_staging(self, *, older_than_s: float) -> int:
        return 0

    @cached_property
    def _opened(self) -> tuple[_FileSystem, str]:
        """The file system and the path of this store in it; listings are not cached, since others write too."""
        try:
            files, path = fsspec.core.url_to_fs(self._url, use_listings_cache=False, **self._options)
        except ImportError as error:
            raise BadConfig(f"Could not open {self._url}: {error}. For s3, install longwatch[s3].") from error
        except (ValueError, TypeError) as error:
            raise BadConfig(f"Could not open {self._url}: {error}. Check the URL and its storage options.") from error
        return cast("_FileSystem", files), str(path)

    @property
    def _files(self) -> _FileSystem:
        return self._opened[0]

    @property
    def _prefix(self) -> str:
        return f"{self._opened[1]}/objects"

    def _key(self, oid: ObjectId) -> str:
        return f"{self._prefix}/{layout(oid)}"

    def _info(self, oid: ObjectId) -> ObjectInfo:
        key = self._key(oid)
        return _read_info(oid, self._call(f"find object {oid}", lambda: self._files.info(key)))

    def _is_young(self, oid: ObjectId, size: int) -> bool:
        """Whether an object is here, whole, and safe from being removed as old."""
        try:
            known = self._info(oid)
        except NotFound:
            return False
        return known.size == size and time.time() - known.mtime < YOUNG_S

    def _send(self, step: Callable[[], object]) -> None:
        try:
            self._call("write an object", step)
        except NotFound as error:
            raise Unavailable(
                f"Could not write to {self.location}: there is no such bucket. Create it first."
            ) from error

    def _call(self, sought: str, step: Callable[[], T]) -> T:
        try:
            return step()
        except foreign_errors() as error:
            raise translate(error, sought, self.location) from error


def _read_info(oid: ObjectId, info: Mapping[str, object]) -> ObjectInfo:
    moments = [_seconds(cast("datetime | float", info[name])) for name in _WRITTEN if info.get(name)]
    mtime = moments[0] if moments else time.time()  # a bucket that does not tell: never old enough to be removed
    return ObjectInfo(oid=oid, size=int(cast("int", info["size"])), mtime=mtime)


def _seconds(moment: datetime | float) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else moment
