"""The contract of an instrument as tests: subclass `InstrumentTests`, give an `instrument`, and run it.

Owns what every declaration must hold. Must not know any instrument.
"""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from longwatch import plugins
from longwatch.contracts.instrument import Instrument
from longwatch.domain.series import LEDGERS
from longwatch.monitors.limits import load_limits


class InstrumentTests:
    """What every instrument must do. A subclass overrides the fixture `instrument`."""

    @pytest.fixture
    def instrument(self) -> Instrument:
        """Give the instrument under test."""
        raise NotImplementedError

    def test_keeps_the_contract(self, instrument: Instrument) -> None:
        """Names, signatures, timelines and metrics are as plug-ins are held to when they are loaded."""
        problems = list(plugins.problems(instrument))
        assert not problems, problems

    def test_is_registered(self, instrument: Instrument) -> None:
        """The entry point is there, so that every archive on this machine knows the instrument."""
        assert instrument.name in {one.name for one in plugins.load().instruments}

    def test_everything_is_described(self, instrument: Instrument) -> None:
        """Kinds, series, cubes, timelines, columns and metrics each say what they are."""
        mute = [name for name, description in _described(instrument) if not description.strip()]
        assert not mute, f"without a description: {mute}"

    def test_workers_can_take_the_kinds_along(self, instrument: Instrument) -> None:
        """Kinds pickle by name, so that files can be read in other processes."""
        for kind in instrument.kinds:
            assert pickle.dumps(kind), kind.name

    def test_monitors_ask_for_what_is_declared(self, instrument: Instrument) -> None:
        """Inputs of monitors and derivations are kinds, series or cubes of this instrument, or ledgers."""
        declared = {
            thing.name for things in (instrument.kinds, instrument.series, instrument.cubes) for thing in things
        } | {*LEDGERS}
        asked = [(monitor.name, monitor.inputs) for monitor in instrument.monitors]
        asked += [(derivation.name, derivation.inputs) for derivation in instrument.derivations]
        lost = {name: sorted(set(inputs) - declared) for name, inputs in asked if not set(inputs) <= declared}
        assert not lost, f"inputs nobody declares: {lost}"

    def test_limits_speak_of_its_metrics(self, instrument: Instrument) -> None:
        """Every limits file can be read, and names no metric that is not measured."""
        limits = () if instrument.limits is None else load_limits(instrument.limits)
        metrics = {metric.name for monitor in instrument.monitors for metric in monitor.metrics}
        strange = {limit.metric for limit in limits} - metrics
        assert not strange, f"limits of metrics nobody measures: {strange}"

    def test_keywords_are_written_as_in_headers(self, instrument: Instrument) -> None:
        """Searchable keywords are upper case and named once."""
        for kind in instrument.kinds:
            assert all(keyword == keyword.upper() for keyword in kind.keywords), kind.name
            assert len(set(kind.keywords)) == len(kind.keywords), kind.name

    def test_what_is_named_by_module_is_there(self, instrument: Instrument) -> None:
        """The simulator takes `out`, `seed` and `small`; commands can be imported."""
        for command in instrument.commands:
            assert callable(_named(command.app))
        if instrument.simulate:
            parameters = list(inspect.signature(_named(instrument.simulate)).parameters)
            assert parameters == ["out", "seed", "small"]


def _described(instrument: Instrument) -> Iterator[tuple[str, str]]:
    for things in (instrument.kinds, instrument.series, instrument.cubes, instrument.timelines):
        yield from ((thing.name, thing.description) for thing in things)
    for series in instrument.series:
        yield from ((f"{series.name}.{column.name}", column.description) for column in series.columns)
    for cube in instrument.cubes:
        yield from ((f"{cube.name}.{column.name}", column.description) for column in cube.properties)
    for monitor in instrument.monitors:
        yield from ((metric.name, metric.description) for metric in monitor.metrics)


def _named(place: str) -> Callable[..., object]:
    module, _, name = place.partition(":")
    named: Callable[..., object] = getattr(import_module(module), name)
    return named
