"""Limits: what they say of a value, and when they hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.limit import Limit, Severity, verdict
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadConfig

LIMIT = Limit(metric="a.b.c", alarm_low=0, caution_low=1, caution_high=9, alarm_high=10, source="the book")
_BOUND = st.none() | st.integers(-3, 3)
_LOUDER = [Severity.OK, Severity.CAUTION, Severity.ALARM]


@pytest.mark.parametrize(
    ("value", "severity"),
    [
        (5, Severity.OK),
        (1, Severity.OK),
        (9, Severity.OK),
        (0.5, Severity.CAUTION),
        (0, Severity.CAUTION),
        (10, Severity.CAUTION),
        (-0.1, Severity.ALARM),
        (10.1, Severity.ALARM),
    ],
)
def test_a_bound_itself_is_still_inside(value: float, severity: Severity) -> None:
    assert verdict(value, LIMIT).severity is severity


def test_a_verdict_says_value_relation_limit_and_source() -> None:
    assert verdict(11, LIMIT).reason == "11 is above 10 (the book)"
    assert verdict(0.5, LIMIT).reason == "0.5 is below 1 (the book)"
    assert verdict(5, LIMIT).reason == ""


def test_cannot_tell_is_unknown_not_fine() -> None:
    assert verdict(None, LIMIT).severity is Severity.UNKNOWN
    assert verdict(5, None).severity is Severity.UNKNOWN
    assert verdict(5, Limit(metric="a.b.c")).severity is Severity.OK


@pytest.mark.parametrize(
    "bounds", [{"alarm_low": 2, "caution_low": 1}, {"alarm_high": math.nan}, {"caution_low": math.inf}]
)
def test_limits_out_of_order_or_not_finite_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match="alarm_low <= caution_low"):
        Limit(metric="a.b.c", **bounds)


@given(bounds=st.tuples(_BOUND, _BOUND, _BOUND, _BOUND), low=st.floats(-5, 5), high=st.floats(-5, 5))
def test_a_verdict_never_gets_quieter_away_from_the_middle(
    bounds: tuple[int | None, ...], low: float, high: float
) -> None:
    given_bounds = [b for b in bounds if b is not None]
    if given_bounds != sorted(given_bounds):
        return
    names = ("alarm_low", "caution_low", "caution_high", "alarm_high")
    limit = Limit(metric="a.b.c", **dict(zip(names, bounds, strict=True)))
    near, far = sorted((low, high), key=abs)
    middle = verdict(0, limit).severity
    if middle is Severity.OK and (near >= 0) == (far >= 0):
        loud = [_LOUDER.index(verdict(v, limit).severity) for v in (near, far)]
        assert loud[0] <= loud[1]


def test_a_limit_holds_for_its_subject_in_its_era() -> None:
    limit = Limit(metric="a.b.c", subject="detector=FUV", era=Timespan(10, 20))
    assert limit.holds_for("segment=A detector=FUV", 10)
    assert not limit.holds_for("detector=FUV", 20)
    assert not limit.holds_for("detector=FUVA", 10)
    assert Limit(metric="a.b.c").holds_for("", 0)
