"""What each column of the ACA image telemetry means: name, unit and description, once.

Owns the columns of the series `aca.l0`. Must not know files or how rows are stored. See spec/aca-dark-hdr3-l0.md 3.1.
"""

from __future__ import annotations

from typing import Final

from longwatch.domain.column import Column

SLOTS: Final = 8
"""Image slots of the camera, 0 to 7."""

FULL: Final = 8
"""Rows and columns of the largest image; smaller ones fill the low corner of this frame."""

SIZES: Final = (4, 6, 8)
"""Rows (and columns) an image may have."""

KELVIN: Final = 273.15
"""Zero of the Celsius scale [K]."""

SLOT: Final = Column(name="slot", unit="", description="Image slot of the camera, 0 to 7", dtype="u1")
TIME: Final = Column(name="time", unit="s", description="Middle of the integration, Chandra time", ucd="time.epoch")
INTEG: Final = Column(name="integ", unit="s", description="Integration time", dtype="f4", ucd="time.duration")
END_INTEG: Final = Column(name="end_integ_time", unit="s", description="End of the integration, Chandra time")
TEMPCCD: Final = Column(
    name="tempccd", unit="K", description="CCD temperature, in steps of 0.4 K", dtype="f4", ucd="phys.temperature"
)
IMGSIZE: Final = Column(name="imgsize", unit="", description="Rows and columns of the image: 4, 6 or 8", dtype="u1")
IMGRAW: Final = Column(
    name="imgraw",
    unit="DN",
    description=(
        "Calibrated pixels [row, col]; images of 4x4 and 6x6 fill the low corner, what was not read out is masked; "
        "the four corners of a 6x6 image are not telemetered and stand as 0"
    ),
    dtype="f4",
    shape=(FULL, FULL),
)
PIXTLM: Final = Column(
    name="pixtlm", unit="", description="What the pixels are: ORIG, DYNB or DIFF; ORIG before the patch", dtype="str"
)
BGDTYP: Final = Column(
    name="bgdtyp", unit="", description="Background algorithm: FLAT or DYNB; FLAT before the patch", dtype="str"
)

FILLED: Final = {PIXTLM.name: "ORIG", BGDTYP.name: "FLAT"}
"""Columns that older files lack, and what held then."""


def _fiducial(group: int) -> tuple[Column, ...]:
    """Give the identification that each packet of an image repeats."""
    packet = f"in packet {group} of the image"
    return (
        Column(name=f"imgfid{group}", unit="", description=f"1 for a fid light, 0 for a star, {packet}", dtype="u1"),
        Column(
            name=f"imgnum{group}", unit="", description=f"Image number 0 to 7, equal to the slot, {packet}", dtype="u1"
        ),
        Column(
            name=f"imgfunc{group}",
            unit="",
            description=f"Function: 0 none, 1 track, 2 search, 3 reacquire, {packet}",
            dtype="u1",
        ),
    )


def _temperature(name: str, of: str) -> Column:
    """Give a housekeeping temperature of header 2."""
    description = f"{of} temperature, in steps of 0.4 K"
    return Column(name=name, unit="K", description=description, dtype="f4", ucd="phys.temperature")


HEADER_3: Final = tuple(f"hd3tlm{image_type}{word}" for image_type in (6, 7) for word in range(2, 8))
"""Names of the twelve diagnostic bytes of an 8x8 image."""

IN_EVERY_SIZE: Final = (
    TIME,
    Column(name="quality", unit="", description="0 good, 1 bad", dtype="i4", ucd="meta.code.qual"),
    Column(name="mjf", unit="", description="Major frame counter, 0 to 131071", dtype="i4"),
    Column(name="mnf", unit="", description="Minor frame of the first packet, 0 to 127", dtype="i4"),
    END_INTEG,
    INTEG,
    Column(name="glbstat", unit="", description="Global status, eight flags", dtype="u1"),
    Column(name="commcnt", unit="", description="Command count (high six bits) and two error flags", dtype="u1"),
    Column(name="commprog", unit="", description="Command progress (high six bits) and repeats", dtype="u1"),
    *_fiducial(1),
    Column(
        name="imgstat",
        unit="",
        description="Image status, six flags: 1 ionising radiation, 2 several stars, 4 common column, 8 quadrant "
        "boundary, 16 defective pixel, 32 saturated pixel",
        dtype="u1",
    ),
    Column(name="imgrow0", unit="", description="Row of the image's first pixel, -512 to 511", dtype="i2"),
    Column(name="imgcol0", unit="", description="Column of the image's first pixel, -512 to 511", dtype="i2"),
    Column(name="imgscale", unit="", description="Scale of the 10-bit counts: DN = counts scale / 32 - 50", dtype="u2"),
    Column(name="bgdavg", unit="DN", description="Background the camera subtracted from its own sums", dtype="u2"),
)
"""What every row has."""

FROM_6X6: Final = (
    *_fiducial(2),
    Column(name="bgdrms", unit="DN", description="Scatter of the background pixels", dtype="u2"),
    TEMPCCD,
    _temperature("temphous", "Housing"),
    _temperature("tempprim", "Primary mirror (lens cell)"),
    _temperature("tempsec", "Secondary mirror"),
    Column(
        name="bgdstat",
        unit="",
        description="Background pixels kept, one bit each, A1 the highest and P4 the lowest",
        dtype="u1",
    ),
)
"""What rows with images of 6x6 and 8x8 have, and those of 4x4 have not."""

FROM_8X8: Final = (
    *_fiducial(3),
    *_fiducial(4),
    *(
        Column(name=name, unit="", description=f"Header-3 byte of image type {name[6]}, word {name[7]}", dtype="u1")
        for name in HEADER_3
    ),
)
"""What only rows with images of 8x8 have."""

IN_FILE: Final = (*IN_EVERY_SIZE, *FROM_6X6, *FROM_8X8)
"""Columns that stand in files as they are, besides the image and those of the patch."""

COLUMNS: Final = (SLOT, *IN_FILE, PIXTLM, BGDTYP, IMGSIZE, IMGRAW)
"""All columns of the series."""
