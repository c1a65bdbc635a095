"""A dry run: which kind would claim each file, with nothing stored.

Owns the preview. Must not know how files are read beyond their first header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from longwatch.contracts.kind import FileKind
from longwatch.errors import LongwatchError
from longwatch.fits.content import inflate
from longwatch.fits.header import primary_header
from longwatch.ingest.claim import claims
from longwatch.ingest.reader import bare_name
from longwatch.ingest.walk import walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an ingest would make of one file.

    Parameters
    ----------
    path
        The file.
    kind
        The kind that is surest; empty where nobody claims it.
    confidence
        In [0, 1].
    others
        Other kinds that claim it.
    reason
        Why it cannot be read; empty where it can.
    """

    path: str
    kind: str = ""
    confidence: float = 0.0
    others: tuple[str, ...] = ()
    reason: str = ""


def preview(
    kinds: Sequence[FileKind], places: Iterable[str | Path], *, limit: int, avoid: Path | None = None
) -> Iterator[Preview]:
    """Say which kind would claim each file.

    Parameters
    ----------
    kinds
        Every file kind.
    places
        Files, folders and glob patterns.
    limit
        Largest uncompressed content that is looked at [byte].
    avoid
        The archive's own folder.

    Yields
    ------
    Preview
        One for each file.
    """
    for folder in walk(places, avoid=avoid):
        for path in folder.files:
            yield _preview(kinds, Path(path), limit)


def _preview(kinds: Sequence[FileKind], path: Path, limit: int) -> Preview:
    try:
        content = inflate(path.read_bytes(), name=path.name, limit=limit)
        header = primary_header(content, name=path.name)
        found = claims(kinds, bare_name(path.name), content, header)
    except (LongwatchError, OSError) as error:
        return Preview(path=str(path), reason=str(error))
    if not found:
        return Preview(path=str(path))
    sure, kind = found[0]
    return Preview(path=str(path), kind=kind.name, confidence=sure, others=tuple(k.name for _, k in found[1:]))
