"""Limits are read with sense, hold for their era and subject, and flip exactly at their bounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.limit import Limit, Severity
from longwatch.domain.metric import Measurement
from longwatch.domain.times import to_us
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadConfig
from longwatch.monitors.limits import judge, limit_for, load_limits
from longwatch.testing.monitor import flip_values

DATA = Path(__file__).with_name("data")
BAD = {
    "not_toml": "not TOML",
    "wrong_table": "only \\[\\[limit\\]\\] is known",
    "unknown_word": "entry 1: alarm_hihg",
    "no_source": "entry 1: source",
    "no_bound": "entry 1: it has no bound",
    "not_a_number": "entry 1: alarm_high",
    "not_finite": "entry 1: alarm_high",
    "out_of_order": "entry 1: .* must be finite and in the order",
    "reversed_era": "entry 1: .* ends before it begins",
    "no_time": "entry 1: 'after the repair' is not a time",
    "tie": "entry 2: .* overlaps .*entry 1.* with equal right",
}


def measured(value: float | None, when: str, subject: str = "detector=NUV") -> Measurement:
    start = to_us(when)
    return Measurement(metric="toy.mean.mean", subject=subject, window=Timespan(start, start + 1), value=value)


def test_good_folder_loads_in_order() -> None:
    limits = load_limits(DATA / "good")
    assert [limit.source for limit in limits][:3] == ["the box", "after the repair", "FUV is faint"]
    assert limits[1].caution_high == 50.0
    assert limits[1].era is not None
    assert limits[1].era.start_us == to_us("2010-01-01")


def test_every_bad_sample_is_listed() -> None:
    assert {path.stem for path in (DATA / "bad").glob("*.toml")} == set(BAD)


@pytest.mark.parametrize(("name", "reason"), BAD.items())
def test_bad_sample_is_refused_by_file_entry_and_reason(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / f"{name}.toml").write_bytes((DATA / "bad" / f"{name}.toml").read_bytes())
    with pytest.raises(BadConfig, match=f"{name}.toml.*{reason}"):
        load_limits(tmp_path)


def test_era_is_of_the_data_and_half_open() -> None:
    limits = load_limits(DATA / "good")
    assert judge(limits, measured(80.0, "2009-12-31T23:59:59")).severity is Severity.OK
    assert judge(limits, measured(80.0, "2010-01-01")).severity is Severity.CAUTION


def test_most_specific_subject_speaks() -> None:
    limits = load_limits(DATA / "good")
    assert judge(limits, measured(30.0, "2020-01-01", "detector=FUV segment=FUVA")).severity is Severity.ALARM
    assert judge(limits, measured(30.0, "2020-01-01")).severity is Severity.OK


def test_no_value_and_no_limit_are_unknown() -> None:
    limits = load_limits(DATA / "good")
    assert judge(limits, measured(None, "2020-01-01")).severity is Severity.UNKNOWN
    assert judge([], measured(1.0, "2020-01-01")).severity is Severity.UNKNOWN
    other = Measurement(metric="toy.other", subject="", window=Timespan(0, 1), value=1.0)
    assert limit_for(limits, other) is None


BOUNDS = st.lists(st.floats(-1e9, 1e9), min_size=4, max_size=4, unique=True).map(sorted)


@given(bounds=BOUNDS)
def test_verdict_flips_exactly_at_the_bounds(bounds: list[float]) -> None:
    names = ("alarm_low", "caution_low", "caution_high", "alarm_high")
    limit = Limit(metric="toy.mean.mean", source="a test", **dict(zip(names, bounds, strict=True)))
    for value, severity in flip_values(limit):
        said = judge([limit], measured(value, "2020-01-01"))
        assert said.severity is severity
        assert bool(said.reason) == (severity is not Severity.OK)
