"""A memory of arrays that forgets what was used longest ago.

Owns its size in bytes. Must not know what the arrays mean.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

from longwatch.contracts.reading import Columns


class Kept:
    """Columns under a key, as many as fit.

    Parameters
    ----------
    limit
        Most bytes that are held.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[Columns, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Columns | None:
        """Give what is held under a key, or None."""
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key][0]

    def put(self, key: Hashable, columns: Columns) -> Columns:
        """Hold columns under a key, and give them back."""
        size = sum(values.nbytes for values in columns.values())
        with self._lock:
            _, before = self._held.pop(key, (columns, 0))
            self._held[key] = columns, size
            self._size += size - before
            while self._size > self._limit:
                _, (_, gone) = self._held.popitem(last=False)
                self._size -= gone
        return columns
