"""A bounded cache of memory maps: `pread` first, a map on the second touch.

Owns when a file is mapped and when a map is let go. Must not know what the files hold, and never closes a map:
eviction drops our reference, and the map lives as long as any view or array made over it.
"""

from __future__ import annotations

import errno
import mmap
import os
import resource
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

MAPS = 512
"""Maps held at most; before Python 3.13 each keeps a file descriptor, so never more than half of those allowed."""

TOUCHED = 8192
"""Objects remembered as touched once."""

_NO_DESCRIPTOR = frozenset({errno.EMFILE, errno.ENFILE})


class MapCache:
    """The most recently used maps, by name. Safe to share between threads.

    Parameters
    ----------
    locate
        Gives the path of a name; asked only when a map is made.
    maps
        Maps held at most.
    touched
        Names remembered as touched once.
    """

    def __init__(self, locate: Callable[[str], str] = str, *, maps: int = MAPS, touched: int = TOUCHED) -> None:
        self._locate = locate
        allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._room = max(1, min(maps, allowed // 2)) if allowed > 0 else maps
        self._memory = touched
        self._maps: OrderedDict[str, memoryview] = OrderedDict()
        self._touched: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Count the maps held."""
        return len(self._maps)

    def touch(self, names: Sequence[str]) -> list[memoryview | None]:
        """Give the maps of files, made on their second touch; None for a first one, when a `pread` is cheaper."""
        with self._lock:
            views = {name: self._held(name) for name in names}
            missing = [name for name, view in views.items() if view is None]
            again = [name for name in missing if name in self._touched]
            self._touched.update(dict.fromkeys(missing))
            _trim(self._touched, self._memory)
        views.update((name, self.map(name)) for name in again)
        return [views[name] for name in names]

    def map(self, name: str) -> memoryview:
        """Give the map of a file, made now if it is not held; an `OSError` is the caller's to translate."""
        with self._lock:
            held = self._held(name)
        if held is not None:
            return held
        view = self._make(name)
        with self._lock:
            self._maps[name] = view
            self._touched.pop(name, None)
            _trim(self._maps, self._room)
        return view

    def _held(self, name: str) -> memoryview | None:
        held = self._maps.get(name)
        if held is not None:
            self._maps.move_to_end(name)
        return held

    def _make(self, name: str) -> memoryview:
        """Map a file; where the process has no descriptor left, let go of every map nobody looks at and try again."""
        path = self._locate(name)
        try:
            return map_file(path)
        except OSError as error:
            if error.errno not in _NO_DESCRIPTOR:
                raise
        with self._lock:
            self._maps.clear()
        return map_file(path)

    def drop(self, name: str) -> None:
        """Let go of a file that is being removed; views of it stay good."""
        with self._lock:
            self._maps.pop(name, None)
            self._touched.pop(name, None)


def map_file(path: str) -> memoryview:
    """Map a whole file read-only into memory."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _map(descriptor) if os.fstat(descriptor).st_size else memoryview(b"")
    finally:
        os.close(descriptor)


if sys.version_info >= (3, 13):

    def _map(descriptor: int) -> memoryview:
        return memoryview(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ, trackfd=False))

else:

    def _map(descriptor: int) -> memoryview:
        return memoryview(mmap.mmap(descriptor, 0, prot=mmap.PROT_READ))


def _trim(entries: OrderedDict[str, memoryview] | OrderedDict[str, None], room: int) -> None:
    while len(entries) > room:
        entries.popitem(last=False)
