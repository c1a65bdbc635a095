"""The declaration: what it lists is there, and its names are its own."""

from __future__ import annotations

from importlib import import_module

from longwatch.domain.series import LEDGERS
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.monitors.limits import load_limits


def test_names_begin_with_the_instrument() -> None:
    named = (*INSTRUMENT.kinds, *INSTRUMENT.series, *INSTRUMENT.cubes, *INSTRUMENT.timelines, *INSTRUMENT.monitors)
    assert [thing.name for thing in named if not thing.name.startswith("aca.")] == []
    assert {thing.name for thing in INSTRUMENT.series} == {"aca.l0", "aca.hdr3", "aca.dark_cals", "aca.dark_conditions"}


def test_inputs_of_monitors_are_declared() -> None:
    declared = {thing.name for thing in (*INSTRUMENT.kinds, *INSTRUMENT.series, *INSTRUMENT.cubes)}
    for monitor in INSTRUMENT.monitors:
        assert set(monitor.inputs) <= declared | {*LEDGERS}


def test_limits_speak_of_declared_metrics() -> None:
    metrics = {metric.name for monitor in INSTRUMENT.monitors for metric in monitor.metrics}
    assert INSTRUMENT.limits is not None
    limits = load_limits(INSTRUMENT.limits)
    assert limits
    assert {limit.metric for limit in limits} <= metrics


def test_the_simulator_is_there() -> None:
    module, function = INSTRUMENT.simulate.split(":")
    assert callable(getattr(import_module(module), function))
