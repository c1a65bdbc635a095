"""Which observation held when: dwells of each obsid, from a table people keep.

Owns claim and meaning of that table. Must not know where epochs are kept.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from typing import Final

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import Epoch
from longwatch.domain.times import to_us
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.header import Header

TIMELINE: Final = "aca.obsid"
"""Name of the timeline; its numbers are obsids, so `"obsid:8008"` names one."""

_HEADER: Final = "obsid,start,stop"


def claim(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a table by its first line `obsid,start,stop`."""
    return float(head.startswith(_HEADER.encode()))


def read(source: Source) -> Reading:
    """Give an epoch for each obsid, from the start of its first dwell to the end of its last.

    Parameters
    ----------
    source
        CSV with a line for each dwell; times in any accepted form, bare numbers being Chandra seconds.

    Raises
    ------
    BadFile
        Raised if a line cannot be read.
    """
    dwells: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, line in enumerate(csv.reader(source.data.decode("utf-8", "replace").splitlines()[1:]), start=2):
        try:
            obsid, start, stop = line
            dwells[int(obsid)].append((_instant_us(start), _instant_us(stop)))
        except (ValueError, BadQuery) as error:
            raise BadFile(f"{source.name}, line {number}: sought {_HEADER}, there is {line}: {error}") from error
    epochs = tuple(
        Epoch(
            timeline=TIMELINE,
            number=obsid,
            start_us=min(start for start, _ in spans),
            stop_us=max(stop for _, stop in spans),
            attributes={"dwells": len(spans)},
        )
        for obsid, spans in sorted(dwells.items())
    )
    return Reading(key=source.name, keywords={"N_OBSIDS": len(epochs)}, epochs=epochs)


def _instant_us(text: str) -> int:
    bare = text.strip().replace(".", "", 1).isdigit()
    return to_us(float(text) if bare else text)
