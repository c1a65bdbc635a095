"""Limits and verdicts: when a number is a reason to look.

Owns range limits and what they say of a value. Must not know where limits are written down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from longwatch.domain.timespan import Timespan
from longwatch.errors import BadConfig


class Severity(StrEnum):
    """How loudly a verdict speaks."""

    OK = "ok"
    CAUTION = "caution"
    ALARM = "alarm"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A plain range for a metric, valid in an era of the hardware.

    Parameters
    ----------
    metric
        Name of the metric.
    subject
        Words the measurement's subject must contain (`detector=FUV`); empty for every subject.
    alarm_low, caution_low, caution_high, alarm_high
        In the metric's unit, in this order; None where a side has no limit.
    era
        Span of data time for which it holds; None: always.
    source
        Where the numbers come from.
    """

    metric: str
    subject: str = ""
    alarm_low: float | None = None
    caution_low: float | None = None
    caution_high: float | None = None
    alarm_high: float | None = None
    era: Timespan | None = None
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse limits that are out of order or not finite."""
        bounds = [b for b in (self.alarm_low, self.caution_low, self.caution_high, self.alarm_high) if b is not None]
        if not all(math.isfinite(b) for b in bounds) or bounds != sorted(bounds):
            raise BadConfig(
                f"The limits of {self.metric!r} {self.subject!r} are {bounds}: they must be finite and in the order "
                "alarm_low <= caution_low <= caution_high <= alarm_high. Correct them in the limits file."
            )

    def holds_for(self, subject: str, at_us: int) -> bool:
        """Tell whether it speaks of this subject at this data time."""
        words = set(subject.split())
        return set(self.subject.split()) <= words and (self.era is None or self.era.contains(at_us))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the limits say of a value, and why.

    Parameters
    ----------
    severity
        How loudly it speaks.
    reason
        Value, relation, limit and its source in one sentence; empty when all is well.
    """

    severity: Severity
    reason: str = ""


def verdict(value: float | None, limit: Limit | None) -> Verdict:
    """Judge a value.

    Parameters
    ----------
    value
        In the metric's unit; None: cannot tell.
    limit
        The limit in force at the data's time, or None.

    Returns
    -------
    Verdict
        `UNKNOWN` where there is no value or no limit; a bound itself is still inside.
    """
    if value is None:
        return Verdict(severity=Severity.UNKNOWN, reason="no value")
    if limit is None:
        return Verdict(severity=Severity.UNKNOWN, reason="no limit holds for this subject and time")
    sides = (
        (limit.alarm_low, -1, Severity.ALARM),
        (limit.alarm_high, 1, Severity.ALARM),
        (limit.caution_low, -1, Severity.CAUTION),
        (limit.caution_high, 1, Severity.CAUTION),
    )
    for bound, sign, severity in sides:
        if bound is not None and sign * (value - bound) > 0:
            relation = "above" if sign > 0 else "below"
            return Verdict(severity=severity, reason=f"{value:g} is {relation} {bound:g} ({limit.source or 'limit'})")
    return Verdict(severity=Severity.OK)
