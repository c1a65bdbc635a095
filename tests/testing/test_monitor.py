"""The monitor kit passes a good monitor and finds what is wrong with others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from longwatch.domain.limit import Limit, Severity
from longwatch.domain.timespan import Timespan
from longwatch.errors import PluginError
from longwatch.testing.monitor import MonitorTests, flip_values
from toy_archive import DAY, LIMIT, T0, Mean, Toy, ToyView


@pytest.fixture
def filled(tmp_path: Path) -> ToyView:
    toy = Toy(tmp_path)
    toy.put("a", [(T0, 1), (T0 + 1, 2), (T0 + 2 * DAY, 5)])
    return toy.view(toy.catalog.head())


class TestToyMonitor(MonitorTests):
    @pytest.fixture
    def monitor(self) -> Mean:
        return Mean()

    @pytest.fixture
    def view(self, filled: ToyView) -> ToyView:
        return filled

    @pytest.fixture
    def window(self) -> Timespan:
        return next(Timespan(T0, T0).windows("day"))

    @pytest.fixture
    def limits(self) -> Sequence[Limit]:
        return [LIMIT]


class Undeclared(Mean):
    metrics = Mean.metrics[:1]


def test_kit_finds_an_undeclared_metric(filled: ToyView) -> None:
    with pytest.raises(PluginError, match=r"'toy\.mean'.*toy\.mean\.count.*declares only"):
        MonitorTests().test_measures_what_it_declares(Undeclared(), filled, next(Timespan(T0, T0).windows("day")))


def test_kit_finds_a_missing_manual_page() -> None:
    with pytest.raises(AssertionError):
        MonitorTests().test_docstring_is_a_manual_page(Undeclared())


def test_flip_values_of_a_one_sided_limit() -> None:
    limit = Limit(metric="toy.mean.mean", alarm_high=10.0, source="a test")
    assert [severity for _, severity in flip_values(limit)] == [Severity.OK, Severity.ALARM]


def test_flip_values_where_alarm_and_caution_meet() -> None:
    limit = Limit(metric="toy.mean.mean", caution_high=10.0, alarm_high=10.0, source="a test")
    said = set(flip_values(limit))
    assert (10.0, Severity.OK) in said
    assert Severity.CAUTION not in {severity for value, severity in said if value <= 10.0}
