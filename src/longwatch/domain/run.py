"""Runs: who changed the archive, when, with which code and parameters.

Owns the value. Must not know how runs are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from longwatch.domain.epoch import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One piece of work that may change the archive.

    Parameters
    ----------
    action
        `ingest`, `retract`, `monitor`, `append`, `merge`, `epochs` ...
    parameters
        What it was asked to do.
    id
        Number given by the catalogue; 0 before it is begun.
    """

    action: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    id: int = 0
