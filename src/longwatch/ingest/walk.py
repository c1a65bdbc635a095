"""Which files are there, and which of them are as we last saw them.

Owns the listing of folders, globs and lists. Must not know what is in a file.
"""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from longwatch.config import OBJECT_FOLDER
from longwatch.errors import NotFound, Refused, Unavailable
from longwatch.ingest.record import FileStat

_NOTHING_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Files of one folder.

    Parameters
    ----------
    path
        Absolute path of the folder.
    files
        State of each file by absolute path, in order of name.
    """

    path: str
    files: dict[str, FileStat]


def walk(places: Iterable[str | Path], *, avoid: Path | None = None) -> Iterator[Folder]:
    """List files, folder by folder, in order of name; each file once, however often it is named.

    Parameters
    ----------
    places
        Files, folders (with all below them) and glob patterns.
    avoid
        A folder not to enter: the archive itself.

    Yields
    ------
    Folder
        Files by folder; hidden files and folders are passed over, links are followed to files only.

    Raises
    ------
    NotFound
        Raised if a place is not there, or a pattern matches nothing.
    Unavailable
        Raised if a folder cannot be listed.
    Refused
        Raised if a place is the archive itself, or its objects.
    """
    given: set[str] = set()
    for folder in _walk(places, avoid):
        files = {path: state for path, state in folder.files.items() if path not in given}
        given |= files.keys()
        if files:
            yield Folder(path=folder.path, files=files)


def _walk(places: Iterable[str | Path], avoid: Path | None) -> Iterator[Folder]:
    loose: dict[str, dict[str, FileStat]] = {}
    for place in places:
        for path in _matches(str(place)):
            if os.path.isdir(path):
                yield from _tree(path, avoid)
            else:
                folder = os.path.dirname(path)
                loose.setdefault(folder, {})[path] = state_of(os.stat(path))
    for folder, files in loose.items():
        yield Folder(path=folder, files=files)


def state_of(stat: os.stat_result) -> FileStat:
    """Give what tells a file from a changed one."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


def _matches(place: str) -> list[str]:
    absolute = os.path.abspath(os.path.expanduser(place))
    if os.path.exists(absolute):
        return [absolute]
    found = sorted(glob.glob(absolute, recursive=True))
    if not found:
        near = Path(absolute).parent
        there = f"{near} exists" if near.exists() else f"neither does {near}"
        raise NotFound(f"Nothing to ingest at {place!r}: it does not exist ({there}). Check the path or the pattern.")
    return found


def _tree(top: str, avoid: Path | None) -> Iterator[Folder]:
    barred = str(avoid.resolve()) if avoid else None
    if avoid:
        _check_own(top, avoid.resolve())
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        visible = _visible(folder)
        files = {entry.path: state for entry in visible if (state := _state(entry)) is not None}
        if files:
            yield Folder(path=folder, files=files)
        below = [e.path for e in visible if e.is_dir(follow_symlinks=False) and os.path.realpath(e.path) != barred]
        waiting.extend(reversed(below))


def _check_own(top: str, home: Path) -> None:
    real = Path(top).resolve()
    if real == home or real.is_relative_to(home / OBJECT_FOLDER):
        raise Refused(
            f"{top} belongs to the archive itself, which does not take in its own files. "
            f"Name the folder your files lie in; it may be any other folder, also one in {home}."
        )


def _state(entry: os.DirEntry[str]) -> FileStat | None:
    """Give the state of a file; None for what is none: a folder, a link to nothing or to itself, a file just gone."""
    try:
        return state_of(entry.stat()) if entry.is_file() else None
    except OSError as error:
        if error.errno in _NOTHING_THERE:
            return None
        raise Unavailable(
            f"The file {entry.path} cannot be looked at ({error.strerror}). Make its folder readable, or name the "
            "folders that are, and ingest again."
        ) from error


def _visible(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
    except OSError as error:
        raise Unavailable(
            f"The folder {folder} cannot be listed ({error.strerror}); nothing in it was looked at. "
            "Make it readable, or name the folders that are, and ingest again."
        ) from error
