"""Reading one file, in a worker process: bytes to a record, or the reason why not.

Owns the steps from path to record, and the one place where a reader may break. Must not know SQL.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path

from longwatch.catalog.headers import pack
from longwatch.catalog.versions import NewVersion
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.objectstore import ObjectStore, Staged
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.cubes.write import StagedSlab, stage
from longwatch.domain.cube import CubeSpec
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Identity, RawHeader
from longwatch.domain.series import SeriesSpec
from longwatch.errors import BadFile, BadQuery, LongwatchError, Refused, Unavailable
from longwatch.fits.content import inflate
from longwatch.fits.file import FitsFile, parse
from longwatch.fits.header import Header, primary_header
from longwatch.ingest.claim import choose
from longwatch.ingest.record import Failure, FileStat, Outcome, Record
from longwatch.objects.linked import FileState, read_linked
from longwatch.products.arrival import Arrival
from longwatch.products.keywords import pick
from longwatch.series.write import StagedRows
from longwatch.series.write import stage as stage_series

_FITS_NAMES = (".fits", ".fit", ".fts")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReader:
    """Reads files into records. Travels to worker processes, so all it holds is plain.

    Parameters
    ----------
    kinds
        Every file kind, and the name of the instrument each belongs to.
    cubes, series
        Every declared cube and series by name.
    store
        Where bytes are staged.
    link
        True: files stay where they lie and only their state is kept.
    max_file_bytes, inflate_limit
        Largest file and largest uncompressed content [byte].
    indexed
        All searchable keywords by kind; absent: those it declares.
    """

    kinds: Sequence[tuple[str, FileKind]]
    cubes: Mapping[str, CubeSpec]
    series: Mapping[str, SeriesSpec]
    store: ObjectStore
    link: bool
    max_file_bytes: int
    inflate_limit: int
    indexed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def read(self, path: str, state: FileStat) -> Outcome:
        """Read one file; whatever is wrong with it becomes a failure with a reason.

        Raises
        ------
        Unavailable
            Raised if the store cannot take its bytes, as when the disk is full: no fault of the file.
        Refused
            Raised if this user may not write to the store.
        """
        outcome = Outcome(path=path, state=state)
        try:
            opened = self._open(path, state)
            if opened is None:
                return outcome
            outcome = replace(outcome, kind=opened.kind.name)
            return replace(outcome, record=self._record(opened))
        except (Unavailable, Refused) as error:
            if outcome.kind:  # the file was read; it is the store that failed
                raise
            return replace(outcome, failure=_failure(error.slug, str(error)))
        except LongwatchError as error:
            return replace(outcome, failure=_failure(error.slug, str(error)))
        except MemoryError:
            reason = f"{Path(path).name}: reading it needs more memory than there is. Read it on a larger machine."
            return replace(outcome, failure=_failure(BadFile.slug, reason))
        except Exception as error:  # the job runner: a reader may break in any way, the batch must not
            reason = (
                f"{Path(path).name}: its reader broke ({type(error).__name__}: {error}). The file may be fine: "
                "report the traceback (`longwatch quarantine list --traceback`), then retry it."
            )
            return replace(outcome, failure=_failure("bug", reason))

    def _open(self, path: str, state: FileStat) -> _Opened | None:
        """Read and inflate a file and ask whose it is; None where nobody claims it."""
        name = Path(path).name
        if state[0] > self.max_file_bytes:
            raise BadFile(
                f"{name} has {state[0]:,} bytes; at most {self.max_file_bytes:,} are read. "
                "Raise `max_file_bytes` in longwatch.toml if it is what it should be, then retry it."
            )
        data = read_linked(Path(path), FileState(*state))
        content = inflate(data, name=name, limit=self.inflate_limit)
        header = primary_header(content, name=name)
        kind = choose([kind for _, kind in self.kinds], bare_name(name), content, header)
        if kind is None:
            _check_unclaimed(name, content, header)
            return None
        instrument = next(owner for owner, known in self.kinds if known is kind)
        return _Opened(
            path=path, state=state, instrument=instrument, kind=kind, data=data, content=content, header=header
        )

    def _record(self, opened: _Opened) -> Record:
        """Let the kind's reader speak, check what it says, and stage all bytes."""
        kind, name = opened.kind, Path(opened.path).name
        fits, sums = _parsed(opened, name) if opened.header else (None, {})
        folder = Path(opened.path).parent.name
        reading = kind.read(Source(name=name, data=opened.content, fits=fits, folder=folder))
        rows = stage_rows(self.series, reading.rows)
        slabs = stage_planes(self.store, self.cubes, reading.planes)
        staged = None if self.link else self.store.stage(opened.data)
        hdus = fits.hdus if fits else ()
        sought = self.indexed.get(kind.name, kind.keywords)
        raw = [RawHeader(hdu=h.index, name=h.name, cards=h.header.raw) for h in hdus]
        arrival = Arrival(
            version=self._version(opened, reading, hdus[0].header if hdus else None, staged),
            headers=(len(raw), pack(raw)) if raw else None,
            keywords=pick([h.header for h in hdus], sought) | dict(reading.keywords) | sums,
            sought=frozenset(sought),
            exposures=reading.exposures,
        )
        reading = replace(reading, rows=(), planes=())
        return Record(arrival=arrival, reading=reading, staged=staged, rows=rows, slabs=slabs)

    def _version(self, opened: _Opened, reading: Reading, header: Header | None, staged: Staged | None) -> NewVersion:
        identity = Identity(opened.instrument, opened.kind.name, reading.key)
        version = reading.version or (opened.kind.version_key(header) if header is not None else "")
        return NewVersion(
            identity=identity,
            version=version,
            name=Path(opened.path).name,
            content=hashlib.sha256(opened.content).hexdigest(),
            oid=hashlib.sha256(opened.data).hexdigest() if staged is None else staged.oid,
            size=len(opened.data),
            path=opened.path,
            link=asdict(FileState(*opened.state)) if self.link else None,
            span=_span(identity, reading),
        )


