"""The contract of a monitor as tests: subclass `MonitorTests`, give a `monitor`, a `view` and a `window`, and run it.

Owns what every monitor must do. Must not know any monitor, nor where numbers are stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from astropy import units

from longwatch.contracts.monitor import Monitor, View
from longwatch.domain.limit import Limit, Severity
from longwatch.domain.timespan import Timespan
from longwatch.monitors.results import check_results
from longwatch.plots.render import render_png
from longwatch.plots.table import figure_data

PNG = b"\x89PNG\r\n\x1a\n"
CADENCES = ("hour", "day", "week", "month", "year", "mission")
PAGE = ("Question:", "Inputs:", "Method:", "Output:", "Cadence:", "Limits:", "Action:")
"""What the docstring of a monitor's class answers: it becomes the monitor's page of the manual."""


class MonitorTests:
    """What every monitor must do.

    A subclass overrides the fixtures `monitor`, `view` (an archive that holds input) and `window` (one that holds
    input); where the monitor has limits, `limits` as well.
    """

    @pytest.fixture
    def monitor(self) -> Monitor:
        """Give the monitor under test."""
        raise NotImplementedError

    @pytest.fixture
    def view(self) -> View:
        """Give an archive, at one commit, that holds input of the monitor."""
        raise NotImplementedError

    @pytest.fixture
    def window(self) -> Timespan:
        """Give a window of the monitor's cadence that holds input."""
        raise NotImplementedError

    @pytest.fixture
    def limits(self) -> Sequence[Limit]:
        """Give the limits that come with the monitor."""
        return ()

    def test_names_are_in_order(self, monitor: Monitor) -> None:
        """The monitor is named `instrument.monitor`, its metrics begin with that name, and no name occurs twice."""
        names = [metric.name for metric in monitor.metrics]
        assert monitor.name.count(".") == 1
        assert names
        assert all(name.startswith(f"{monitor.name}.") for name in names)
        assert len(set(names)) == len(names)

    def test_cadence_is_known(self, monitor: Monitor) -> None:
        """The cadence is one of the calendar's, or `mission`."""
        assert monitor.cadence in CADENCES

    def test_inputs_are_named(self, monitor: Monitor) -> None:
        """There is an input, without which it would never be due."""
        assert monitor.inputs
        assert all("." in name for name in monitor.inputs)

    def test_metrics_have_units_and_words(self, monitor: Monitor) -> None:
        """Every unit parses and every metric says in a sentence what it is."""
        for metric in monitor.metrics:
            units.Unit(metric.unit)
            assert metric.description

    def test_docstring_is_a_manual_page(self, monitor: Monitor) -> None:
        """The class says question, inputs, method, output, cadence, limits and action."""
        page = type(monitor).__doc__ or ""
        assert [word for word in PAGE if word not in page] == []

    def test_measures_what_it_declares(self, monitor: Monitor, view: View, window: Timespan) -> None:
        """A window with input gives measurements of declared metrics, inside the window, each key once."""
        given = monitor.measure(view, window)
        assert check_results(monitor.name, monitor.metrics, window, given)

    def test_values_are_finite_or_none(self, monitor: Monitor, view: View, window: Timespan) -> None:
        """What cannot be told is None, never NaN; an uncertainty is not negative."""
        for one in monitor.measure(view, window):
            assert one.value is None or math.isfinite(one.value)
            assert one.uncertainty is None or one.uncertainty >= 0

    def test_subjects_are_words(self, monitor: Monitor, view: View, window: Timespan) -> None:
        """A subject is `name=value` words, each name once, so that it can be asked for."""
        for one in monitor.measure(view, window):
            names = [word.partition("=")[0] for word in one.subject.split()]
            assert all("=" in word for word in one.subject.split())
            assert len(set(names)) == len(names)

    def test_same_view_gives_the_same(self, monitor: Monitor, view: View, window: Timespan) -> None:
        """Asked twice, it says the same, bit for bit."""
        assert list(monitor.measure(view, window)) == list(monitor.measure(view, window))

    def test_empty_window_is_no_error(self, monitor: Monitor, view: View) -> None:
        """A window long before any input gives nothing, values that cannot be told, or a count of nothing."""
        window = next(Timespan(0, 0).windows("day"))
        assert {one.value for one in monitor.measure(view, window)} <= {None, 0.0}

    def test_figures_can_be_drawn(self, monitor: Monitor, view: View) -> None:
        """Every figure has a name that begins with the monitor's, a caption, a picture and numbers."""
        figures = monitor.figures(view)
        assert len({figure.name for figure in figures}) == len(figures)
        for figure in figures:
            assert figure.name.startswith(monitor.name)
            assert figure.caption
            assert render_png(figure).startswith(PNG)
            assert figure_data(figure).colnames[:4] == ["panel", "trace", "x", "y"]

    def test_limits_speak_of_its_metrics(self, monitor: Monitor, limits: Sequence[Limit]) -> None:
        """No limit names a metric the monitor does not have."""
        assert {limit.metric for limit in limits if limit.metric.startswith(f"{monitor.name}.")} <= {
            metric.name for metric in monitor.metrics
        }


def flip_values(limit: Limit) -> Iterator[tuple[float, Severity]]:
    """Give the values at which the verdict of a limit must flip, and what it must say of each.

    Yields
    ------
    float, Severity
        For each bound the bound itself, which is still inside, and the next number beyond it, which is not.
    """
    beyond = {"alarm": Severity.ALARM, "caution": Severity.CAUTION}
    inside = {"alarm": Severity.CAUTION, "caution": Severity.OK}
    for name, bound, outwards in (
        ("alarm", limit.alarm_low, -math.inf),
        ("caution", limit.caution_low, -math.inf),
        ("caution", limit.caution_high, math.inf),
        ("alarm", limit.alarm_high, math.inf),
    ):
        if bound is not None:
            yield bound, _at(limit, bound, inside[name])
            yield float(np.nextafter(bound, outwards)), beyond[name]


def _at(limit: Limit, bound: float, beyond_caution: Severity) -> Severity:
    """Say what holds at an alarm's bound: a caution where a caution lies before it, else all is well."""
    cautioned = any(
        (
            limit.caution_low is not None and bound < limit.caution_low,
            limit.caution_high is not None and bound > limit.caution_high,
        )
    )
    return beyond_caution if cautioned else Severity.OK
