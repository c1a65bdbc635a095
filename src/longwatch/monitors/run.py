"""Running monitors and derivations: due windows, measured from one pinned commit.

Owns the order of work and what a failure costs: its own run, never that of the others. Must not know tables or files.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as installed_version
from typing import TypeAlias, TypeVar

from astropy.time import Time

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.when import span_of
from longwatch.contracts.monitor import Derivation, Monitor, View
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Reading
from longwatch.contracts.writer import Writer
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, from_us
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.errors import PluginError, Unavailable
from longwatch.monitors.due import ACTION, MISSION, Due, Inputs, Plan, asked_of, plan
from longwatch.monitors.results import Result, check_results
from longwatch.monitors.store import Counts, Source, draw, store_pictures, store_results
from longwatch.monitors.watch import Watch
from longwatch.plots.figure import Figure

T = TypeVar("T")

Progress: TypeAlias = Callable[[str, int, int], None]
"""`progress(name, windows done, windows due)`, called after every window."""

_BATCH = 200
_BATCH_S = 0.3
"""A commit closes after so many windows or seconds."""


def no_progress(_name: str, _done: int, _due: int) -> None:
    """Swallow progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one monitor or derivation in one run.

    Parameters
    ----------
    name
        Its name.
    counts
        Windows measured; measurements added, retired and kept.
    figures
        Figures drawn anew.
    failure
        Why the run failed; empty where all went well. What was measured before stays.
    """

    name: str
    counts: Counts
    figures: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorReport:
    """What a call of `run` did, one outcome for each monitor and derivation."""

    outcomes: tuple[Outcome, ...]

    @property
    def counts(self) -> Counts:
        """All outcomes added up."""
        return sum((outcome.counts for outcome in self.outcomes), Counts())

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes with a failure."""
        return tuple(outcome for outcome in self.outcomes if outcome.failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A monitor or a derivation, in the form in which both are run."""

    inputs: Inputs
    answer: Callable[[View, Due], Result]
    figures: Callable[[View], Sequence[Figure]]


class MonitorRunner:
    """Runs what is watched.

    Parameters
    ----------
    catalog, store
        Where measurements and figures go.
    watch
        What to run.
    view_at
        Gives the archive as one commit shows it.
    writer
        Stores the rows that derivations give.
    now
        Gives the present, for relative times.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: ObjectStore,
        *,
        watch: Watch,
        view_at: Callable[[int], View],
        writer: Writer,
        now: Callable[[], Time] = Time.now,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._watch = watch
        self._view_at = view_at
        self._writer = writer
        self._now = now

    def run(
        self,
        name: str | None = None,
        *,
        start: Instant | None = None,
        stop: Instant | None = None,
        rerun: bool = False,
        progress: Progress = no_progress,
    ) -> MonitorReport:
        """Measure every window that is due; derivations first.

        Parameters
        ----------
        name
            One monitor or derivation; None: all.
        start, stop
            Only windows that overlap this half-open span; the others stay due.
        rerun
            True: windows that hold input are measured whether due or not.
        progress
            Told after every window.

        Returns
        -------
        MonitorReport
            A monitor that raises is in `failed`, with its reason, and does not stop the others.

        Raises
        ------
        NotFound
            Raised if nothing is called so.
        Unavailable
            Raised if a database, bucket or disk fails; what was committed before stays.
        """
        part = self._watch.named(name)
        within = span_of(self._catalog, start, stop, now=self._now)
        jobs = [*map(self._derivation, part.derivations), *map(_monitor, part.monitors)]
        return MonitorReport(outcomes=tuple(self._run(job, within, rerun=rerun, progress=progress) for job in jobs))

    def backfill(
        self, name: str, start: Instant | None, stop: Instant | None, *, progress: Progress = no_progress
    ) -> MonitorReport:
        """Measure all windows that overlap a span, whether due or not; parameters and errors as for `run`."""
        return self.run(name, start=start, stop=stop, rerun=True, progress=progress)

    def _run(self, job: _Job, within: Timespan, *, rerun: bool, progress: Progress) -> Outcome:
        name, commit = job.inputs.name, self._catalog.head()
        with self._catalog.read(commit) as snapshot:
            planned = plan(snapshot, job.inputs, within=within, rerun=rerun)
        asked = asked_of(job.inputs, within) | {"commit": commit, "rerun": rerun}
        counts, figures, failures = Counts(), 0, list[PluginError]()
        try:
            with self._catalog.run(ACTION, asked) as run:
                source = Source(monitor=name, run=run, commit=commit, code_version=installed_version("longwatch"))
                view = self._view_at(commit)
                for batch in _batches(_answers(job, planned, view, failures, progress)):
                    counts += store_results(self._catalog, source, batch)
                figures = self._draw(job, planned, view, source, failures)
                _raise_if_any(name, failures)
        except PluginError as error:
            return Outcome(name=name, counts=counts, figures=figures, failure=str(error))
        return Outcome(name=name, counts=counts, figures=figures)

    def _draw(self, job: _Job, planned: Plan, view: View, source: Source, failures: list[PluginError]) -> int:
        if not planned.moved:
            return 0
        try:
            pictures = _attempt(source.monitor, "drawing", lambda: [draw(figure) for figure in job.figures(view)])
        except PluginError as error:
            failures.append(error)
            return 0
        return store_pictures(self._catalog, self._store, source, pictures)

    def _derivation(self, derivation: Derivation) -> _Job:
        def answer(view: View, due: Due) -> Result:
            rows = tuple(derivation.derive(view, due.window)) if due.holds_input else ()
            if rows or due.known:
                instrument, key = derivation.name.partition(".")[0], _window_text(due.window)
                timed = derivation.cadence != MISSION
                reading = Reading(
                    key=key,
                    t_min_us=due.window.start_us if timed else None,
                    t_max_us=due.window.stop_us - 1 if timed else None,
                    rows=rows,
                )
                self._writer.store(Identity(instrument, derivation.name, key), reading)
            return Result(window=due.window, measurements={})

        return _Job(inputs=_inputs(derivation), answer=answer, figures=lambda _view: ())


def _monitor(monitor: Monitor) -> _Job:
    def answer(view: View, due: Due) -> Result:
        given = monitor.measure(view, due.window) if due.holds_input else ()
        found = check_results(monitor.name, monitor.metrics, due.window, given)
        return Result(window=due.window, measurements=found)

    return _Job(inputs=_inputs(monitor), answer=answer, figures=monitor.figures)


def _inputs(asker: Monitor | Derivation) -> Inputs:
    return Inputs(name=asker.name, names=asker.inputs, cadence=asker.cadence)


def _answers(job: _Job, planned: Plan, view: View, failures: list[PluginError], progress: Progress) -> Iterator[Result]:
    """Measure window by window; one that fails is left due and does not stop the next."""
    for number, due in enumerate(planned.windows, start=1):
        try:
            yield _attempt(job.inputs.name, _window_text(due.window), partial(job.answer, view, due))
        except PluginError as error:
            failures.append(error)
        progress(job.inputs.name, number, len(planned.windows))


def _attempt(name: str, what: str, step: Callable[[], T]) -> T:
    """Run code of a plug-in; whatever it raises is told as its own fault, but a store that failed is not."""
    try:
        return step()
    except (PluginError, Unavailable):
        raise
    except Exception as error:
        raise PluginError(name, f"{what}: {type(error).__name__}: {error}") from error


def _raise_if_any(name: str, failures: Sequence[PluginError]) -> None:
    if failures:
        told = str(failures[0]).removeprefix(f"Plug-in {name!r}: ")
        raise PluginError(name, f"{len(failures)} of its questions failed and will be asked again; first: {told}")


def _batches(results: Iterator[Result]) -> Iterator[list[Result]]:
    batch: list[Result] = []
    begun = time.monotonic()
    for result in results:
        batch.append(result)
        if len(batch) >= _BATCH or time.monotonic() - begun > _BATCH_S:
            yield batch
            batch, begun = [], time.monotonic()
    yield batch


def _window_text(window: Timespan) -> str:
    """Name a window by its bounds in UTC, `2016-12-31T00:00:00.000/2017-01-01T00:00:00.000`."""
    ends = window.start_us, window.stop_us
    return MISSION if ends == (MIN_US, MAX_US) else "/".join(str(from_us(us).isot) for us in ends)
