"""What a monitor gives is held against what it declares."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from longwatch.domain.metric import Measurement
from longwatch.domain.timespan import Timespan
from longwatch.errors import PluginError
from longwatch.monitors.results import check_results, is_same, key_of
from toy_archive import DAY, MEAN, T0

WINDOW = Timespan(T0, T0 + DAY)
ONE = Measurement(metric=MEAN.name, subject="detector=TOY", window=WINDOW, value=1.0, uncertainty=0.5)


def test_gives_units_by_key() -> None:
    assert check_results("toy.mean", [MEAN], WINDOW, [ONE]) == {key_of(ONE): (ONE, "adu")}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), None])
def test_not_finite_becomes_none(value: float | None) -> None:
    ((found, _),) = check_results("toy.mean", [MEAN], WINDOW, [replace(ONE, value=value)]).values()
    assert found.value is None


def test_numbers_of_numpy_become_plain() -> None:
    ((found, _),) = check_results("toy.mean", [MEAN], WINDOW, [replace(ONE, value=np.float32(1.5))]).values()
    assert type(found.value) is float


def test_part_of_the_window_is_allowed() -> None:
    part = replace(ONE, window=Timespan(T0 + 1, T0 + 2))
    assert key_of(part) in check_results("toy.mean", [MEAN], WINDOW, [part])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([replace(ONE, metric="toy.mean.men")], "declares only"),
        ([replace(ONE, window=Timespan(T0, T0 + DAY + 1))], "Stay inside"),
        ([replace(ONE, window=Timespan(T0 - DAY, T0))], "Stay inside"),
        ([ONE, replace(ONE, value=2.0)], "twice"),
    ],
)
def test_breach_names_the_monitor(given: list[Measurement], reason: str) -> None:
    with pytest.raises(PluginError, match=rf"'toy\.mean'.*{reason}"):
        check_results("toy.mean", [MEAN], WINDOW, given)


def test_same_is_bit_for_bit() -> None:
    assert is_same(ONE, replace(ONE))
    assert not is_same(ONE, replace(ONE, value=math.nextafter(1.0, 2.0)))
    assert not is_same(replace(ONE, value=0.0), replace(ONE, value=-0.0))
    assert not is_same(ONE, replace(ONE, uncertainty=None))
