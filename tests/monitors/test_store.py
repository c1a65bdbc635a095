"""Only what differs is retired and added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from longwatch.catalog.measurements import figures_of, find_measurements
from longwatch.domain.metric import Measurement
from longwatch.domain.run import Run
from longwatch.domain.timespan import Timespan
from longwatch.monitors.results import Result, check_results
from longwatch.monitors.store import Counts, Source, draw, store_pictures, store_results
from longwatch.plots.figure import Axis, Figure, Panel, Trace
from toy_archive import DAY, MEAN, T0, Toy

WINDOW = Timespan(T0, T0 + DAY)


def result(*values: float | None) -> Result:
    given = [
        Measurement(metric=MEAN.name, subject=f"slot={n}", window=WINDOW, value=value) for n, value in enumerate(values)
    ]
    return Result(window=WINDOW, measurements=check_results("toy.mean", [MEAN], WINDOW, given))


def source(toy: Toy, commit: int = 1) -> Source:
    with toy.catalog.run("monitor") as run:
        return Source(monitor="toy.mean", run=Run(action="monitor", id=run.id), commit=commit, code_version="1")


def test_difference_is_stored(toy: Toy) -> None:
    assert store_results(toy.catalog, source(toy), [result(1.0, 2.0, None)]) == Counts(windows=1, added=3)
    again = store_results(toy.catalog, source(toy), [result(1.0, 2.5)])
    assert again == Counts(windows=1, added=1, retired=2, kept=1)
    with toy.catalog.read() as snapshot:
        assert [s.measurement.value for s in find_measurements(snapshot)] == [1.0, 2.5]


def test_changed_unit_is_a_difference(toy: Toy) -> None:
    store_results(toy.catalog, source(toy), [result(1.0)])
    told = {key: (one, "electron") for key, (one, _) in result(1.0).measurements.items()}
    assert store_results(toy.catalog, source(toy), [replace(result(), measurements=told)]).added == 1


def test_older_read_loses(toy: Toy) -> None:
    store_results(toy.catalog, source(toy, commit=5), [result(1.0)])
    assert store_results(toy.catalog, source(toy, commit=4), [result(2.0)]) == Counts()


def test_nothing_makes_no_commit(toy: Toy) -> None:
    made = source(toy)
    head = toy.catalog.head()
    assert store_results(toy.catalog, made, []) == Counts()
    assert toy.catalog.head() == head


def test_pictures_are_replaced_and_retired(toy: Toy) -> None:
    def figure(name: str, y: float) -> Figure:
        trace = Trace(x=np.array([1.0, 2.0]), y=np.array([1.0, y]))
        return Figure(name=name, title=name, panels=(Panel(x=Axis(label="x"), y=Axis(label="y"), traces=(trace,)),))

    made = source(toy)
    assert store_pictures(toy.catalog, toy.store, made, [draw(figure("a", 1)), draw(figure("b", 1))]) == 2
    assert store_pictures(toy.catalog, toy.store, made, [draw(figure("a", 1)), draw(figure("b", 2))]) == 1
    assert store_pictures(toy.catalog, toy.store, made, [draw(figure("b", 2))]) == 0
    with toy.catalog.read() as snapshot:
        assert [f.name for f in figures_of(snapshot)] == ["b"]
