"""Numbers as people say them: sizes, counts, durations, times.

Owns their spelling. Must not know consoles or archives.
"""

from __future__ import annotations

_STEPS = ((86_400, "days"), (3_600, "h"), (60, "min"), (1, "s"))
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(n_bytes: int) -> str:
    """Give a number of bytes with three digits: `1.23 GB` (powers of 1000)."""
    value, unit = float(n_bytes), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{n_bytes} B" if unit == 0 else f"{value:#.3g} {_UNITS[unit]}".replace(". ", " ")


def count(number: int, noun: str, plural: str = "") -> str:
    """Give `1 file`, `1,234 files`; a plural that is not formed with s is named."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(seconds: float) -> str:
    """Give a time span in its largest fitting unit: `45 s`, `3.2 min`."""
    for length, unit in _STEPS:
        if seconds >= length:
            amount = seconds / length
            return f"{amount:.0f} {unit}" if amount >= 10 or length == 1 else f"{amount:.1f} {unit}"
    return f"{seconds:.1f} s"


def trimmed(isot: str) -> str:
    """Give an ISO time without the zeros at its end: `2016-12-31T23:59:60`."""
    return isot.rstrip("0").rstrip(".") if "." in isot else isot
