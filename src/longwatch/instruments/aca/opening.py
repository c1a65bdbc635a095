"""Which archive a function speaks of, when its caller names none.

Owns that choice for functions that keep older arguments. Must not know what they ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from longwatch.archive import Archive, open_archive


@contextmanager
def shown(archive: Archive | None) -> Iterator[Archive]:
    """Give the archive named, or `$LONGWATCH_ARCHIVE`, else the folder one stands in, open while it is used."""
    if archive is not None:
        yield archive
        return
    with open_archive(read_only=True) as found:
        yield found
