"""The archive a command works on: opened, or made where ingest may make one.

Owns finding it and closing it. Must not know what is asked of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from longwatch.cli.output import say
from longwatch.errors import NotFound

if TYPE_CHECKING:
    from longwatch.archive import Archive


def folder_of(place: str | None) -> Path:
    """Give the folder a command means: the one named, that of `$LONGWATCH_ARCHIVE`, or the one stood in."""
    from longwatch.archive import ENVIRONMENT

    return Path(place or os.environ.get(ENVIRONMENT) or ".").expanduser().resolve()


@contextmanager
def opened(place: str | None, *, as_of: str | None = None) -> Iterator[Archive]:
    """Open the archive for one command.

    Parameters
    ----------
    place
        Its folder; None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.
    as_of
        Show it as it was then.

    Yields
    ------
    Archive
        Closed when the block ends.
    """
    from longwatch.archive import open_archive

    with open_archive(place, as_of=as_of, say=say) as archive:
        yield archive


def say_broken(site: Archive) -> None:
    """Name the plug-ins that could not be loaded, so that nobody wonders where their kinds and monitors are."""
    for error in site.plugins.broken:
        say(f"{error} It is left out.")


@contextmanager
def opened_or_made(place: str | None) -> Iterator[tuple[Archive, bool]]:
    """Open the archive, or make it where there is none; tells which it was."""
    from longwatch.archive import open_archive

    try:
        archive, made = open_archive(place, say=say), False
    except NotFound:
        archive, made = open_archive(place, create=True, say=say), True
    with archive:
        yield archive, made
