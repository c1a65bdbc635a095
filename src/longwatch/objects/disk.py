"""The five steps that make bytes durable on a disk, and the disk that does them.

Owns system calls that write. Must not know hashes, layouts, or in which order a store takes the steps.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from typing_extensions import override


class Disk(Protocol):
    """Where a folder store writes; a test may give one that forgets what was not synced."""

    def write(self, path: Path, blocks: Iterable[bytes | memoryview]) -> None:
        """Write a new read-only file; it may vanish or be cut short until it is synced."""

    def sync(self, path: Path) -> None:
        """Wait until the content of a file would survive a power cut."""

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another name, replacing what stood there, all at once."""

    def make_folder(self, path: Path) -> None:
        """Make a folder, unless it is there."""

    def sync_folder(self, path: Path) -> None:
        """Wait until the names in a folder would survive a power cut."""


class LocalDisk(Disk):
    """A file system of this computer, or one mounted on it."""

    @override
    def write(self, path: Path, blocks: Iterable[bytes | memoryview]) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        try:
            for block in blocks:
                _write_all(descriptor, memoryview(block))
        finally:
            os.close(descriptor)

    @override
    def sync(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @override
    def rename(self, source: Path, target: Path) -> None:
        source.replace(target)

    @override
    def make_folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    @override
    def sync_folder(self, path: Path) -> None:
        self.sync(path)


def _write_all(descriptor: int, block: memoryview) -> None:
    while block:
        block = block[os.write(descriptor, block) :]
