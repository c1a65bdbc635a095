"""Longwatch: the archive and the long watch over telescope detectors.

>>> import longwatch as lw
>>> archive = lw.open_archive("site")  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longwatch.archive import Archive as Archive
    from longwatch.archive import create_archive as create_archive
    from longwatch.archive import open_archive as open_archive
    from longwatch.errors import LongwatchError as LongwatchError

_HOME = {
    "Archive": "longwatch.archive",
    "create_archive": "longwatch.archive",
    "open_archive": "longwatch.archive",
    "LongwatchError": "longwatch.errors",
}

__all__ = ["Archive", "LongwatchError", "create_archive", "open_archive"]


def __getattr__(name: str) -> object:
    """Load what is asked for when it is asked for, so that `longwatch --help` need not wait for the archive."""
    if name not in _HOME:
        raise AttributeError(f"module 'longwatch' has no attribute {name!r}; it has {', '.join(__all__)}.")
    return getattr(import_module(_HOME[name]), name)
