"""Verifying: every byte the catalogue names is read again and compared with its name.

Owns the comparison of stored objects and linked files with what was noted of them. Must not know what they hold.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from longwatch.catalog.audit import DERIVED, NamedObject, named_objects, short_series
from longwatch.catalog.catalog import Catalog
from longwatch.catalog.versions import VersionInfo, all_linked
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import Gone, LongwatchError, NotFound
from longwatch.objects.linked import FileState, state_of
from longwatch.objects.names import Hashed, read_blocks
from longwatch.upkeep.site import Progress, no_progress

T = TypeVar("T")

MAKE_AGAIN = "Remove what is left of it, and run `longwatch summarise`: statistics are made again from rows."

AHEAD = 256
"""Objects handed to the threads at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something stored that is not as it was noted.

    Parameters
    ----------
    state
        `missing` or `damaged` for an object; `vanished`, `changed` or `touched` (same bytes, but another time or place
        on disk) for a linked file; `short` for a series; `unreadable` where the disk did not answer.
    name
        SHA-256 of the object, path of the file, or the series.
    what
        What it belongs to and what is wrong.
    next_step
        What to do.
    """

    state: str
    name: str
    what: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What verifying found.

    Parameters
    ----------
    commit
        The commit whose rows were followed.
    objects, linked
        Stored objects and linked files that rows name.
    checked
        How many of them were read; all, unless a sample was asked for.
    sound
        How many were as noted: `checked = sound + problems with objects and files`.
    problems
        All others.
    """

    commit: int
    objects: int
    linked: int
    checked: int
    sound: int
    problems: tuple[Problem, ...]

    @property
    def well(self) -> bool:
        """Whether all that was checked is sound."""
        return not self.problems

    @property
    def counts(self) -> dict[str, int]:
        """How many problems of each state."""
        return dict(Counter(problem.state for problem in self.problems))


def verify(
    catalog: Catalog, store: ObjectStore, *, progress: Progress = no_progress, sample: int | None = None
) -> VerifyReport:
    """Read every object and linked file that rows name, and compare its hash with its name.

    Parameters
    ----------
    catalog, store
        The archive; it may be written meanwhile.
    progress
        Told how many are done, and of how many.
    sample
        Read only so many, chosen at random; None: all.

    Returns
    -------
    VerifyReport
        Problems are named with what to do; nothing is changed.
    """
    with catalog.read() as snapshot:
        commit, objects, linked = snapshot.commit, named_objects(snapshot), all_linked(snapshot)
        short = [_short(said) for said in short_series(snapshot)]
    checks: list[Callable[[], Problem | None]] = [_object_check(store, one) for one in objects]
    checks += [_file_check(version) for version in linked]
    if sample is not None and sample < len(checks):
        checks = random.sample(checks, sample)
    found = [problem for problem in _told(_run(checks), len(checks), progress) if problem]
    return VerifyReport(
        commit=commit,
        objects=len(objects),
        linked=len(linked),
        checked=len(checks),
        sound=len(checks) - len(found),
        problems=(*found, *short),
    )


def check_object(store: ObjectStore, named: NamedObject) -> Problem | None:
    """Read one object again; None where it is sound."""
    from_backup = "Bring it back from a backup, or ingest the file it came from again after a `retract`."
    step = MAKE_AGAIN if named.role == DERIVED else from_backup
    owner = f"{named.role} of {named.owner}"
    try:
        if store.verify(named.oid):
            return None
    except NotFound:
        return Problem(state="missing", name=named.oid, what=f"{owner} is not in {store.location}.", next_step=step)
    except LongwatchError as error:
        return Problem(state="unreadable", name=named.oid, what=f"{owner}: {error}", next_step="Check the disk.")
    what = f"{owner} is damaged: its bytes no longer have this hash."
    return Problem(state="damaged", name=named.oid, what=what, next_step=step)


def check_linked(version: VersionInfo) -> Problem | None:
    """Read one linked file again where it lies; None where it is what was taken in."""
    path = Path(version.path or "")
    try:
        state = state_of(path)
        passing = Hashed(read_blocks(path))
        for _ in passing:
            pass
    except (Gone, FileNotFoundError):
        what = f"{version.identity} was linked there, and there is nothing now."
        step = f"Bring the file back, ingest it from where it lies now, or `longwatch retract {version.identity}`."
        return Problem(state="vanished", name=str(path), what=what, next_step=step)
    except (LongwatchError, OSError) as error:
        what = f"{version.identity} cannot be read: {error}"
        return Problem(state="unreadable", name=str(path), what=what, next_step="Give this account the right to read.")
    again = f"Run `longwatch ingest {path}` to take it in as it is now."
    if passing.oid != version.oid:
        what = f"{version.identity} was changed behind our back: its bytes are not those taken in."
        return Problem(state="changed", name=str(path), what=what, next_step=again)
    if version.link != {name: getattr(state, name) for name in FileState.__slots__}:
        what = f"{version.identity} holds the same bytes, but was touched, copied or moved since it was taken in."
        return Problem(state="touched", name=str(path), what=what, next_step=again)
    return None


def _object_check(store: ObjectStore, named: NamedObject) -> Callable[[], Problem | None]:
    return lambda: check_object(store, named)


def _file_check(version: VersionInfo) -> Callable[[], Problem | None]:
    return lambda: check_linked(version)


def _run(checks: Sequence[Callable[[], T]]) -> Iterator[T]:
    """Call them all on a few threads, in order: hashing lets others work meanwhile."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for begin in range(0, len(checks), AHEAD):
            yield from pool.map(lambda check: check(), checks[begin : begin + AHEAD])


def _told(found: Iterator[T], total: int, progress: Progress) -> Iterator[T]:
    for done, one in enumerate(found, 1):
        progress(done, total)
        yield one


def _short(said: str) -> Problem:
    step = "Report it with the output of `longwatch doctor`; restore from a backup of before."
    return Problem(state="short", name=said.split()[1], what=f"{said}.", next_step=step)
