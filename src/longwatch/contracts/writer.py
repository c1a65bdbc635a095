"""The one door through which rows and planes made by hand, by monitors or by derivations enter the archive.

Owns the contract. Must not know how a commit is made.
"""

from __future__ import annotations

from typing import Protocol

from longwatch.contracts.reading import Reading
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec


class Writer(Protocol):
    """Stores values in a commit of their own."""

    def declare(self, spec: SeriesSpec | CubeSpec) -> None:
        """Keep a declaration; raises `Conflict` if one of that name contradicts it."""
        ...

    def store(self, identity: Identity, reading: Reading) -> bool:
        """Store one reading as a version of a product without a file; False where the same content is stored."""
        ...
