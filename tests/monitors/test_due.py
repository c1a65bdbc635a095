"""Windows are due when inputs moved after they were read."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from longwatch.catalog.measurements import Touch, WindowRead
from longwatch.domain.series import BAD_TIMES
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.monitors.due import Inputs, asked_of, checked_commit, plan, spoken_of, touched_windows, windows_meeting
from longwatch.monitors.freshness import freshness
from toy_archive import DAY, KIND, T0, Toy

DAYS = [next(Timespan(T0 + n * DAY, T0 + n * DAY).windows("day")) for n in range(4)]
EVER = Timespan()


def read(number: int, commit: int) -> dict[Timespan, WindowRead]:
    return {DAYS[number]: WindowRead(span=DAYS[number], commit_read=commit, code_version="1", run_id=1)}


def test_last_instant_counts_and_the_end_of_a_window_does_not() -> None:
    assert windows_meeting([(T0, T0 + DAY - 1)], "day", EVER) == {DAYS[0]}
    assert windows_meeting([(T0, T0 + DAY)], "day", EVER) == {DAYS[0], DAYS[1]}


def test_open_and_missing_spans_are_in_no_window_of_their_own() -> None:
    assert windows_meeting([None, (T0, MAX_US), (MIN_US, T0)], "hour", EVER) == set()


def test_mission_is_one_window_wherever_there_is_input() -> None:
    assert windows_meeting([None], "mission", EVER) == {EVER}
    assert windows_meeting([], "mission", EVER) == set()


def test_within_takes_windows_that_overlap() -> None:
    within = Timespan(T0 + DAY // 2, T0 + DAY)
    assert windows_meeting([(T0, T0 + 3 * DAY)], "day", within) == {DAYS[0]}


def test_touch_after_the_read_makes_due() -> None:
    touch = Touch(span=(T0, T0), commit=5, answers=True)
    assert touched_windows([touch], read(0, 4), "day", EVER) == {DAYS[0]}
    assert touched_windows([touch], read(0, 5), "day", EVER) == set()
    assert touched_windows([touch], {}, "day", EVER) == {DAYS[0]}


def test_touch_without_a_time_reaches_every_window_read_before() -> None:
    touch = Touch(span=None, commit=5, answers=True)
    assert touched_windows([touch], read(0, 4) | read(1, 6), "day", EVER) == {DAYS[0]}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), max_size=6), st.integers(0, 9))
def test_newest_touch_decides(touched: list[tuple[int, int]], commit: int) -> None:
    touches = [Touch(span=(T0 + n * DAY, T0 + n * DAY), commit=c, answers=True) for n, c in touched]
    known = {span: note for n in range(4) for span, note in read(n, commit).items()}
    expected = {DAYS[n] for n, c in touched if c > commit}
    assert touched_windows(touches, known, "day", EVER) == expected


def test_what_is_said_of_data_reaches_the_windows_that_were_read() -> None:
    known = read(0, 4) | read(1, 4) | read(2, 6)
    assert set(spoken_of([Touch(span=(T0 + DAY, T0 + 2 * DAY - 1), commit=5, answers=True)], known)) == {DAYS[1]}
    assert set(spoken_of([Touch(span=(T0 + DAY, MAX_US), commit=5, answers=True)], known)) == {DAYS[1]}
    assert set(spoken_of([Touch(span=None, commit=5, answers=True)], known)) == {DAYS[0], DAYS[1]}
    assert set(spoken_of([Touch(span=(MIN_US, T0), commit=9, answers=False)], known)) == {DAYS[0]}


def test_what_is_said_of_data_is_no_data(toy: Toy) -> None:
    inputs = Inputs(name="toy.mean", names=(KIND, BAD_TIMES), cadence="day")
    toy.put("a", [(T0, 1)])
    toy.put("bad", [(T0, 1), (T0 + 2 * DAY, 1)], BAD_TIMES)
    with toy.catalog.read() as snapshot:
        assert [due.window for due in plan(snapshot, inputs, within=EVER).windows] == [DAYS[0]]
        assert freshness(snapshot, inputs, now_us=T0).newest_data_us == T0
        assert plan(snapshot, replace(inputs, names=(BAD_TIMES,)), within=EVER).windows == ()


def test_plan_says_whether_input_remains(toy: Toy) -> None:
    inputs = Inputs(name="toy.mean", names=(KIND,), cadence="day")
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 1)])
    toy.take("b")
    with toy.catalog.read() as snapshot:
        planned = plan(snapshot, inputs, within=EVER)
    assert [(due.window, due.holds_input, due.known) for due in planned.windows] == [(DAYS[0], True, False)]
    assert planned.moved


def test_checked_commit_is_that_of_the_last_whole_run(toy: Toy) -> None:
    inputs = Inputs(name="toy.mean", names=(KIND,), cadence="day")
    part = asked_of(inputs, Timespan(T0, T0 + DAY))
    assert part["start"] == "2020-01-01T00:00:00.000"
    for asked, commit in ((asked_of(inputs, EVER), 7), (part, 9)):
        with toy.catalog.run("monitor", asked | {"commit": commit}):
            pass
    with toy.catalog.read() as snapshot:
        assert checked_commit(snapshot, inputs) == 7
        assert checked_commit(snapshot, Inputs(name="toy.mea", names=(KIND,), cadence="day")) == 0
