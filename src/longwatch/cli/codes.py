"""Exit codes: how a command ended, for scripts.

Owns the one table of codes. Must not know what commands do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OK: Final = 0
"""All is well."""
FINDINGS: Final = 1
"""The command ran, and found something a person should look at."""
USAGE: Final = 2
"""The command line itself is wrong; nothing was done."""
UNEXPECTED: Final = 70
"""A fault in Longwatch or a library."""
INTERRUPTED: Final = 130
"""Stopped with Ctrl-C; what was committed before stays."""

EXIT_CODES: Final[Mapping[str, int]] = {
    "error": 3,
    "not-found": 4,
    "no-such-name": 4,
    "gone": 5,
    "bad-query": 6,
    "bad-file": 7,
    "bad-config": 8,
    "unavailable": 9,
    "busy": 10,
    "conflict": 11,
    "refused": 12,
    "plugin": 13,
}
"""Exit code of each error, by its slug."""
