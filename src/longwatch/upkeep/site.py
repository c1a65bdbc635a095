"""What upkeep needs to know of an archive.

Owns the value. Must not know how any part works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import PluginError

Progress: TypeAlias = Callable[[int, int], None]
"""`progress(done, of how many)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parts of an archive that upkeep looks after.

    Parameters
    ----------
    folder
        Its folder, with settings and, for most, database and objects.
    catalog, store
        Its database and its objects.
    broken
        Plug-ins that could not be loaded.
    """

    folder: Path
    catalog: Catalog
    store: ObjectStore
    broken: Sequence[PluginError] = ()


def no_progress(_done: int, _of: int) -> None:
    """Show nothing."""
