"""What an ingest did, in numbers that add up.

Owns the report. Must not know how files are read or stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from longwatch.ingest.commit import Committed


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A file in quarantine: where it lies, which kind claimed it (empty: none), and why it was refused."""

    path: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did: `seen = stored + unchanged + unknown + quarantined`.

    Parameters
    ----------
    run
        Number of the run; 0 where nothing had to be written.
    seen
        Files looked at.
    stored
        Files stored as a new version of a product.
    unchanged
        Files that are here already.
    unknown
        Files no kind claims.
    quarantined
        Files that could not be stored.
    rows, planes
        Rows and image planes that were added.
    bytes
        Bytes of the stored files.
    seconds
        Elapsed time [s].
    kinds
        Stored files by kind.
    refusals
        The files in quarantine and why.
    unknown_paths
        The files no kind claims.
    """

    run: int
    seen: int
    stored: int
    unchanged: int
    unknown: int
    quarantined: int
    rows: int = 0
    planes: int = 0
    bytes: int = 0
    seconds: float = 0.0
    kinds: Mapping[str, int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    unknown_paths: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Files looked at per second."""
        return self.seen / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Tally:
    """Counts while an ingest goes on."""

    unchanged: int = 0
    stored: int = 0
    rows: int = 0
    planes: int = 0
    bytes: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    unknown_paths: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Files that are settled so far."""
        return self.unchanged + self.stored + len(self.refusals) + len(self.unknown_paths)

    def count(self, batch: Committed) -> None:
        """Add what one batch brought."""
        self.unchanged += len(batch.unchanged)
        self.stored += len(batch.stored)
        self.rows += batch.rows
        self.planes += batch.planes
        self.bytes += sum(outcome.state[0] for _, outcome in batch.stored)
        self.kinds.update(outcome.kind for _, outcome in batch.stored)
        self.unknown_paths += [outcome.path for outcome in batch.unknown]
        self.refusals += [
            Refusal(path=o.path, kind=o.kind, reason=o.failure.reason) for o in batch.quarantined if o.failure
        ]

    def report(self, run: int, seconds: float) -> IngestReport:
        """Give the report."""
        return IngestReport(
            run=run,
            seen=self.seen,
            stored=self.stored,
            unchanged=self.unchanged,
            unknown=len(self.unknown_paths),
            quarantined=len(self.refusals),
            rows=self.rows,
            planes=self.planes,
            bytes=self.bytes,
            seconds=seconds,
            kinds=dict(sorted(self.kinds.items())),
            refusals=tuple(self.refusals),
            unknown_paths=tuple(self.unknown_paths),
        )
