"""One number stands for a monitor: the loudest of its newest window."""

from __future__ import annotations

from longwatch.domain.limit import Limit, Severity
from longwatch.monitors.status import Status, status
from longwatch.monitors.watch import Watch
from toy_archive import COUNT, DAY, LIMIT, MEAN, T0, Mean, Toy


def stands(toy: Toy, *limits: Limit) -> Status:
    monitor = Mean()
    toy.runner(Watch(monitors=(monitor,))).run()
    with toy.catalog.read() as snapshot:
        return status(snapshot, monitor, limits, now_us=T0)


def test_nothing_measured(toy: Toy) -> None:
    told = stands(toy)
    assert told.latest is None
    assert told.verdict.severity is Severity.UNKNOWN
    assert told.trend == ()


def test_first_metric_stands_where_all_is_well(toy: Toy) -> None:
    toy.put("a", [(T0, 5), (T0 + DAY, 6)])
    told = stands(toy, LIMIT)
    assert told.latest is not None
    assert (told.latest.measurement.metric, told.latest.measurement.value) == (MEAN.name, 6.0)
    assert [s.measurement.value for s in told.trend] == [5.0, 6.0]
    assert told.limit == LIMIT


def test_loudest_stands(toy: Toy) -> None:
    toy.put("a", [(T0, 5)])
    told = stands(toy, LIMIT, Limit(metric=COUNT.name, alarm_low=2, source="two rows"))
    assert told.latest is not None
    assert told.latest.measurement.metric == COUNT.name
    assert told.verdict.severity is Severity.ALARM


def test_newest_window_with_a_value_stands(toy: Toy) -> None:
    toy.put("a", [(T0, 500)])
    toy.put("b", [(T0 + DAY, 5)])
    assert stands(toy, LIMIT).verdict.severity is Severity.OK