def _check_unclaimed(name: str, content: bytes, header: Header | None) -> None:
    """Refuse a file that is FITS by its name only; any other file that nobody claims is merely unknown."""
    if header is None and bare_name(name).lower().endswith(_FITS_NAMES):
        found = f"it begins with {content[:16]!r}" if content else "it is empty"
        raise BadFile(f"{name} is named as a FITS file, but {found}. Fetch it again, or name it for what it is.")


def _parsed(opened: _Opened, name: str) -> tuple[FitsFile, dict[str, Scalar]]:
    """Parse a FITS file; where its kind allows wrong sums, say so in a searchable keyword instead of refusing it."""
    try:
        return parse(opened.content, name=name, primary=opened.header), {}
    except BadFile:
        if opened.kind.strict_checksum:
            raise
        return parse(opened.content, name=name, primary=opened.header, checksum=False), {"CHECKSUM": "wrong"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """One file's bytes, content and owner."""

    path: str
    state: FileStat
    instrument: str
    kind: FileKind
    data: bytes
    content: bytes
    header: Header | None


def stage_planes(
    store: ObjectStore, cubes: Mapping[str, CubeSpec], planes: Sequence[Plane]
) -> tuple[tuple[str, StagedSlab], ...]:
    """Stage the planes of a reading, one slab for each cube, epoch and key."""

    def slab(plane: Plane) -> tuple[str, int, tuple[tuple[str, str], ...]]:
        return plane.cube, plane.epoch, tuple((name, str(value)) for name, value in sorted(plane.key.items()))

    missing = sorted({plane.cube for plane in planes} - set(cubes))
    if missing:
        raise BadFile(f"The reader gives planes for {missing}, which nobody declares. Declared: {sorted(cubes)}.")
    groups = groupby(sorted(planes, key=slab), key=slab)
    return tuple((name, stage(store, cubes[name], list(group))) for (name, _, _), group in groups)


def stage_rows(series: Mapping[str, SeriesSpec], found: Sequence[Rows]) -> tuple[StagedRows, ...]:
    """Turn the rows of a reading into their storage types; those that contradict their series never reach the writer.

    Raises
    ------
    BadFile
        Raised if a series is not declared, or the rows do not fit it.
    """
    missing = sorted({rows.series for rows in found} - set(series))
    if missing:
        raise BadFile(f"The reader gives rows for {missing}, which nobody declares. Declared: {sorted(series)}.")
    try:
        return tuple(stage_series(series[rows.series], rows) for rows in found)
    except BadQuery as error:
        raise BadFile(str(error)) from error


def _span(identity: Identity, reading: Reading) -> tuple[int, int] | None:
    span = reading.span
    if span is not None and span[1] < span[0]:
        raise BadFile(f"{identity}: it ends before it begins. Check its start and end keywords.")
    return span


def _failure(slug: str, reason: str) -> Failure:
    return Failure(slug=slug, reason=reason, traceback=traceback.format_exc())


def bare_name(name: str) -> str:
    """Give the file name without what only says how it is compressed."""
    return name.removesuffix(".gz").removesuffix(".fz")
