"""Objects in a folder: `objects/ab/cdef...`, and `staging/` beside it for bytes not yet promised.

Owns the order of steps (write, sync, rename, sync the folder) and how objects are read. Must not know what they hold.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from typing_extensions import override

from longwatch.contracts.objectstore import ObjectId, ObjectInfo, ObjectStore, Staged
from longwatch.errors import BadQuery, LongwatchError, NotFound, Unavailable
from longwatch.objects.disk import Disk, LocalDisk
from longwatch.objects.faults import translate
from longwatch.objects.maps import MapCache
from longwatch.objects.names import Hashed, check_oid, compute_oid, layout, read_blocks

SYNCS_AT_ONCE = 8
"""Syncs asked for together, so a journal can serve several with one write."""


class FolderStore(ObjectStore):
    """Objects in a folder of this computer, or one mounted on it.

    Nothing is made until the first write, so opening a store never writes.

    Parameters
    ----------
    root
        Folder that holds `objects/` and `staging/`.
    disk
        What takes the steps that must survive a power cut.
    """

    def __init__(self, root: Path | str, disk: Disk | None = None) -> None:
        self._root = Path(root).absolute()
        self._objects = self._root / "objects"
        self._staging = self._root / "staging"
        self._disk = disk or LocalDisk()
        self._maps = MapCache(self._path)

    @override
    def __reduce__(self) -> tuple[type[FolderStore], tuple[Path, Disk]]:
        return FolderStore, (self._root, self._disk)

    @override
    def __repr__(self) -> str:
        return f"FolderStore({str(self._root)!r})"

    @property
    @override
    def location(self) -> str:
        return self._root.as_uri()

    @property
    @override
    def local(self) -> bool:
        return True

    @property
    @override
    def writable(self) -> bool:
        if self._staging.is_dir():
            return os.access(self._staging, os.W_OK | os.X_OK) and os.access(self._objects, os.W_OK | os.X_OK)
        existing = next(folder for folder in (self._root, *self._root.parents) if folder.exists())
        return os.access(existing, os.W_OK | os.X_OK)

    @override
    def put(self, data: bytes | memoryview) -> ObjectId:
        return self.settle([self.stage(data)])[0]

    @override
    def put_file(self, path: Path) -> ObjectId:
        return self.settle([self.stage_file(path)])[0]

    @override
    def stage(self, data: bytes | memoryview) -> Staged:
        view = memoryview(data).cast("B")
        oid = compute_oid(view)
        name = "" if self._touch(oid, view.nbytes) else self._write([view])
        return Staged(oid=oid, size=view.nbytes, name=name)

    @override
    def stage_file(self, path: Path) -> Staged:
        if not path.is_file():
            raise NotFound(f"Could not store {path}: there is no such file. Check the path.")
        passing = Hashed(read_blocks(path))
        name = self._write(passing)
        return Staged(oid=passing.oid, size=passing.size, name=name)

    @override
    def settle(self, staged: Iterable[Staged]) -> list[ObjectId]:
        batch = list(staged)
        if not batch:
            return []
        named = {one.name: (self._staged(one.name), one.oid) for one in batch if one.name}
        waiting = {name: (path, oid) for name, (path, oid) in named.items() if path.exists()}
        try:
            _each(self._disk.sync, [path for path, _ in waiting.values()])
            self._show({one.oid for one in batch}, waiting.values())
        except OSError as error:
            raise self._fault(error, f"store {len(batch)} objects") from error
        missing = [one for one in batch if one.name not in waiting and not self._touch(one.oid, one.size)]
        if missing:
            raise Unavailable(
                f"Sought {len(missing)} staged objects in {self.location}, the first {missing[0].oid}, but they were "
                f"swept or removed meanwhile. Nothing was committed; stage them again."
            )
        return [one.oid for one in batch]

    @override
    def get(self, oid: ObjectId) -> bytes:
        try:
            return Path(self._path(oid)).read_bytes()
        except OSError as error:
            raise self._fault(error, f"read object {oid}") from error

    @override
    def read(self, oid: ObjectId, offset: int, size: int) -> bytes:
        path = self._path(oid)
        if offset >= 0 and size >= 0:
            try:
                (view,) = self._maps.touch([oid])
                block = _pread(path, offset, size) if view is None else bytes(view[offset : offset + size])
            except OSError as error:
                raise self._fault(error, f"read object {oid}") from error
            if len(block) == size and (size or offset <= self.size(oid)):
                return block
        raise BadQuery(f"Sought {size} bytes from byte {offset} of object {oid}, which has {self.size(oid)} bytes.")

    @override
    def read_many(self, ranges: Sequence[tuple[ObjectId, int, int]]) -> list[bytes]:
        blocks: list[bytes] = []
        try:
            for oid, near in groupby(ranges, itemgetter(0)):
                blocks += _preads(self._path(oid), near)
        except OSError as error:
            raise self._fault(error, f"read object {oid}") from error
        for block, (oid, offset, size) in zip(blocks, ranges, strict=True):
            if len(block) != size:
                raise BadQuery(f"Sought {size} bytes from byte {offset} of object {oid}, which ends before.")
        return blocks

    @override
    def view(self, oid: ObjectId) -> memoryview | None:
        try:
            return self._maps.map(oid)
        except OSError as error:
            raise self._fault(error, f"map object {oid}") from error

    @override
    def views(self, oids: Sequence[ObjectId]) -> list[memoryview | None]:
        try:
            return self._maps.touch(oids)
        except OSError as error:
            raise self._fault(error, f"map one of {len(oids)} objects") from error

    @override
    def size(self, oid: ObjectId) -> int:
        try:
            return Path(self._path(oid)).stat().st_size
        except OSError as error:
            raise self._fault(error, f"find object {oid}") from error

    @override
    def exists(self, oid: ObjectId) -> bool:
        try:
            return self.size(oid) >= 0
        except NotFound:
            return False

    @override
    def listing(self) -> Iterator[ObjectInfo]:
        for shard in _entries(self._objects):
            for entry in _entries(Path(shard.path)):
                if check_oid(oid := shard.name + entry.name):
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat()
                        yield ObjectInfo(oid=oid, size=status.st_size, mtime=status.st_mtime)

    @override
    def verify(self, oid: ObjectId) -> bool:
        passing = Hashed(read_blocks(Path(self._path(oid))))
        try:
            for _ in passing:
                pass
        except OSError as error:
            raise self._fault(error, f"verify object {oid}") from error
        return passing.oid == oid

    @override
    def remove(self, oid: ObjectId, *, older_than_s: float) -> bool:
        path, aside = Path(self._path(oid)), self._staged(f"removed-{secrets.token_hex(8)}")
        try:
            if not _is_older(path, older_than_s):
                return False
            path.rename(aside)
            if not _is_older(aside, older_than_s):  # a writer touched it between our look and the rename
                aside.rename(path)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise self._fault(error, f"remove object {oid}") from error
        self._maps.drop(oid)
        return True

    @override
    def leftovers(self, *, older_than_s: float) -> int:
        count = 0
        for entry in _entries(self._staging):
            with contextlib.suppress(FileNotFoundError):
                count += _is_older(Path(entry.path), older_than_s)
        return count

    @override
    def sweep_staging(self, *, older_than_s: float) -> int:
        swept = 0
        for entry in _entries(self._staging):
            with contextlib.suppress(FileNotFoundError):
                if _is_older(left := Path(entry.path), older_than_s):
                    left.unlink()
                    swept += 1
        return swept

    def _path(self, oid: ObjectId) -> str:  # text, because a range read takes no longer than making a `Path`
        return f"{self._objects}/{layout(oid)}"

    def _staged(self, name: str) -> Path:
        return self._staging / name

    def _touch(self, oid: ObjectId, size: int) -> bool:
        """Keep an object from being removed as old; False where it is absent, damaged, or not ours to touch."""
        path = Path(self._path(oid))
        try:
            if path.stat().st_size != size:
                return False
            os.utime(path)
        except (FileNotFoundError, PermissionError):
            return False
        except OSError as error:
            raise self._fault(error, f"touch object {oid}") from error
        return True

    def _write(self, blocks: Iterable[bytes | memoryview]) -> str:
        name = secrets.token_hex(16)
        try:
            self._make_folders()
            self._disk.write(self._staged(name), blocks)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._staged(name).unlink()
            raise self._fault(error, "write an object") from error
        return name

    def _show(self, oids: Iterable[ObjectId], waiting: Iterable[tuple[Path, ObjectId]]) -> None:
        """Rename what waits in staging, and sync every folder a name of the batch stands in.

        Objects that were here already count too: another process may have renamed them and not yet synced the folder.
        """
        folders = [self._objects / name for name in sorted({layout(oid).partition("/")[0] for oid in oids})]
        for folder in folders:
            if not folder.is_dir():
                self._disk.make_folder(folder)
        for path, oid in waiting:
            self._disk.rename(path, Path(self._path(oid)))
        for folder in (*folders, self._objects):
            self._disk.sync_folder(folder)

    def _make_folders(self) -> None:
        """Make the folders, each name synced before the next: where `staging` stands, the others are durable."""
        if self._staging.is_dir():
            return
        missing = [folder for folder in (self._root, *self._root.parents) if not folder.is_dir()]
        for folder in (*reversed(missing), self._objects, self._staging):
            self._disk.make_folder(folder)
            self._disk.sync_folder(folder.parent)

    def _fault(self, error: OSError, sought: str) -> LongwatchError:
        return translate(error, sought, self.location)


def _each(step: Callable[[Path], None], paths: Sequence[Path]) -> None:
    """Take a step for every path, several at once."""
    shares = [paths[first::SYNCS_AT_ONCE] for first in range(min(SYNCS_AT_ONCE, len(paths)))]
    if len(shares) < 2:
        _all(step, paths)
        return
    with ThreadPoolExecutor(len(shares)) as pool:
        for _ in pool.map(partial(_all, step), shares):
            pass


def _all(step: Callable[[Path], None], paths: Sequence[Path]) -> None:
    for path in paths:
        step(path)


def _pread(path: str, offset: int, size: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(descriptor, size, offset)
    finally:
        os.close(descriptor)


def _preads(path: str, ranges: Iterable[tuple[ObjectId, int, int]]) -> list[bytes]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return [os.pread(descriptor, size, offset) for _, offset, size in ranges]
    finally:
        os.close(descriptor)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_older(path: Path, seconds: float) -> bool:
    return time.time() - path.stat().st_mtime >= seconds
