"""Reading raw telemetry frames: the same rows that level-0 files bring.

Owns claim, identity and rows of the kind `aca.frames`. Must not know how packets are laid out, nor where rows go.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading, Rows
from longwatch.domain.times import us_from_cxc
from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.downlink import FRAME_BYTES, counters, packets, slot_rows, whole_groups
from longwatch.instruments.aca.readers import slot_rows as rows_of_slot

_FRAME_COLUMN: Final = (b"= 'FRAME   '", b"= '1025B")


def claim(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a file by its column FRAME of 1025 bytes."""
    return float(all(word in head for word in _FRAME_COLUMN))


def read(source: Source) -> Reading:
    """Give the rows of all slots in a file of frames.

    Parameters
    ----------
    source
        A FITS table with TIME [Chandra seconds] and FRAME (1025 bytes); a frame a row, in order.

    Returns
    -------
    Reading
        Key `frames_<first time>`; images whose frames are not all there are left out.

    Raises
    ------
    BadFile
        Raised if there is no such table or it is empty.
    """
    time, frames = _table(source)
    counter = counters(frames)
    starts = whole_groups(counter)
    data, at, count = packets(frames, starts), time[starts], counter[starts]
    found = [(slot, rows) for slot in range(c.SLOTS) for rows in slot_rows(slot, data, count, at)]
    rows: list[Rows] = [part for slot, images in found for part in rows_of_slot(source.name, images, slot)]
    return Reading(
        key=f"frames_{int(time[0])}",
        t_min_us=int(us_from_cxc(float(time.min()))),
        t_max_us=int(us_from_cxc(float(time.max()))),
        keywords={"N_FRAMES": len(frames), "N_IMAGES": sum(len(images["time"]) for _, images in found)},
        rows=tuple(rows),
    )


def _table(source: Source) -> tuple[np.ndarray, np.ndarray]:
    for hdu in source.fits.hdus if source.fits else ():
        table = hdu.table()
        if {"TIME", "FRAME"} <= set(table) and len(table["TIME"]) and table["FRAME"].shape[1:] == (FRAME_BYTES,):
            return table["TIME"].astype(float), table["FRAME"].astype(np.uint8)
    raise BadFile(
        f"{source.name}: sought a table with TIME and FRAME of {FRAME_BYTES} bytes and at least one row; there is "
        "none. Write the frames as such a table, one a row."
    )
