"""Span arithmetic as properties, and calendar windows against astropy."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.times import from_us, to_us
from longwatch.domain.timespan import MAX_US, MIN_US, Cadence, Timespan, month_of, month_span
from longwatch.errors import BadQuery

CADENCES: tuple[Cadence, ...] = ("hour", "day", "week", "month", "year")
near = st.integers(-50, 50)
spans = st.tuples(near, near).map(sorted).map(lambda ends: Timespan(*ends))
real_us = st.integers(to_us("1958-01-01"), to_us("2100-01-01"))


def covered(span: Timespan) -> set[int]:
    return set(range(span.start_us, span.stop_us)) or {span.start_us}


@given(spans, near)
def test_contains_is_half_open(span: Timespan, instant: int) -> None:
    assert span.contains(instant) == (instant in covered(span))


@given(spans, spans)
def test_overlap_is_a_shared_instant(one: Timespan, other: Timespan) -> None:
    shared = covered(one) & covered(other)
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    both = one.intersection(other)
    assert (covered(both) if both else set()) == shared


@given(spans, spans)
def test_union_holds_both_and_nothing_between(one: Timespan, other: Timespan) -> None:
    union = one.union(other)
    assert union == other.union(one)
    touching = one.start_us <= other.stop_us and other.start_us <= one.stop_us
    assert (union is not None) == touching
    if union is not None:
        assert (union.start_us, union.stop_us) == (
            min(one.start_us, other.start_us),
            max(one.stop_us, other.stop_us),
        )


@given(st.integers(0, 10**15))
def test_duration_class_is_the_next_power_of_two(length: int) -> None:
    span = Timespan(0, length)
    assert span.duration_s <= 2**span.duration_class
    assert span.duration_class == 0 or span.duration_s > 2 ** (span.duration_class - 1)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, 0), (1e-6, 0), (1, 0), (1.000001, 1), (2, 1), (3, 2), (4, 2), (86400, 17)]
)
def test_duration_class_at_the_borders(seconds: float, expected: int) -> None:
    assert Timespan(0, round(seconds * 1e6)).duration_class == expected
    assert expected == (math.ceil(math.log2(seconds)) if seconds >= 1 else 0)


def test_open_ends_fit_and_print() -> None:
    ever = Timespan()
    assert (ever.start_us, ever.stop_us) == (MIN_US, MAX_US)
    assert ever.duration_class < 41
    assert from_us(MIN_US, "tai").datetime.isoformat() == "0001-01-01T00:00:00"
    assert from_us(MAX_US - 1000, "tai").isot == "9999-12-31T23:59:59.999"


def test_a_reversed_span_is_refused() -> None:
    with pytest.raises(BadQuery, match="ends before it begins"):
        Timespan(1, 0)


@pytest.mark.parametrize("cadence", CADENCES)
@given(start=real_us, length=st.integers(0, 3 * 10**11))
def test_windows_tile_the_span(cadence: Cadence, start: int, length: int) -> None:
    span = Timespan(start, start + length)
    windows = list(span.windows(cadence))
    assert windows[0].contains(span.start_us)
    assert windows[-1].start_us < max(span.stop_us, span.start_us + 1) <= windows[-1].stop_us
    assert all(one.stop_us == following.start_us for one, following in itertools.pairwise(windows))
    assert all(window.overlaps(span) for window in windows)
    assert list(windows[0].windows(cadence)) == windows[:1]


@pytest.mark.parametrize(
    ("cadence", "first", "after"),
    [
        ("hour", "2016-12-31T23:00", "2017-01-01"),
        ("day", "2016-12-31", "2017-01-01"),
        ("week", "2016-12-26", "2017-01-02"),
        ("month", "2016-12-01", "2017-01-01"),
        ("year", "2016-01-01", "2017-01-01"),
    ],
)
def test_the_leap_second_lies_in_the_old_year(cadence: Cadence, first: str, after: str) -> None:
    leap = to_us("2016-12-31T23:59:60.5")
    assert list(Timespan(leap, leap).windows(cadence)) == [Timespan(to_us(first), to_us(after))]


def test_a_day_with_a_leap_second_is_longer() -> None:
    days = Timespan(to_us("2016:365"), to_us("2017:002")).windows("day")
    assert [day.duration_s for day in days] == [86400, 86401, 86400]


def test_an_unknown_cadence_is_refused() -> None:
    with pytest.raises(BadQuery, match="'week'"):
        list(Timespan(0, 1).windows("fortnight"))


@given(st.lists(real_us, min_size=1, max_size=20))
def test_month_of_is_the_calendar_month(instants: list[int]) -> None:
    months = month_of(np.array(instants))
    assert months.tolist() == [month_of(us) for us in instants]
    assert all(month_span(month).contains(us) for month, us in zip(months.tolist(), instants, strict=True))


def test_month_of_known_instants() -> None:
    texts = ["2016-10-31T23:59:59.999999", "2016-11-01", "2016-12-31T23:59:60.999", "2017-01-01", "1969-12-31"]
    assert [month_of(to_us(text)) for text in texts] == [201610, 201611, 201612, 201701, 196912]


@pytest.mark.parametrize("month", [201600, 201613, 2016])
def test_no_such_month(month: int) -> None:
    with pytest.raises(BadQuery, match="201610"):
        month_span(month)
