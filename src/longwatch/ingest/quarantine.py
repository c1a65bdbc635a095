"""The quarantine as people handle it: what is in it, and what shall no longer be.

Owns the decision what becomes of a dropped file. Must not know why files are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePath

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.sources import UNKNOWN, Quarantined, SeenFile, note_seen, quarantined, release, seen_in
from longwatch.errors import NotFound


def refused(catalog: Catalog) -> list[Quarantined]:
    """Give the files in quarantine, oldest first."""
    with catalog.read() as snapshot:
        return quarantined(snapshot)


def drop(catalog: Catalog, paths: Iterable[str]) -> int:
    """Take files out of quarantine; as long as neither they nor the plug-ins change, they count as unknown.

    Parameters
    ----------
    catalog
        The catalogue.
    paths
        Absolute paths.

    Returns
    -------
    int
        How many were in quarantine.

    Raises
    ------
    NotFound
        Raised if one of them is not in quarantine; then all stay.
    """
    wanted = list(dict.fromkeys(paths))
    with catalog.read() as snapshot:
        there = {one.path for one in quarantined(snapshot)}
        seen = _seen(snapshot, wanted)
    strays = [path for path in wanted if path not in there]
    if strays:
        raise NotFound(
            f"Not in quarantine: {', '.join(strays)}. There are {len(there)} files in it; nothing was dropped. "
            "List them with `longwatch quarantine list`."
        )
    if not wanted:
        return 0
    with catalog.run("drop", {"files": len(wanted)}) as run, catalog.change(run) as change:
        note_seen(change, [replace(file, outcome=UNKNOWN) for file in seen])
        return release(change, wanted)


def _seen(snapshot: Snapshot, paths: Iterable[str]) -> list[SeenFile]:
    wanted = set(paths)
    folders = {str(PurePath(path).parent) for path in wanted}
    return [file for folder in folders for path, file in seen_in(snapshot, folder).items() if path in wanted]
