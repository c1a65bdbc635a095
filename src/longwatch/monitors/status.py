"""Status: where each monitor stands now, in one value.

Owns which number stands for a monitor. Must not know how it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longwatch.catalog.measurements import StoredMeasurement, find_measurements
from longwatch.catalog.snapshot import Snapshot
from longwatch.contracts.monitor import Monitor
from longwatch.domain.limit import Limit, Severity, Verdict
from longwatch.monitors.due import Inputs
from longwatch.monitors.freshness import Freshness, freshness
from longwatch.monitors.limits import judge, limit_for

_LOUDNESS = (Severity.ALARM, Severity.CAUTION, Severity.OK, Severity.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a monitor stands.

    Parameters
    ----------
    monitor
        The monitor.
    latest
        The number that stands for it: of the newest window with any value, the one whose verdict is loudest (alarm,
        caution, ok, unknown), then the first its metrics declare; None where nothing was measured.
    verdict
        What the limits say of it.
    limit
        The limit that said so, or None.
    trend
        All measurements of the same metric and subject, in order of time.
    freshness
        How fresh it is.
    """

    monitor: Monitor
    latest: StoredMeasurement | None
    verdict: Verdict
    limit: Limit | None
    trend: tuple[StoredMeasurement, ...]
    freshness: Freshness


def inputs_of(monitor: Monitor) -> Inputs:
    """Give what decides when a monitor is due."""
    return Inputs(name=monitor.name, names=monitor.inputs, cadence=monitor.cadence)


def status(snapshot: Snapshot, monitor: Monitor, limits: Sequence[Limit], *, now_us: int) -> Status:
    """Give where a monitor stands at a commit.

    Parameters
    ----------
    snapshot
        The archive at a commit.
    monitor
        The monitor.
    limits
        What judges its measurements.
    now_us
        The present [microseconds of TAI].
    """
    stored = find_measurements(snapshot, monitor=monitor.name)
    latest = _headline(stored, [metric.name for metric in monitor.metrics], limits)
    said = Verdict(severity=Severity.UNKNOWN, reason="nothing measured yet")
    return Status(
        monitor=monitor,
        latest=latest,
        verdict=judge(limits, latest.measurement) if latest else said,
        limit=limit_for(limits, latest.measurement) if latest else None,
        trend=tuple(s for s in stored if latest is not None and _subject(s) == _subject(latest)),
        freshness=freshness(snapshot, inputs_of(monitor), now_us=now_us),
    )


def _subject(stored: StoredMeasurement) -> tuple[str, str]:
    return stored.measurement.metric, stored.measurement.subject


def _headline(
    stored: Sequence[StoredMeasurement], metrics: Sequence[str], limits: Sequence[Limit]
) -> StoredMeasurement | None:
    known = [s for s in stored if s.measurement.value is not None] or stored
    newest = max((s.measurement.window.start_us for s in known), default=None)

    def rank(one: StoredMeasurement) -> tuple[int, bool, int, str]:
        metric, subject = _subject(one)
        place = metrics.index(metric) if metric in metrics else len(metrics)
        unknown = one.measurement.value is None
        return _LOUDNESS.index(judge(limits, one.measurement).severity), unknown, place, subject

    return min((s for s in stored if s.measurement.window.start_us == newest), key=rank, default=None)
