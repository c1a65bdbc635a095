"""Plug-ins: found through entry points, checked, and named when they break.

Owns loading and the check of the contract. Must not know any instrument by name.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from longwatch.contracts.instrument import Instrument
from longwatch.errors import PluginError

GROUP = "longwatch.instruments"
"""The entry-point group an instrument registers in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What loading gave.

    Parameters
    ----------
    instruments
        Plug-ins that keep the contract, in order of name.
    broken
        Those that do not, and why; they are skipped.
    """

    instruments: tuple[Instrument, ...]
    broken: tuple[PluginError, ...]


def load(*, disabled: Iterable[str] = ()) -> Loaded:
    """Load every registered instrument that is not disabled.

    Parameters
    ----------
    disabled
        Names of entry points to leave out.

    Returns
    -------
    Loaded
        A plug-in that cannot be imported or breaks the contract is named in `broken`, and the rest works.
    """
    barred = set(disabled)
    good: list[Instrument] = []
    broken: list[PluginError] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        if entry.name in barred:
            continue
        try:
            instrument = _open(entry)
            check(instrument, others=good)
        except PluginError as error:
            broken.append(error)
        else:
            good.append(instrument)
    return Loaded(instruments=tuple(good), broken=tuple(broken))


def _open(entry: EntryPoint) -> Instrument:
    try:
        value = entry.load()
    except Exception as error:
        raise PluginError(entry.name, f"cannot be imported from {entry.value}: {error}") from error
    if not isinstance(value, Instrument):
        raise PluginError(entry.name, f"{entry.value} is a {type(value).__name__}; it must be an `Instrument` value.")
    return value


def check(instrument: Instrument, *, others: Iterable[Instrument] = ()) -> None:
    """Hold an instrument to the contract.

    Parameters
    ----------
    instrument
        The value a plug-in registers.
    others
        Instruments whose names are taken.

    Raises
    ------
    PluginError
        Raised if something breaks the contract; names it and says what is wanted.
    """
    for problem in problems(instrument, others):
        raise PluginError(instrument.name, problem)


def problems(instrument: Instrument, others: Iterable[Instrument] = ()) -> Iterator[str]:
    """Give a sentence for everything that breaks the contract."""
    prefix = f"{instrument.name}."
    others = list(others)
    if instrument.name in {other.name for other in others}:
        yield f"the name {instrument.name!r} is taken by another plug-in."
    for what, names in _names(instrument):
        yield from (f"{what} {n!r} must begin with {prefix!r}." for n in names if not n.startswith(prefix))
        yield from (f"{what} {n!r} is declared {count} times." for n, count in Counter(names).items() if count > 1)
    for kind in instrument.kinds:
        yield from _signature(f"{kind.name}.claim", kind.claim, 3)
        yield from _signature(f"{kind.name}.read", kind.read, 1)
        yield from _signature(f"{kind.name}.version_key", kind.version_key, 1)
    owners = [*((s.name, s.instrument) for s in instrument.series), *((c.name, c.instrument) for c in instrument.cubes)]
    for name, owner in owners:
        if owner != instrument.name:
            yield f"{name!r} belongs to {owner!r}; declare it with instrument={instrument.name!r}."
    timelines = {timeline.name for timeline in instrument.timelines}
    for cube in instrument.cubes:
        if cube.timeline not in timelines:
            yield f"cube {cube.name!r} follows timeline {cube.timeline!r}, which it does not declare."
    for monitor in instrument.monitors:
        yield from _signature(f"{monitor.name}.measure", monitor.measure, 2)
        if not monitor.metrics:
            yield f"monitor {monitor.name!r} names no metric."


def _names(instrument: Instrument) -> Iterator[tuple[str, list[str]]]:
    yield "kind", [kind.name for kind in instrument.kinds]
    yield "series or cube", [*(series.name for series in instrument.series), *(cube.name for cube in instrument.cubes)]
    yield "monitor", [monitor.name for monitor in instrument.monitors]
    yield "metric", [metric.name for monitor in instrument.monitors for metric in monitor.metrics]
    yield "derivation", [derivation.name for derivation in instrument.derivations]


def _signature(name: str, function: Callable[..., object], arguments: int) -> Iterator[str]:
    parameters = inspect.signature(function).parameters.values()
    loose = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    if any(p.kind in loose for p in parameters):
        yield f"{name} takes *args or **kwargs; its arguments must be named, so that they can be checked."
    elif len(parameters) != arguments:
        yield f"{name} takes {len(parameters)} arguments; the contract has {arguments}."
    if "<" in getattr(function, "__qualname__", ""):
        yield f"{name} is a lambda or defined inside a function; workers find only what stands at module level."
