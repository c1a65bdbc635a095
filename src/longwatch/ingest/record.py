"""What becomes of one file, as a worker hands it to the writer.

Owns the values. Must not know how they are made or stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from longwatch.contracts.objectstore import Staged
from longwatch.contracts.reading import Reading
from longwatch.cubes.write import StagedSlab
from longwatch.products.arrival import Arrival
from longwatch.series.write import StagedRows

FileStat: TypeAlias = tuple[int, int, int, int]
"""(size, mtime_ns, ctime_ns, inode)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A file that was read.

    Parameters
    ----------
    arrival
        What the catalogue keeps of it.
    reading
        What it says; its rows and planes are already staged.
    staged
        Its bytes, staged in the store; None for a linked file or one without bytes.
    rows
        Its rows, in the storage types of their series.
    slabs
        Its planes, staged in the store, with the name of their cube.
    """

    arrival: Arrival
    reading: Reading
    staged: Staged | None = None
    rows: Sequence[StagedRows] = ()
    slabs: Sequence[tuple[str, StagedSlab]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a file could not be stored.

    Parameters
    ----------
    slug
        Slug of the error; `bug` where a reader broke.
    reason
        What a person reads.
    traceback
        What its author reads.
    """

    slug: str
    reason: str
    traceback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one file: a record, a failure, or neither where nobody claims it.

    Parameters
    ----------
    path, state
        The file as it was when it was read.
    kind
        Name of the kind that claimed it; empty where none did.
    """

    path: str
    state: FileStat
    kind: str = ""
    record: Record | None = None
    failure: Failure | None = None
