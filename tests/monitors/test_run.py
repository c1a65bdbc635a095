"""Monitors are incremental, idempotent, and give what a run from scratch would give."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.catalog.measurements import figures_of, find_measurements, windows_of
from longwatch.catalog.runs import find_runs
from longwatch.contracts.reading import Rows
from longwatch.domain.metric import Measurement
from longwatch.domain.timespan import Timespan
from longwatch.errors import NotFound, Unavailable
from longwatch.monitors.watch import Watch
from toy_archive import CALIBRATION, COUNT, DAY, KIND, MEAN, SUMS, T0, Mean, Toy


def day(number: int) -> Timespan:
    return next(Timespan(T0 + number * DAY, T0 + number * DAY).windows("day"))


def told(toy: Toy) -> dict[tuple[str, str, Timespan], float | None]:
    with toy.catalog.read() as snapshot:
        return {
            (s.measurement.metric, s.measurement.subject, s.measurement.window): s.measurement.value
            for s in find_measurements(snapshot)
        }


def ids(toy: Toy) -> list[int]:
    with toy.catalog.read() as snapshot:
        return [s.id for s in find_measurements(snapshot)]


def mean_of(toy: Toy, window: Timespan) -> float | None:
    return told(toy)[MEAN.name, "detector=TOY", window]


def test_measures_windows_that_hold_data(toy: Toy) -> None:
    toy.put("a", [(T0, 1), (T0 + 5, 3)])
    toy.put("b", [(T0 + 3 * DAY, 7)])
    report = toy.runner(Watch(monitors=(Mean(),))).run()
    assert report.counts.windows == 2
    assert report.counts.added == 4
    assert not report.failed
    assert told(toy) == {
        (MEAN.name, "detector=TOY", day(0)): 2.0,
        (COUNT.name, "detector=TOY", day(0)): 2.0,
        (MEAN.name, "detector=TOY", day(3)): 7.0,
        (COUNT.name, "detector=TOY", day(3)): 1.0,
    }


def test_second_run_does_nothing(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean()
    runner = toy.runner(Watch(monitors=(monitor,)))
    runner.run()
    before = ids(toy)
    again = runner.run()
    assert again.counts.windows == 0
    assert again.outcomes[0].figures == 0
    assert len(monitor.asked) == 1
    assert ids(toy) == before


def test_rerun_keeps_what_is_equal(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    runner = toy.runner(Watch(monitors=(Mean(),)))
    runner.run()
    before = ids(toy)
    counts = runner.run(rerun=True).counts
    assert (counts.windows, counts.added, counts.retired, counts.kept) == (1, 0, 0, 2)
    assert ids(toy) == before


def test_late_data_makes_only_its_window_due(toy: Toy) -> None:
    monitor = Mean()
    runner = toy.runner(Watch(monitors=(monitor,)))
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 1)])
    runner.run()
    monitor.asked.clear()
    toy.put("late", [(T0 + 9, 3)])
    counts = runner.run().counts
    assert monitor.asked == [day(0)]
    assert (counts.added, counts.retired) == (2, 2)
    assert mean_of(toy, day(0)) == 2.0


def test_new_version_replaces_value_and_history_is_kept(toy: Toy) -> None:
    runner = toy.runner(Watch(monitors=(Mean(),)))
    toy.put("a", [(T0, 1)])
    runner.run()
    then = toy.catalog.head()
    toy.put("a", [(T0, 5)])
    runner.run()
    assert mean_of(toy, day(0)) == 5.0
    with toy.catalog.read(then) as snapshot:
        assert find_measurements(snapshot, metric=MEAN.name)[0].measurement.value == 1.0


def test_moved_file_touches_old_and_new_window(toy: Toy) -> None:
    runner = toy.runner(Watch(monitors=(Mean(),)))
    toy.put("a", [(T0, 1)])
    runner.run()
    toy.put("a", [(T0 + 2 * DAY, 1)])
    runner.run()
    assert {window for _, _, window in told(toy)} == {day(2)}


def test_retract_makes_due_and_empties(toy: Toy) -> None:
    monitor = Mean()
    runner = toy.runner(Watch(monitors=(monitor,)))
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + 1, 3)])
    toy.put("c", [(T0 + DAY, 3)])
    runner.run()
    toy.take("b")
    toy.take("c")
    counts = runner.run().counts
    assert counts.windows == 2
    assert mean_of(toy, day(0)) == 1.0
    assert {window for _, _, window in told(toy)} == {day(0)}
    toy.take("a")
    runner.run()
    assert told(toy) == {}
    with toy.catalog.read() as snapshot:
        assert figures_of(snapshot) == []


def test_input_without_time_touches_every_window(toy: Toy) -> None:
    runner = toy.runner(Watch(monitors=(Mean(),)))
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 2)])
    runner.run()
    toy.put("zero", [(0, 10)], CALIBRATION, timed=False)
    assert runner.run().counts.windows == 2
    assert mean_of(toy, day(1)) == 12.0


def test_timeless_input_alone_makes_nothing_due_but_a_mission(toy: Toy) -> None:
    toy.put("zero", [(0, 10)], CALIBRATION, timed=False)
    assert toy.runner(Watch(monitors=(Mean(),))).run().counts.windows == 0
    assert toy.runner(Watch(monitors=(Mean("mission"),))).run().counts.windows == 1
    assert (MEAN.name, "detector=TOY", Timespan()) in told(toy)


def test_span_limits_the_windows_and_the_rest_stays_due(toy: Toy) -> None:
    monitor = Mean()
    runner = toy.runner(Watch(monitors=(monitor,)))
    for number in range(4):
        toy.put(f"f{number}", [(T0 + number * DAY, number)])
    assert runner.run(start="2020-01-02", stop="2020-01-03").counts.windows == 1
    assert monitor.asked == [day(1)]
    assert runner.run().counts.windows == 3
    assert runner.backfill("toy.mean", "2020-01-01", "2020-01-03").counts.kept == 4


def test_not_finite_is_cannot_tell(toy: Toy) -> None:
    toy.put("a", [(T0, math.nan)])
    toy.runner(Watch(monitors=(Mean(),))).run()
    assert mean_of(toy, day(0)) is None
    with toy.catalog.read() as snapshot:
        assert {s.measurement.uncertainty for s in find_measurements(snapshot)} == {None}


def test_failure_costs_its_own_window_and_run_only(toy: Toy) -> None:
    broken, good = Mean(fail_at=T0), Mean("month")
    broken.name = "toy.broken"
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 2)])
    runner = toy.runner(Watch(monitors=(broken, good)))
    report = runner.run()
    (failed,) = report.failed
    assert failed.name == "toy.broken"
    assert "ZeroDivisionError: the toy broke" in failed.failure
    assert "2020-01-01" in failed.failure
    assert failed.counts.windows == 1
    with toy.catalog.read() as snapshot:
        (run,) = find_runs(snapshot, action="monitor", state="failed")
        assert run.parameters["monitor"] == "toy.broken"
        assert "the toy broke" in run.reason
        assert len(find_measurements(snapshot, monitor="toy.mean")) == 2
    broken.fail_at, broken.asked = None, []
    runner.run("toy.broken")
    assert broken.asked == [day(0)]


def test_figure_that_fails_keeps_measurements_and_is_drawn_next_time(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    toy.put("a", [(T0, 1)])
    monitor = Mean()
    runner = toy.runner(Watch(monitors=(monitor,)))
    with monkeypatch.context() as patch:
        patch.setattr(monitor, "figures", lambda _view: 1 / 0, raising=False)
        report = runner.run()
        assert "drawing: ZeroDivisionError" in report.failed[0].failure
        assert report.counts.added == 2
    report = runner.run()
    assert (report.counts.windows, report.outcomes[0].figures) == (0, 1)


def test_storage_that_fails_is_not_the_monitors_fault(toy: Toy) -> None:
    class Down(Mean):
        def measure(self, view: object, window: Timespan) -> list[Measurement]:
            raise Unavailable("the disk is gone")

    toy.put("a", [(T0, 1)])
    with pytest.raises(Unavailable):
        toy.runner(Watch(monitors=(Down(),))).run()


def test_figure_is_stored_with_its_numbers(toy: Toy) -> None:
    toy.put("a", [(T0, 1), (T0 + 1, 4)])
    runner = toy.runner(Watch(monitors=(Mean(),)))
    assert runner.run().outcomes[0].figures == 1
    with toy.catalog.read() as snapshot:
        (figure,) = figures_of(snapshot, "toy.mean")
    assert toy.store.get(figure.picture).startswith(b"\x89PNG")
    assert b"ECSV" in toy.store.get(figure.data)
    assert runner.run(rerun=True).outcomes[0].figures == 0


def test_older_commit_never_overwrites_newer(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])

    class Overtaken(Mean):
        def measure(self, view: object, window: Timespan) -> list[Measurement]:
            given = super().measure(view, window)
            if len(self.asked) == 1:
                toy.put("b", [(T0 + 1, 3)])
                toy.runner(Watch(monitors=(Mean(),))).run()
            return given

    slow = toy.runner(Watch(monitors=(Overtaken(),))).run()
    assert slow.counts.windows == 0
    assert mean_of(toy, day(0)) == 2.0


def test_unknown_name_names_what_is_near(toy: Toy) -> None:
    with pytest.raises(NotFound, match=r"toy\.mean"):
        toy.runner(Watch(monitors=(Mean(),))).run("toy.men")


def test_progress_is_told(toy: Toy) -> None:
    toy.put("a", [(T0, 1), (T0 + DAY, 1)])
    said: list[tuple[str, int, int]] = []
    toy.runner(Watch(monitors=(Mean(),))).run(progress=lambda *words: said.append(words))
    assert said == [("toy.mean", 1, 2), ("toy.mean", 2, 2)]


class Sums:
    """Sum of each day, as a series."""

    name, inputs, cadence = "toy.sums", (KIND,), "day"

    def derive(self, view: object, window: Timespan) -> list[Rows]:
        values = [v for t, v in view.rows(KIND) if window.contains(t)]
        if not values:
            return []
        return [Rows(series=SUMS, columns={"time": np.array([window.start_us]), "value": np.array([sum(values)])})]


def test_derivation_stores_rows_by_window_and_replaces_them(toy: Toy) -> None:
    runner = toy.runner(Watch(derivations=(Sums(),)))
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 5)])
    runner.run()
    assert [v for _, v in toy.view(toy.catalog.head()).rows(SUMS)] == [1.0, 5.0]
    toy.put("late", [(T0 + 1, 2)])
    toy.take("b")
    assert runner.run().counts.windows == 2
    assert [v for _, v in toy.view(toy.catalog.head()).rows(SUMS)] == [3.0]
    assert runner.run("toy.sums").counts.windows == 0


def test_monitor_sees_what_the_derivation_of_the_same_call_gave(toy: Toy) -> None:
    class OfSums(Mean):
        inputs = (SUMS,)

    toy.put("a", [(T0, 1)])
    assert toy.runner(Watch(monitors=(OfSums(),), derivations=(Sums(),))).run().counts.windows == 2


def test_windows_remember_commit_and_version(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    read = toy.catalog.head()
    toy.runner(Watch(monitors=(Mean(),))).run()
    with toy.catalog.read() as snapshot:
        (note,) = windows_of(snapshot, "toy.mean").values()
    assert note.commit_read == read
    assert note.code_version


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.sampled_from("abcd"),
            st.lists(st.tuples(st.integers(0, 3 * DAY), st.integers(0, 9)), min_size=1, max_size=3),
        ),
        st.tuples(st.just("calibrate"), st.just("z"), st.lists(st.tuples(st.just(0), st.integers(0, 9)), min_size=1)),
        st.tuples(st.just("take"), st.sampled_from("abcd"), st.none()),
        st.tuples(st.just("run"), st.just(""), st.none()),
        st.tuples(st.just("part"), st.just(""), st.none()),
    ),
    max_size=9,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, cadence=st.sampled_from(["day", "mission"]))
def test_any_order_of_arrival_equals_a_run_from_scratch(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, list[tuple[int, int]]]], cadence: str
) -> None:
    toy = Toy(tmp_path_factory.mktemp("toy"))
    runner = toy.runner(Watch(monitors=(Mean(cadence),)))
    for action, key, rows in steps:
        match action:
            case "put":
                toy.put(key, [(T0 + t, v) for t, v in rows])
            case "calibrate":
                toy.put(key, rows, CALIBRATION, timed=False)
            case "take":
                toy.take(key)
            case "run":
                runner.run()
            case "part":
                runner.run(start="2020-01-02", stop="2020-01-03")
    runner.run()
    scratch = Mean(cadence)
    scratch.name = "toy.scratch"
    toy.runner(Watch(monitors=(scratch,))).run()
    with toy.catalog.read() as snapshot:
        grown, fresh = (
            {
                (s.measurement.metric, s.measurement.window): s.measurement
                for s in find_measurements(snapshot, monitor=n)
            }
            for n in ("toy.mean", "toy.scratch")
        )
    assert grown == fresh
