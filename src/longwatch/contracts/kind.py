"""File kinds: how an instrument recognises a file and turns it into values.

Owns `Source` and `FileKind`. Must not know where files come from or where values go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from longwatch.contracts.reading import Reading
from longwatch.fits.file import FitsFile
from longwatch.fits.header import Header


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An opened file, as a reader gets it.

    Parameters
    ----------
    name
        File name without folders.
    data
        The whole uncompressed content.
    fits
        The parsed FITS file, checksums verified; None for any other file.
    folder
        Name of the folder it lies in, for files that only their folder names; empty where nobody knows.
    """

    name: str
    data: bytes
    fits: FitsFile | None = None
    folder: str = ""


Claim: TypeAlias = Callable[[str, bytes, Header | None], float]
"""`claim(name, first bytes, primary header or None)` -> confidence in [0, 1]; 0 is "not mine"."""


def no_version(_header: Header) -> str:
    """Give the same version for every file, so that the order of arrival decides."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """One kind of file. Its functions stand at module level: workers find them by name.

    Parameters
    ----------
    name
        `instrument.kind`.
    description
        One sentence.
    claim
        Says how sure it is that a file is of this kind; the highest confidence wins.
    read
        Turns one opened file into values; raises `BadFile` naming what is wrong.
    version_key
        Says from the primary header which version a file is, as text whose order is version order
        (`longwatch.domain.product.version_text`).
    keywords
        Header keywords that can be searched without opening a header.
    strict_checksum
        True: a file whose CHECKSUM or DATASUM is wrong goes to quarantine. False, for kinds whose files are
        known to be cut without new sums: it is stored, and found by `checksum="wrong"`.
    """

    name: str
    description: str
    claim: Claim
    read: Callable[[Source], Reading]
    version_key: Callable[[Header], str] = no_version
    keywords: tuple[str, ...] = ()
    strict_checksum: bool = True
