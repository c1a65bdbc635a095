"""Names of objects: how bytes are hashed, what a name looks like, and where it lies in a store.

Owns the naming and the two-level layout. Must not know disks, buckets, or what the bytes mean.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from longwatch.contracts.objectstore import ObjectId
from longwatch.errors import BadQuery

BLOCK = 1 << 20
"""Bytes read at a time from a file that is being copied or hashed."""

_OID = re.compile("[0-9a-f]{64}")


def compute_oid(data: bytes | memoryview) -> ObjectId:
    """Name bytes: their SHA-256 in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def layout(oid: ObjectId) -> str:
    """Path of an object below the folder of objects, `ab/cdef...`.

    Raises
    ------
    BadQuery
        Raised if `oid` is not 64 lower-case hexadecimal digits, so no name can lead out of the store.
    """
    if not _OID.fullmatch(oid):
        raise BadQuery(f"Sought object {oid!r}, but an object is named by the 64 lower-case hex digits of its SHA-256.")
    return f"{oid[:2]}/{oid[2:]}"


def check_oid(oid: str) -> bool:
    """Tell whether a string can be the name of an object."""
    return _OID.fullmatch(oid) is not None


class Hashed:
    """Blocks on their way to a disk, hashed and counted as they pass."""

    def __init__(self, blocks: Iterable[bytes | memoryview]) -> None:
        self._blocks = blocks
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes | memoryview]:
        """Pass the blocks on."""
        for block in self._blocks:
            self._hash.update(block)
            self.size += len(block)
            yield block

    @property
    def oid(self) -> ObjectId:
        """Name of the bytes that have passed so far."""
        return self._hash.hexdigest()


def read_blocks(path: Path) -> Iterator[bytes]:
    """Read a file block by block."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            yield block
