"""Freshness: when a monitor last tried, last succeeded, and how new its data is.

Owns the states and their rule. Must not know the clock: the caller says what time it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from longwatch.catalog.measurements import newest_input, windows_of
from longwatch.catalog.runs import RunInfo, find_runs
from longwatch.catalog.snapshot import Snapshot
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import DAY_US, HOUR_US
from longwatch.monitors.due import ACTION, Inputs, plan

LATE_AFTER_US = {
    "hour": 2 * HOUR_US,
    "day": 2 * DAY_US,
    "week": 14 * DAY_US,
    "month": 62 * DAY_US,
    "year": 732 * DAY_US,
}
"""Data older than two windows of the cadence is late [microseconds]; a mission has no such rule."""


class State(StrEnum):
    """How far a monitor's numbers can be trusted to speak of now."""

    FRESH = "fresh"
    LATE = "late"
    FAILED = "failed"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How fresh a monitor is.

    Parameters
    ----------
    state
        `never`: nothing was measured yet; `failed`: its newest run failed; `late`: windows wait, or its newest data
        is older than two windows of its cadence; else `fresh`.
    reason
        What is behind the state, in one sentence; empty when fresh.
    last_attempt_us, last_success_us
        Begin of its newest run, and of the newest that ended well [microseconds of TAI]; None: there is none.
    newest_data_us
        Last instant of its inputs [microseconds of TAI]; None: there are none with a time.
    waiting
        Windows that are due.
    """

    state: State
    reason: str
    last_attempt_us: int | None
    last_success_us: int | None
    newest_data_us: int | None
    waiting: int


def freshness(snapshot: Snapshot, inputs: Inputs, *, now_us: int) -> Freshness:
    """Give how fresh a monitor is.

    Parameters
    ----------
    snapshot
        The archive at a commit.
    inputs
        The monitor's name, inputs and cadence.
    now_us
        The present [microseconds of TAI].
    """
    attempt = _newest_run(snapshot, inputs.name)
    success = _newest_run(snapshot, inputs.name, state="done")
    waiting = len(plan(snapshot, inputs, within=Timespan()).windows)
    data_us = newest_input(snapshot, inputs.data)
    state, reason = State.FRESH, ""
    if attempt is not None and attempt.state in {"failed", "died"}:
        state, reason = State.FAILED, attempt.reason or f"its newest run ({attempt.id}) {attempt.state}"
    elif not windows_of(snapshot, inputs.name):
        state, reason = State.NEVER, "nothing measured yet" if waiting else "no input yet"
    elif waiting:
        state, reason = State.LATE, f"{waiting} windows wait to be measured"
    elif _is_old(data_us, inputs.cadence, now_us):
        state, reason = State.LATE, f"no data for {(now_us - (data_us or 0)) // DAY_US} days"
    return Freshness(
        state=state,
        reason=reason,
        last_attempt_us=None if attempt is None else attempt.started_us,
        last_success_us=None if success is None else success.started_us,
        newest_data_us=data_us,
        waiting=waiting,
    )


def _is_old(data_us: int | None, cadence: str, now_us: int) -> bool:
    allowed = LATE_AFTER_US.get(cadence)
    return allowed is not None and data_us is not None and now_us - data_us > allowed


def _newest_run(snapshot: Snapshot, name: str, *, state: str = "") -> RunInfo | None:
    found = find_runs(snapshot, action=ACTION, state=state, parameters={"monitor": name}, limit=1)
    return found[0] if found else None
