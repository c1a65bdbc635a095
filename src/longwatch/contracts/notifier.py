"""Notifiers: where a word about a verdict goes.

Owns the contract. Must not know mail, chat or any other carrier.
"""

from __future__ import annotations

from typing import Protocol

from longwatch.domain.limit import Verdict
from longwatch.domain.metric import Measurement


class Notifier(Protocol):
    """Carries one verdict to people."""

    name: str
    """How configuration names it."""

    def notify(self, measurement: Measurement, verdict: Verdict) -> None:
        """Send it; raise `Unavailable` when the carrier cannot be reached."""
        ...
