"""The errors Longwatch raises, named by what the caller can do about them.

Owns the tree and its stable slugs. Must not know HTTP statuses or exit codes: those are tables in `web` and `cli`.

A message says what was sought, what is there instead, and what to do next.
"""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override


class LongwatchError(Exception):
    """The root: everything Longwatch raises on purpose. Never a `ValueError`, so storage faults are not swallowed."""

    slug: ClassVar[str] = "error"


class NotFound(LongwatchError, LookupError):
    """What was asked for does not exist at this commit; the message names what exists nearby."""

    slug: ClassVar[str] = "not-found"


class NoSuchName(NotFound, KeyError):
    """A mapping of the archive (series, cubes, timelines) has no such name; the message names those near it."""

    slug: ClassVar[str] = "no-such-name"

    __str__ = Exception.__str__


class Gone(NotFound):
    """It was here once, and its bytes are no longer: a linked file that moved, or a pruned object."""

    slug: ClassVar[str] = "gone"


class BadQuery(LongwatchError, ValueError):
    """The question itself is wrong: a malformed time, an unknown column, a reversed range."""

    slug: ClassVar[str] = "bad-query"


class BadFile(LongwatchError):
    """A file cannot be read as what it claims to be; ingest quarantines it and goes on."""

    slug: ClassVar[str] = "bad-file"


class BadConfig(LongwatchError, ValueError):
    """The configuration cannot be used as it stands; the message names the setting and where it came from."""

    slug: ClassVar[str] = "bad-config"


class Unavailable(LongwatchError, OSError):
    """A database, bucket or disk did not do its part; the same call may succeed later."""

    slug: ClassVar[str] = "unavailable"


class Busy(Unavailable):
    """Another writer holds the archive and did not finish within the time we were told to wait."""

    slug: ClassVar[str] = "busy"


class Conflict(LongwatchError):
    """What was asked contradicts what is stored: a series declared twice with different columns, a changed object."""

    slug: ClassVar[str] = "conflict"


class Refused(LongwatchError, PermissionError):
    """The archive may not do this: a write through a read-only or `as_of` view, a statement that writes."""

    slug: ClassVar[str] = "refused"


class PluginError(LongwatchError):
    """A plug-in breaks its contract; it is named, reported by `doctor`, and skipped.

    Parameters
    ----------
    plugin
        Name of the plug-in at fault.
    reason
        What is wrong and what the contract wants.
    """

    slug: ClassVar[str] = "plugin"

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(plugin, reason)
        self.plugin = plugin
        self.reason = reason

    @override
    def __str__(self) -> str:
        """Name the plug-in and say what is wrong."""
        return f"Plug-in {self.plugin!r}: {self.reason}"
