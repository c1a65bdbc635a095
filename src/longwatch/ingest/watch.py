"""Watching a folder: a file is taken in when it has stopped growing.

Owns the looks and what has settled between them. Must not know how files are read, nor the clock: whoever watches
passes what waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from longwatch.catalog.catalog import say_nothing
from longwatch.errors import NotFound, Refused, Unavailable
from longwatch.ingest.record import FileStat
from longwatch.ingest.report import IngestReport
from longwatch.ingest.run import Intake, ingest
from longwatch.ingest.walk import walk

Wait: TypeAlias = Callable[[], bool]
"""Waits for the next look, or until it is time to stop; True: stop."""

Tell: TypeAlias = Callable[[IngestReport], None]
"""Told what each look brought in."""

EVERY_S: Final = 10.0
"""Time between two looks where none is named [s]."""


def tell_nobody(_report: IngestReport) -> None:
    """Keep a report to oneself."""


class Settling:
    """Which files looked the same twice, and were not taken in as they look now."""

    def __init__(self) -> None:
        self._before: Mapping[str, FileStat] = {}
        self._taken: dict[str, FileStat] = {}

    def look(self, now: Mapping[str, FileStat]) -> list[str]:
        """Give the files that have settled since the last look; an empty file never does."""
        settled = [
            path
            for path, state in now.items()
            if state[0] and self._before.get(path) == state and self._taken.get(path) != state
        ]
        self._before = dict(now)
        return settled

    def take(self, paths: list[str]) -> None:
        """Remember that files were taken in as they looked last; those that are gone are forgotten."""
        self._taken |= {path: self._before[path] for path in paths}
        self._taken = {path: state for path, state in self._taken.items() if path in self._before}


def watch(
    intake: Intake,
    folder: str | Path,
    wait: Wait,
    *,
    link: bool | None = None,
    tell: Tell = tell_nobody,
    say: Callable[[str], None] = say_nothing,
) -> int:
    """Take in what comes into a folder, until it is time to stop.

    Parameters
    ----------
    intake
        The archive.
    folder
        With all below it. Files that are in the archive already are passed over, so a watch that was stopped takes up
        where it left off.
    wait
        Waits between two looks, and says when to stop; a file is taken in when size and times are the same at two of
        them in a row.
    link
        As for `ingest`.
    tell
        Told what each look brought in; a file that cannot be stored is in quarantine and in the report.
    say
        Told in a sentence when the folder, a disk or the database is away; the next look tries again.

    Returns
    -------
    int
        How many files were stored.

    Raises
    ------
    NotFound
        Raised if the folder is not there to begin with.
    Refused
        Raised if the archive is open for reading only, or the folder is the archive itself.
    """
    if not intake.catalog.writable:
        raise Refused("The archive is open for reading only. Watch from an account that may write to its folder.")
    stored, settling = 0, Settling()
    _files(folder, intake.home)
    while True:
        report = None
        try:
            settled = settling.look(_files(folder, intake.home))
            if settled:
                report = ingest(intake, settled, link=link)
                settling.take(settled)
        except (NotFound, Unavailable) as error:
            say(f"{error} The next look tries again.")
        if report is not None:
            stored += report.stored
            tell(report)
        if wait():
            return stored


def _files(folder: str | Path, home: Path | None) -> dict[str, FileStat]:
    return {path: state for found in walk([folder], avoid=home) for path, state in found.files.items()}
