"""Reading the files of the STIS pixel database: pixel properties, anneal periods, darks.

Owns claim and identity of the three kinds. Must not know where files come from or values go.
See spec/stis.md 2.2, 2.4 and 2.6.
"""

from __future__ import annotations

import re
from typing import Final

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Plane, Reading
from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.periods import parse_darks, parse_periods
from longwatch.instruments.stis.pixel_csv import parse_pixels

_NUMBERED: Final = re.compile(r"anneal_(?P<number>\d{1,5})\.csv(\.gz)?")


def claim_pixels(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a file by the first line of a table of pixel properties."""
    return float(head.startswith(c.PIXELS_HEADER))


def claim_periods(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a file by the first line of a table of anneal periods."""
    return float(head.startswith(c.PERIODS_HEADER))


def claim_darks(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a file by the first line of a table of dark exposures."""
    return float(head.startswith(c.DARKS_HEADER))


def read_pixels(source: Source) -> Reading:
    """Give the planes of one anneal period.

    Parameters
    ----------
    source
        A file named `anneal_{N}.csv`; N is the number of the period.

    Returns
    -------
    Reading
        Key `anneal_{N}`; one plane a property, the whole detector or a rectangle of it.

    Raises
    ------
    BadFile
        Raised if the name holds no number, or the lines are not what `parse_pixels` wants.
    """
    number = anneal_number(source.name)
    pixels = parse_pixels(source.data, name=source.name)
    planes = tuple(
        Plane(cube=c.CUBE, epoch=number, property=name, image=image, origin=pixels.origin)
        for name, image in pixels.images.items()
    )
    return Reading(key=f"anneal_{number}", keywords={"ANNEAL": number, "N_PIXELS": pixels.n_pixels}, planes=planes)


def read_periods(source: Source) -> Reading:
    """Give the anneal periods of a table; a newer table takes the place of the one before.

    Raises
    ------
    BadFile
        Raised if a line cannot be read.
    """
    epochs = parse_periods(source.data, name=source.name)
    starts = [epoch.start_us for epoch in epochs if epoch.start_us is not None]
    stops = [epoch.stop_us for epoch in epochs if epoch.stop_us is not None]
    return Reading(
        key="anneal_periods",
        t_min_us=min(starts, default=None),
        t_max_us=max(stops, default=None),
        keywords={"N_PERIODS": len(epochs)},
        epochs=epochs,
    )


def read_darks(source: Source) -> Reading:
    """Give the dark exposures of a table; a newer table takes the place of the one before.

    Raises
    ------
    BadFile
        Raised if a line cannot be read.
    """
    members = parse_darks(source.data, name=source.name)
    starts = [member.t_us for member in members if member.t_us is not None]
    return Reading(
        key="anneal_darks",
        t_min_us=min(starts, default=None),
        t_max_us=max(starts, default=None),
        keywords={"N_DARKS": len(members)},
        members=members,
    )


def anneal_number(name: str) -> int:
    """Give the number of the anneal period that a file of pixel properties is named by.

    Parameters
    ----------
    name
        File name without folders.

    Raises
    ------
    BadFile
        Raised if it is not named `anneal_{N}.csv`.
    """
    numbered = _NUMBERED.fullmatch(name)
    if not numbered:
        raise BadFile(
            f"{name}: sought the number of an anneal period in the name; the lines do not say which period they "
            "belong to. Name the file anneal_<number>.csv (anneal_200.csv) and ingest it again."
        )
    return int(numbered["number"])
