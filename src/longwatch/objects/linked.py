"""Linked files: read where they lie, and only if they are still what the catalogue took note of.

Owns the comparison before and after a read. Must not know the catalogue; a linked file is never mapped into memory.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, fields
from pathlib import Path

from longwatch.errors import BadFile, BadQuery, Conflict, Gone, LongwatchError
from longwatch.objects.faults import translate


@dataclass(frozen=True, slots=True)
class FileState:
    """What changes when a file does.

    Parameters
    ----------
    size
        Bytes.
    mtime_ns
        Unix time of the last change of content [ns].
    ctime_ns
        Unix time of the last change of content, name or rights [ns]; nobody can set it back.
    inode
        Number of the file in its file system.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def state_of(path: Path) -> FileState:
    """Take note of a file.

    Raises
    ------
    Gone
        Raised if there is no such file.
    BadFile
        Raised if it is not a regular file.
    """
    try:
        return _state(path, path.stat())
    except OSError as error:
        raise _fault(error, path) from error


def is_unchanged(path: Path, expected: FileState) -> bool:
    """Tell whether a file is there and as it was taken note of."""
    try:
        return _state(path, path.stat()) == expected
    except (OSError, BadFile):
        return False


def read_linked(path: Path, expected: FileState, *, offset: int = 0, size: int | None = None) -> bytes:
    """Read a linked file, or a range of it, unless it changed since it was taken note of.

    Parameters
    ----------
    path
        Where it lies.
    expected
        What it was; compared before and after the read, through one descriptor.
    offset
        First byte to read.
    size
        Bytes to read; None reads to the end.

    Raises
    ------
    Gone
        Raised if there is no such file.
    Conflict
        Raised if it changed; the message names what differs.
    BadFile
        Raised if it is not a regular file.
    BadQuery
        Raised if the range does not lie within the file.
    """
    stop = expected.size if size is None else offset + size
    if not 0 <= offset <= stop <= expected.size:
        raise BadQuery(f"Sought bytes {offset} to {stop} of {path}, which has {expected.size} bytes.")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe put there must not hang us
    except OSError as error:
        raise _fault(error, path) from error
    try:
        _compare(path, expected, os.fstat(descriptor))
        data = _read_range(descriptor, offset, stop)
        _compare(path, expected, os.fstat(descriptor))
    except OSError as error:
        raise _fault(error, path) from error
    finally:
        os.close(descriptor)
    return data


def _read_range(descriptor: int, offset: int, stop: int) -> bytes:
    """Read what is there; one call to the system gives 2 GiB at most."""
    blocks = []
    while offset < stop and (block := os.pread(descriptor, stop - offset, offset)):
        blocks.append(block)
        offset += len(block)
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


def _state(path: Path, status: os.stat_result) -> FileState:
    if not stat.S_ISREG(status.st_mode):
        raise BadFile(f"Sought a file at {path}, but it is something else. Only regular files can be linked.")
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def _compare(path: Path, expected: FileState, status: os.stat_result) -> None:
    found = _state(path, status)
    if found != expected:
        names = [entry.name for entry in fields(FileState)]
        pairs = [(name, getattr(expected, name), getattr(found, name)) for name in names]
        changes = ", ".join(f"{name} was {was} and is {now}" for name, was, now in pairs if was != now)
        raise Conflict(f"Linked file {path} changed since it was taken in: {changes}. Ingest it again.")


def _fault(error: OSError, path: Path) -> LongwatchError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Gone(f"Linked file {path} is no longer there. Bring it back, or ingest it from where it lies now.")
    return translate(error, f"read {path.name}", str(path.parent))
