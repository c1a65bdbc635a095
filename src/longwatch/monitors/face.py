"""The public face of monitors: run them, list them, judge and ask for what they measured.

Owns `archive.monitors`. Must not know any instrument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from astropy.table import Table
from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.measurements import StoredMeasurement, find_measurements
from longwatch.catalog.snapshot import Snapshot
from longwatch.catalog.when import span_of
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.monitor import View
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.writer import Writer
from longwatch.domain.times import Instant, to_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import NotFound, Refused
from longwatch.monitors.limits import judge
from longwatch.monitors.page import render_page
from longwatch.monitors.provenance import Provenance, provenance
from longwatch.monitors.report import gather
from longwatch.monitors.run import MonitorReport, MonitorRunner, Progress, no_progress
from longwatch.monitors.status import Status, status
from longwatch.monitors.tables import measurement_table, status_table, verdict_table
from longwatch.monitors.watch import Watch, watch_of


class Monitors:
    """The monitors of an archive.

    Parameters
    ----------
    catalog, store
        Where measurements and figures are kept.
    instruments
        What brings monitors, derivations and limits.
    view_at
        Gives the archive as one commit shows it.
    writer
        Stores what derivations give; None: nothing may be changed.
    commit
        The commit to speak for; None: the newest at each call.
    now
        Gives the present, for relative times and freshness.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: ObjectStore,
        instruments: Sequence[Instrument],
        *,
        view_at: Callable[[int], View],
        writer: Writer | None = None,
        commit: int | None = None,
        now: Callable[[], Time] = Time.now,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._instruments = instruments
        self._view_at = view_at
        self._writer = writer
        self._commit = commit
        self._now = now

    @override
    def __repr__(self) -> str:
        """Say which monitors there are."""
        names = [f"  {m.name}, cadence {m.cadence}" for m in self.watch.monitors]
        return "\n".join([f"<{len(names)} monitors, {len(self.watch.derivations)} derivations>", *names])

    @cached_property
    def watch(self) -> Watch:
        """Monitors, derivations and limits; raises `BadConfig` where a limits file cannot be used."""
        return watch_of(self._instruments)

    # --- running ---

    def run(
        self,
        name: str | None = None,
        *,
        start: Instant | None = None,
        stop: Instant | None = None,
        rerun: bool = False,
        progress: Progress = no_progress,
    ) -> MonitorReport:
        """Measure every window whose inputs moved since it was read; a second call finds nothing to do.

        Parameters
        ----------
        name
            One monitor or derivation; None: all, derivations first.
        start, stop
            Only windows that overlap this half-open span; the others stay due.
        rerun
            True: every window that holds input, as after a change of the code.
        progress
            Called with (name, windows done, windows due).

        Returns
        -------
        MonitorReport
            One outcome each; what failed is in `failed` with its reason, and is asked again by the next call.

        Raises
        ------
        NotFound
            Raised if nothing is called so.
        Refused
            Raised if the archive is open for reading only.
        """
        return self._runner.run(name, start=start, stop=stop, rerun=rerun, progress=progress)

    def backfill(
        self, name: str, start: Instant | None = None, stop: Instant | None = None, *, progress: Progress = no_progress
    ) -> MonitorReport:
        """Measure all windows of one monitor that overlap a span, due or not; the rest is as for `run`."""
        return self._runner.backfill(name, start, stop, progress=progress)

    @property
    def _runner(self) -> MonitorRunner:
        if self._writer is None:
            raise Refused(
                "Monitors store what they measure, but this archive is open for reading only. "
                "Open it from an account that may write to its folder, and without `as_of`."
            )
        return MonitorRunner(
            self._catalog, self._store, watch=self.watch, view_at=self._view_at, writer=self._writer, now=self._now
        )

    # --- asking ---

    def list(self) -> Table:
        """Give where each monitor stands, one row each; columns as in `longwatch.monitors.tables.status_table`."""
        return status_table(self.statuses())

    def statuses(self) -> tuple[Status, ...]:
        """Give where each monitor stands, with its trend and freshness, as values."""
        now_us = to_us(self._now())
        with self._snapshot(None) as snapshot:
            return tuple(status(snapshot, m, self.watch.limits, now_us=now_us) for m in self.watch.monitors)

    def check(self, name: str | None = None, *, start: Instant | None = None, stop: Instant | None = None) -> Table:
        """Judge measurements by the limits that hold at their own time.

        Parameters
        ----------
        name
            One monitor; None: all.
        start, stop
            Windows that begin in this half-open span.

        Returns
        -------
        Table
            One row a measurement; columns as in `longwatch.monitors.tables.verdict_table`.
        """
        part = self.watch.named(name)
        with self._snapshot(None) as snapshot:
            span = self._span(start, stop, snapshot)
            found = [(m.name, s) for m in part.monitors for s in find_measurements(snapshot, monitor=m.name, span=span)]
        return verdict_table([(owner, s, judge(part.limits, s.measurement)) for owner, s in found])

    def measurements(
        self,
        metric: str,
        *,
        start: Instant | None = None,
        stop: Instant | None = None,
        as_of: Instant | None = None,
        **subject: str,
    ) -> Table:
        """Give what was measured of a metric.

        Parameters
        ----------
        metric
            Name of the metric, such as `cos.osm_shift.slope`.
        start, stop
            Windows that begin in this half-open span.
        as_of
            What was known then.
        **subject
            Words the subject must have, such as `detector="FUV"`.

        Returns
        -------
        Table
            One row a measurement, in order of time; columns as in `longwatch.monitors.tables.measurement_table`.

        Raises
        ------
        NotFound
            Raised if no monitor declares such a metric; the message names what is near.
        """
        declared = self.watch.metric(metric)
        wanted = {f"{name}={value}" for name, value in subject.items()}
        with self._snapshot(as_of) as snapshot:
            stored = find_measurements(snapshot, metric=metric, span=self._span(start, stop, snapshot))
        return measurement_table(declared, [s for s in stored if wanted <= set(s.measurement.subject.split())])

    def provenance(self, metric: str, start: Instant | None = None, **subject: str) -> Provenance:
        """Give where one measurement comes from: run, code version, commit read, and the input versions in its window.

        Parameters
        ----------
        metric
            Name of the metric.
        start
            Begin of its window; None: that of the newest.
        **subject
            Words the subject must have.

        Raises
        ------
        NotFound
            Raised if there is no such measurement.
        """
        stored = self._one(metric, start, {f"{name}={value}" for name, value in subject.items()})
        (monitor,) = [m for m in self.watch.monitors if metric in {declared.name for declared in m.metrics}]
        return provenance(self._catalog, monitor, stored)

    def _one(self, metric: str, start: Instant | None, words: set[str]) -> StoredMeasurement:
        self.watch.metric(metric)
        start_us = None if start is None else to_us(start, now=self._now)
        with self._snapshot(None) as snapshot:
            stored = find_measurements(snapshot, metric=metric)
        found = [
            s
            for s in stored
            if words <= set(s.measurement.subject.split()) and start_us in {None, s.measurement.window.start_us}
        ]
        if not found:
            raise NotFound(
                f"No measurement of {metric!r} {' '.join(sorted(words))} in a window from {start or 'any time'} on; "
                f"there are {len(stored)} of this metric. See `archive.measurements({metric!r})`."
            )
        return found[-1]

    # --- showing ---

    def report(self, *, title: str = "Longwatch", broken: Sequence[str] = ()) -> str:
        """Give one self-contained HTML page: every monitor, its figures, what came in, runs and the quarantine.

        Parameters
        ----------
        title
            Heading of the page.
        broken
            Plug-ins that could not be loaded, a sentence each.
        """
        statuses, now_us = self.statuses(), to_us(self._now())
        with self._snapshot(None) as snapshot:
            page = gather(snapshot, self._store, statuses, title=title, broken=broken, now_us=now_us)
        return render_page(page)

    def _span(self, start: Instant | None, stop: Instant | None, snapshot: Snapshot) -> Timespan:
        return span_of(self._catalog, start, stop, now=self._now, commit=snapshot.commit)

    @contextmanager
    def _snapshot(self, as_of: Instant | None) -> Iterator[Snapshot]:
        commit = self._commit if as_of is None else self._catalog.commit_at(to_us(as_of, now=self._now))
        with self._catalog.read(commit) as snapshot:
            yield snapshot
