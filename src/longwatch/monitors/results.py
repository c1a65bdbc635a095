"""Results: what a monitor gave, held against its contract.

Owns the check and the key of a measurement. Must not know where measurements are stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.errors import PluginError

Key: TypeAlias = tuple[str, str, Timespan]
"""Metric, subject and window: what makes two measurements the same one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The measurements of one window, with their units.

    Parameters
    ----------
    window
        The window that was asked for.
    measurements
        Measurement and unit by key; finite or None.
    """

    window: Timespan
    measurements: Mapping[Key, tuple[Measurement, str]]


def key_of(measurement: Measurement) -> Key:
    """Give what identifies a measurement."""
    return measurement.metric, measurement.subject, measurement.window


def check_results(
    monitor: str, metrics: Sequence[Metric], window: Timespan, given: Iterable[Measurement]
) -> dict[Key, tuple[Measurement, str]]:
    """Give the measurements of a window by key, with the units their metrics declare.

    Parameters
    ----------
    monitor
        Its name, for messages.
    metrics
        What it declares.
    window
        The window that was asked for; measurements may speak of a part of it.
    given
        What it gave. A value that is not finite becomes None: cannot tell.

    Raises
    ------
    PluginError
        Raised if a metric is not declared, a measurement speaks of another time, or two have the same key.
    """
    units = {metric.name: metric.unit for metric in metrics}
    found: dict[Key, tuple[Measurement, str]] = {}
    for one in given:
        if one.metric not in units:
            raise PluginError(monitor, f"it measured {one.metric!r}, but declares only {sorted(units)}. Declare it.")
        if one.window.intersection(window) != one.window:
            raise PluginError(monitor, f"asked for {window}, it measured {one.metric!r} in {one.window}. Stay inside.")
        if key_of(one) in found:
            raise PluginError(monitor, f"it gave {one.metric!r} of {one.subject!r} twice. Tell them apart by subject.")
        told = replace(one, value=_finite(one.value), uncertainty=_finite(one.uncertainty))
        found[key_of(one)] = told, units[one.metric]
    return found


def is_same(one: Measurement, other: Measurement) -> bool:
    """Tell whether two measurements of one key say the same, bit for bit."""
    return _bits(one) == _bits(other)


def _bits(measurement: Measurement) -> tuple[str | None, ...]:
    return tuple(None if x is None else x.hex() for x in (measurement.value, measurement.uncertainty))


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
