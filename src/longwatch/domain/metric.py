"""Metrics and measurements: what monitors conclude.

Owns the values. Must not know how a number was measured or where it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from longwatch.domain.timespan import Timespan


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One number that is watched.

    Parameters
    ----------
    name
        `instrument.monitor.number`, such as `cos.osm_shift.shift_disp`.
    unit
        `astropy.units` string; `""` is dimensionless.
    description
        One sentence.
    """

    name: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One value of a metric for a subject in a window.

    Parameters
    ----------
    metric
        Name of the metric.
    subject
        What was measured, as `name=value` words in a fixed order: `detector=FUV segment=FUVA`.
    window
        Half-open span it speaks of.
    value
        The number in the metric's unit; None: cannot tell. NaN is never stored.
    uncertainty
        One standard deviation in the same unit, or None.
    """

    metric: str
    subject: str
    window: Timespan
    value: float | None
    uncertainty: float | None = None
