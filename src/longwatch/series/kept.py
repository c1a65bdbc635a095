"""A memory that forgets what was used longest ago.

Owns its size in bytes. Must not know what it holds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Things under a key, as many as fit.

    Parameters
    ----------
    limit
        Most bytes that are held.
    size_of
        Gives the bytes of one.
    """

    def __init__(self, limit: int, size_of: Callable[[T], int]) -> None:
        self._limit, self._size_of = limit, size_of
        self._held: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """Give what is held under a key, or None."""
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key][0]

    def put(self, key: Hashable, thing: T) -> T:
        """Hold something under a key, and give it back."""
        size = self._size_of(thing)
        with self._lock:
            _, before = self._held.pop(key, (thing, 0))
            self._held[key] = thing, size
            self._size += size - before
            while self._size > self._limit:
                _, (_, gone) = self._held.popitem(last=False)
                self._size -= gone
        return thing
