"""Which kind a file is of: every kind is asked, the surest wins.

Owns the question and the tie. Must not know any kind.
"""

from __future__ import annotations

from collections.abc import Sequence

from longwatch.contracts.kind import FileKind
from longwatch.errors import BadFile
from longwatch.fits.header import Header

HEAD = 8192
"""How many first bytes a kind is shown."""


def claims(kinds: Sequence[FileKind], name: str, content: bytes, header: Header | None) -> list[tuple[float, FileKind]]:
    """Give every kind that claims a file, the surest first."""
    head = content[:HEAD]
    asked = ((kind.claim(name, head, header), kind) for kind in kinds)
    return sorted(((sure, kind) for sure, kind in asked if sure > 0), key=lambda c: (-c[0], c[1].name))


def choose(kinds: Sequence[FileKind], name: str, content: bytes, header: Header | None) -> FileKind | None:
    """Give the kind of a file, or None where nobody claims it.

    Raises
    ------
    BadFile
        Raised if two kinds are equally sure.
    """
    found = claims(kinds, name, content, header)
    if not found:
        return None
    if len(found) > 1 and found[0][0] == found[1][0]:
        first, second = found[0][1].name, found[1][1].name
        raise BadFile(
            f"{name}: both {first} and {second} claim it with confidence {found[0][0]:g}, so neither takes it. "
            "Disable one of the plug-ins (`disabled_plugins`), or let one of them look closer, then retry it."
        )
    return found[0][1]
