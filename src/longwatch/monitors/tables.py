"""Measurements and statuses as tables.

Owns their columns. Must not know how they were found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from longwatch.catalog.measurements import StoredMeasurement
from longwatch.domain.limit import Verdict
from longwatch.domain.metric import Metric
from longwatch.domain.times import from_us
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.monitors.status import Status


def measurement_table(metric: Metric, stored: Sequence[StoredMeasurement]) -> Table:
    """Give measurements of one metric, one row each.

    Returns
    -------
    Table
        start, stop (UTC; masked where the window is open), one column for each word of the subjects, value in the
        metric's unit (masked: cannot tell), uncertainty (one standard deviation; masked: not known), run.
    """
    table = Table()
    table["start"] = times_column([s.measurement.window.start_us for s in stored])
    table["stop"] = times_column([s.measurement.window.stop_us for s in stored])
    subjects = [_words(s.measurement.subject) for s in stored]
    for word in dict.fromkeys(word for subject in subjects for word in subject):
        name = f"subject_{word}" if word in _OWN else word
        table[name] = text_column([subject.get(word) for subject in subjects])
    table["value"] = number_column([s.measurement.value for s in stored], metric.unit)
    table["uncertainty"] = number_column([s.measurement.uncertainty for s in stored], metric.unit)
    table["run"] = Column([s.run_id for s in stored], dtype=np.int64)
    table["value"].description = metric.description
    table.meta = {"metric": metric.name, "unit": metric.unit}
    return table


_OWN = frozenset({"start", "stop", "value", "uncertainty", "run"})


def verdict_table(judged: Sequence[tuple[str, StoredMeasurement, Verdict]]) -> Table:
    """Give measurements with what the limits say of them, one row each.

    Returns
    -------
    Table
        monitor, metric, subject, start, stop (UTC; masked: open), value (masked: cannot tell), unit, severity (`ok`,
        `caution`, `alarm`, `unknown`), reason.
    """
    stored = [s for _, s, _ in judged]
    table = Table({"monitor": Column([name for name, _, _ in judged], dtype=str)})
    table["metric"] = Column([s.measurement.metric for s in stored], dtype=str)
    table["subject"] = Column([s.measurement.subject for s in stored], dtype=str)
    table["start"] = times_column([s.measurement.window.start_us for s in stored])
    table["stop"] = times_column([s.measurement.window.stop_us for s in stored])
    table["value"] = number_column([s.measurement.value for s in stored])
    table["unit"] = Column([s.unit for s in stored], dtype=str)
    table["severity"] = Column([verdict.severity.value for _, _, verdict in judged], dtype=str)
    table["reason"] = Column([verdict.reason for _, _, verdict in judged], dtype=str)
    return table


def status_table(statuses: Sequence[Status]) -> Table:
    """Give where monitors stand, one row each.

    Returns
    -------
    Table
        name, cadence, metric, subject, start (of the window; UTC), value, unit of the number that stands for the
        monitor (masked: nothing measured), severity, reason, freshness, freshness_reason, last_attempt, last_success,
        newest_data (UTC; masked: never), waiting (windows that are due).
    """
    latest = [s.latest for s in statuses]
    fresh = [s.freshness for s in statuses]
    table = Table({"name": Column([s.monitor.name for s in statuses], dtype=str)})
    table["cadence"] = Column([s.monitor.cadence for s in statuses], dtype=str)
    table["metric"] = text_column([None if x is None else x.measurement.metric for x in latest])
    table["subject"] = text_column([None if x is None else x.measurement.subject for x in latest])
    table["start"] = times_column([None if x is None else x.measurement.window.start_us for x in latest])
    table["value"] = number_column([None if x is None else x.measurement.value for x in latest])
    table["unit"] = text_column([None if x is None else x.unit for x in latest])
    table["severity"] = Column([s.verdict.severity.value for s in statuses], dtype=str)
    table["reason"] = Column([s.verdict.reason for s in statuses], dtype=str)
    table["freshness"] = Column([f.state.value for f in fresh], dtype=str)
    table["freshness_reason"] = Column([f.reason for f in fresh], dtype=str)
    table["last_attempt"] = times_column([f.last_attempt_us for f in fresh])
    table["last_success"] = times_column([f.last_success_us for f in fresh])
    table["newest_data"] = times_column([f.newest_data_us for f in fresh])
    table["waiting"] = Column([f.waiting for f in fresh], dtype=np.int64)
    return table


def times_column(instants: Sequence[int | None]) -> Time:
    """Give instants [microseconds of TAI] as UTC; None and open ends are masked."""
    missing = np.array([us in {None, MIN_US, MAX_US} for us in instants], dtype=bool)
    times = from_us(np.where(missing, 0, np.array([us or 0 for us in instants], dtype=np.int64)))
    if missing.any():
        times[missing] = np.ma.masked
    times.format = "isot"
    return times


def number_column(values: Sequence[float | None], unit: str | None = None) -> MaskedColumn:
    """Give numbers; None is masked."""
    filled = [np.nan if value is None else value for value in values]
    return MaskedColumn(filled, mask=[value is None for value in values], dtype=float, unit=unit)


def text_column(values: Sequence[str | None]) -> MaskedColumn:
    """Give texts; None is masked."""
    return MaskedColumn([value or "" for value in values], mask=[value is None for value in values], dtype=str)


def _words(subject: str) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in subject.split())}
