"""Freshness: never, fresh, late by age, late by waiting windows, failed."""

from __future__ import annotations

import pytest

from longwatch.domain.timespan import Cadence
from longwatch.monitors.freshness import LATE_AFTER_US, Freshness, State, freshness
from longwatch.monitors.status import inputs_of
from longwatch.monitors.watch import Watch
from toy_archive import DAY, T0, Mean, Toy


def fresh(toy: Toy, monitor: Mean, now_us: int = T0 + DAY) -> Freshness:
    with toy.catalog.read() as snapshot:
        return freshness(snapshot, inputs_of(monitor), now_us=now_us)


def test_never(toy: Toy) -> None:
    assert fresh(toy, Mean()).reason == "no input yet"
    toy.put("a", [(T0, 1)])
    told = fresh(toy, Mean())
    assert (told.state, told.reason, told.waiting) == (State.NEVER, "nothing measured yet", 1)
    assert told.last_attempt_us is None
    assert told.newest_data_us == T0


def test_fresh_until_two_windows_passed(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean()
    toy.runner(Watch(monitors=(monitor,))).run()
    limit = LATE_AFTER_US["day"]
    assert fresh(toy, monitor, T0 + limit).state is State.FRESH
    late = fresh(toy, monitor, T0 + limit + 1)
    assert (late.state, late.reason) == (State.LATE, "no data for 2 days")
    assert late.last_success_us == late.last_attempt_us


def test_late_while_windows_wait(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean()
    toy.runner(Watch(monitors=(monitor,))).run()
    toy.put("b", [(T0 + 1, 1)])
    told = fresh(toy, monitor)
    assert (told.state, told.waiting) == (State.LATE, 1)


def test_failed_until_it_succeeds(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean(fail_at=T0)
    runner = toy.runner(Watch(monitors=(monitor,)))
    runner.run()
    told = fresh(toy, monitor)
    assert told.state is State.FAILED
    assert "the toy broke" in told.reason
    assert told.last_success_us is None
    monitor.fail_at = None
    runner.run()
    assert fresh(toy, monitor).state is State.FRESH


def test_mission_is_never_late_by_age(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean("mission")
    toy.runner(Watch(monitors=(monitor,))).run()
    assert fresh(toy, monitor, T0 + 10_000 * DAY).state is State.FRESH


@pytest.mark.parametrize("cadence", ["hour", "day", "week", "month", "year"])
def test_every_calendar_cadence_has_an_age(cadence: Cadence) -> None:
    assert LATE_AFTER_US[cadence] > 0
