"""Epochs: the numbered spans of a timeline, such as anneal periods, HV eras or weeks.

Owns the values. Must not know where timelines come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
"""A value that fits into a header card or a JSON document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One span of a timeline, half-open.

    Parameters
    ----------
    timeline
        Name of the timeline, `stis.anneal`.
    number
        Its number in the timeline's own counting.
    start_us, stop_us
        Half-open span [microseconds of TAI]; None where it is not known yet.
    attributes
        Anything else the timeline's source says of it.
    """

    timeline: str
    number: int
    start_us: int | None
    stop_us: int | None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochMember:
    """An exposure that the timeline's source counts to an epoch.

    Parameters
    ----------
    timeline, number
        The epoch.
    member
        Its name in the field's own words, such as a rootname.
    t_us
        Its start [microseconds of TAI], or None.
    attributes
        Exposure time, proposal and the like.
    """

    timeline: str
    number: int
    member: str
    t_us: int | None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
