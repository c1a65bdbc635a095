"""The cubes and series of STIS.

Owns their declarations. Must not know how they are filled.
"""

from __future__ import annotations

from typing import Final

from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec
from longwatch.instruments.stis import columns as c

DARK: Final = "stis.dark"
"""Name of the kind of calibrated dark frames."""

BIAS: Final = "stis.bias"
"""Name of the kind of calibrated bias frames."""

TIME: Final = Column(name="time", unit="us", description="Start of the exposure (TAI since 1970)", dtype="i8")
ROOTNAME: Final = Column(name="rootname", unit="", description="Rootname of the file", dtype="str")
IMSET: Final = Column(name="imset", unit="", description="EXTVER of the exposure in its file", dtype="i2")
ANNEAL: Final = Column(name="anneal", unit="", description="Anneal period the exposure counts to", dtype="i4")
SHA256: Final = Column(name="sha256", unit="", description="SHA-256 of the file as stored", dtype="str")
EXPTIME: Final = Column(name="exptime", unit="s", description="Exposure time", dtype="f8")
OCCDHTAV: Final = Column(name="occdhtav", unit="deg_C", description="Mean housing temperature of the CCD", dtype="f8")
FACTOR: Final = Column(
    name="factor", unit="", description="Dark signal relative to 18 deg C, at 7 per cent a degree", dtype="f8"
)
NOTEMP: Final = Column(
    name="notemp", unit="", description="True where the temperature is not known and the factor is 1", dtype="bool"
)
TARGET: Final = Column(name="target", unit="", description="What the file is: DARK or BIAS", dtype="str")
USED: Final = Column(name="used", unit="", description="Whether the properties are derived from it", dtype="bool")
REASON: Final = Column(name="reason", unit="", description="Why it is not used; empty where it is", dtype="str")

FRAMES: Final = SeriesSpec(
    name="stis.frames",
    description="Darks and biases of each anneal period as its properties were derived from them, a row an exposure.",
    columns=(TIME, ROOTNAME, IMSET, ANNEAL, SHA256, EXPTIME, OCCDHTAV, FACTOR, NOTEMP, TARGET, USED, REASON),
    key=(ROOTNAME.name, IMSET.name),
    instrument="stis",
)

SERIES: Final = (FRAMES,)

CUBES: Final = (
    CubeSpec(
        name=c.CUBE,
        description="Properties of every CCD pixel in every anneal period.",
        shape=c.SHAPE,
        properties=c.PROPERTIES,
        timeline=c.TIMELINE,
        instrument="stis",
    ),
    CubeSpec(
        name=c.LIFE,
        description="Our own properties of every CCD pixel in every anneal period, derived from dark frames.",
        shape=c.SHAPE,
        properties=c.LIFE_PROPERTIES,
        timeline=c.TIMELINE,
        instrument="stis",
    ),
)
