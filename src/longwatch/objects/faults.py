"""Foreign errors of disks and buckets, translated once at the border of this room.

Owns the map from errno to our errors. Must not know which store asked.
"""

from __future__ import annotations

import errno
import sys

from longwatch.errors import BadQuery, LongwatchError, NotFound, Refused, Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FOREIGN = {"botocore.exceptions": "BotoCoreError", "aiohttp": "ClientError"}


def foreign_errors() -> tuple[type[Exception], ...]:
    """List the errors by which a bucket may fail: `OSError`, and those of the client libraries already loaded."""
    loaded = ((sys.modules[module], name) for module, name in _FOREIGN.items() if module in sys.modules)
    return (OSError, *(vars(module)[name] for module, name in loaded))


def translate(error: Exception, sought: str, location: str) -> LongwatchError:
    """Give our error for a foreign one, saying what was sought, what is there instead and what to do next.

    Parameters
    ----------
    error
        What a disk or a client library raised.
    sought
        What was being done, such as ``"read object 12ab"``.
    location
        The store, as its users know it.
    """
    code = error.errno if isinstance(error, OSError) else None
    if code in _FULL:
        return Unavailable(
            f"Could not {sought} in {location}: disk full ({error}). Nothing was committed; make room and run it again."
        )
    if code in _FORBIDDEN:
        return Refused(f"Could not {sought} in {location}: this user may not ({error}). Reading needs no such right.")
    if code == errno.EINVAL:
        return BadQuery(f"Could not {sought} in {location}: {error}. Ask for a range that lies within it.")
    if isinstance(error, FileNotFoundError):
        return NotFound(f"Could not {sought}: {location} has no such object. If the catalogue names it, run `doctor`.")
    return Unavailable(f"Could not {sought} in {location}: {error}. Try again when it is reachable.")
