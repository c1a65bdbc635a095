"""What every home of immutable bytes promises: the `ObjectStore` protocol and the values it hands over.

Owns the promise. Must not know folders, buckets, or what the bytes mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

ObjectId: TypeAlias = str
"""The name of an object: the SHA-256 of its bytes, 64 lower-case hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """One object as a listing shows it.

    Parameters
    ----------
    oid
        Its name.
    size
        Bytes it holds.
    mtime
        Unix time [s] at which it was last written or touched.
    """

    oid: ObjectId
    size: int
    mtime: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Bytes handed to a store and not yet promised; `ObjectStore.settle` makes the promise. Travels between processes.

    Parameters
    ----------
    oid
        The name the object will have.
    size
        Bytes it holds.
    name
        Where the store keeps it meanwhile; empty when the object already stands under its own name.
    """

    oid: ObjectId
    size: int
    name: str = ""


class ObjectStore(Protocol):
    """Immutable bytes under their own hash.

    Nothing is ever changed under a name, so readers take no locks, and a store can be pickled into a worker. Every
    method raises `Unavailable` when the disk or bucket fails, `Refused` when it may not be written, and `BadQuery` for
    a name that is not an `ObjectId`.
    """

    @property
    def location(self) -> str:
        """URL of the store."""

    @property
    def local(self) -> bool:
        """Whether objects can be mapped into memory, that is, whether `view` ever returns one."""

    @property
    def writable(self) -> bool:
        """Whether this user may write here, as far as can be told without writing."""

    def put(self, data: bytes | memoryview) -> ObjectId:
        """Store bytes durably and return their name; bytes that are already here are touched and reused."""

    def put_file(self, path: Path) -> ObjectId:
        """Store the content of a file durably, hashed while it is copied, never held in memory as a whole."""

    def stage(self, data: bytes | memoryview) -> Staged:
        """Write bytes without waiting for the disk: the cheap half of `put`, for worker processes."""

    def stage_file(self, path: Path) -> Staged:
        """Copy a file without waiting for the disk: the cheap half of `put_file`, for worker processes."""

    def settle(self, staged: Iterable[Staged]) -> list[ObjectId]:
        """Make staged objects durable and visible: all synced, all renamed, the folders synced; then commit.

        Raises
        ------
        Unavailable
            Raised if staged bytes are no longer here; stage them again.
        """

    def get(self, oid: ObjectId) -> bytes:
        """Read a whole object.

        Raises
        ------
        NotFound
            Raised if no such object is here.
        """

    def read(self, oid: ObjectId, offset: int, size: int) -> bytes:
        """Read `size` bytes from byte `offset` on.

        Raises
        ------
        NotFound
            Raised if no such object is here.
        BadQuery
            Raised if the range does not lie within the object.
        """

    def read_many(self, ranges: Sequence[tuple[ObjectId, int, int]]) -> list[bytes]:
        """Read many `(oid, offset, size)` ranges at once, best with those of one object together; errors as `read`."""

    def view(self, oid: ObjectId) -> memoryview | None:
        """Map an object read-only into memory, or None where the store is not local.

        The map lives as long as the view or anything made over it, an array for instance.

        Raises
        ------
        NotFound
            Raised if the store is local and no such object is here.
        """

    def views(self, oids: Sequence[ObjectId]) -> list[memoryview | None]:
        """Give the maps of objects that were touched before, as `view` does; None for those touched the first time.

        A few reads of a file are cheaper than a map of it, and a map is cheaper than many.
        """

    def size(self, oid: ObjectId) -> int:
        """Count the bytes of an object; raises `NotFound` if it is not here."""

    def exists(self, oid: ObjectId) -> bool:
        """Tell whether an object is here."""

    def listing(self) -> Iterator[ObjectInfo]:
        """List every object, in no promised order."""

    def verify(self, oid: ObjectId) -> bool:
        """Read an object and tell whether its bytes still have its name; raises `NotFound` if it is not here."""

    def remove(self, oid: ObjectId, *, older_than_s: float) -> bool:
        """Remove an object nobody touched in the last `older_than_s` seconds; tell whether it was removed."""

    def leftovers(self, *, older_than_s: float) -> int:
        """Count what lies in staging for longer than `older_than_s` seconds."""

    def sweep_staging(self, *, older_than_s: float) -> int:
        """Remove what crashes left in staging, if older than `older_than_s` seconds; count what was removed."""
