"""What each COS column means: name, unit and description, once.

Owns the columns of the series `cos.lampflash`, `cos.jitter` and `cos.sms`. Must not know files or how rows are stored.
See spec/cos.md 2.20, 3.3 and 3.6.
"""

from __future__ import annotations

from typing import Final

from longwatch.domain.column import Column

TIME: Final = Column(
    name="time",
    unit="d",
    description="Start of the exposure plus the median event time in the flash, MJD UTC",
    ucd="time.epoch",
)
ROOTNAME: Final = Column(
    name="rootname", unit="", description="Rootname of the exposure", dtype="str", ucd="meta.id;obs"
)
SEGMENT: Final = Column(
    name="segment", unit="", description="FUVA, FUVB; or NUV stripe NUVA, NUVB, NUVC", dtype="str", ucd="meta.id"
)
FLASH: Final = Column(
    name="flash", unit="", description="Number of the lamp flash in the exposure, from 1", dtype="i2", ucd="meta.number"
)
ELAPSED: Final = Column(
    name="elapsed",
    unit="s",
    description="Median event time in the flash, since the start of the exposure (TIME in the file)",
    ucd="time.duration",
)

LAMPFLASH_SETUP: Final = (
    Column(name="detector", unit="", description="FUV or NUV", dtype="str", ucd="meta.id;instr.det"),
    Column(name="opt_elem", unit="", description="Grating", dtype="str", ucd="instr.setup"),
    Column(
        name="cenwave", unit="Angstrom", description="Central wavelength of the setting", dtype="i4", ucd="instr.setup"
    ),
    Column(name="fppos", unit="", description="FP-POS, 1 to 4; 3 is nominal", dtype="i2", ucd="instr.setup"),
    Column(
        name="fpoffset", unit="", description="FP offset from nominal in motor steps", dtype="i2", ucd="instr.setup"
    ),
    Column(name="life_adj", unit="", description="Lifetime position; -1: none of them", dtype="i2", ucd="instr.setup"),
    Column(
        name="lamptab", unit="", description="Lamp template table the file names; key of a `cos.lamptab`", dtype="str"
    ),
    Column(
        name="wcptab", unit="", description="Wavecal parameter table the file names; key of a `cos.wcptab`", dtype="str"
    ),
)
"""What the primary header says of every flash of an exposure."""

LAMPFLASH_TABLE: Final = (
    Column(name="exptime", unit="s", description="Duration of the flash", ucd="time.duration;obs.exposure"),
    Column(name="lamp_on", unit="s", description="Lamp switched on, since the start of the exposure"),
    Column(name="lamp_off", unit="s", description="Lamp switched off, since the start of the exposure"),
    Column(name="nelem", unit="", description="Elements of the extracted spectrum", dtype="i4", ucd="meta.number"),
    Column(
        name="shift_disp",
        unit="pix",
        description="Offset of the lamp spectrum along dispersion, not corrected for FP-POS",
        dtype="f4",
        ucd="pos.wcs",
    ),
    Column(
        name="shift_xdisp",
        unit="pix",
        description="Offset of the lamp spectrum across dispersion",
        dtype="f4",
        ucd="pos.wcs",
    ),
    Column(
        name="spec_found",
        unit="",
        description="Whether the lamp spectrum was found; where not, the shifts are copies from another segment",
        dtype="bool",
        ucd="meta.code.qual",
    ),
    Column(name="chi_square", unit="", description="Chi square of the match with the template", dtype="f4"),
    Column(name="n_deg_freedom", unit="", description="Degrees of freedom of the match", dtype="i4"),
)
"""Scalar columns of the LAMPFLASH table that are stored as they are, under their names in lower case."""

LAMPFLASH: Final = (TIME, ROOTNAME, SEGMENT, FLASH, ELAPSED, *LAMPFLASH_SETUP, *LAMPFLASH_TABLE)
"""All columns of `cos.lampflash`."""

SECONDS: Final = Column(
    name="seconds", unit="s", description="Since the start of the exposure, which the file does not tell", dtype="f4"
)
OBS_ID: Final = Column(
    name="obs_id", unit="", description="Rootname of the exposure the rows belong to", dtype="str", ucd="meta.id;obs"
)


def _line_of_sight(axis: int) -> tuple[Column, ...]:
    """Give the statistics of the pointing along one vehicle axis."""
    name, where = f"si_v{axis}", f"in V{axis} over the interval"
    return (
        Column(name=f"{name}_avg", unit="arcsec", description=f"Mean jitter {where}", dtype="f4"),
        Column(name=f"{name}_rms", unit="arcsec", description=f"RMS of the jitter {where}", dtype="f4"),
        Column(name=f"{name}_p2p", unit="arcsec", description=f"Peak to peak of the jitter {where}", dtype="f4"),
    )


JITTER_TABLE: Final = (
    SECONDS,
    Column(name="v2_dom", unit="arcsec", description="V2 coordinate of the dominant guide star", dtype="f4"),
    Column(name="v3_dom", unit="arcsec", description="V3 coordinate of the dominant guide star", dtype="f4"),
    Column(name="v2_roll", unit="arcsec", description="V2 coordinate of the roll guide star", dtype="f4"),
    Column(name="v3_roll", unit="arcsec", description="V3 coordinate of the roll guide star", dtype="f4"),
    *_line_of_sight(2),
    *_line_of_sight(3),
    Column(name="ra", unit="deg", description="Right ascension of the aperture reference", ucd="pos.eq.ra"),
    Column(name="dec", unit="deg", description="Declination of the aperture reference", ucd="pos.eq.dec"),
    Column(name="roll", unit="deg", description="Position angle from north to +V3", ucd="pos.posAng"),
    Column(name="limbang", unit="deg", description="Angle between V1 and the Earth's limb", dtype="f4"),
    Column(name="termang", unit="deg", description="Angle between V1 and the terminator", dtype="f4"),
    Column(name="los_zenith", unit="deg", description="Angle between zenith and target", dtype="f4"),
    Column(name="latitude", unit="deg", description="Latitude below the telescope", dtype="f4", ucd="pos.earth.lat"),
    Column(name="longitude", unit="deg", description="Longitude below the telescope", dtype="f4", ucd="pos.earth.lon"),
    Column(name="mag_v1", unit="G", description="Magnetic field along V1", dtype="f4"),
    Column(name="mag_v2", unit="G", description="Magnetic field along V2", dtype="f4"),
    Column(name="mag_v3", unit="G", description="Magnetic field along V3", dtype="f4"),
    Column(name="brightlimb", unit="", description="1 where the limb of `limbang` is bright", dtype="i2"),
    Column(name="fgs_flags", unit="", description="Status flags of the guidance sensors", dtype="f4"),
    Column(name="daynight", unit="", description="1 in orbital day, 0 in orbital night", dtype="i2"),
    Column(name="recenter", unit="", description="1 while the guidance recentres", dtype="i2"),
    Column(name="takedata", unit="", description="1 while the guide stars are tracked", dtype="i2"),
    Column(name="slewflag", unit="", description="1 while the telescope slews", dtype="i2"),
)
"""The 28 columns of a jitter table, under their names in lower case; a placeholder (1.6e38) is masked."""

JITTER: Final = (OBS_ID, *JITTER_TABLE)
"""All columns of `cos.jitter`."""

SMS_TIME: Final = Column(
    name="time", unit="d", description="Planned start of the exposure, MJD UTC", ucd="time.start;obs"
)
SMS_TEXT: Final = (
    Column(name="exposure", unit="", description="Program, observation set and alignment: BB90601", dtype="str"),
    Column(
        name="file_id", unit="", description="Report that brought the row: 181137b4; the largest holds", dtype="str"
    ),
    Column(name="rootname", unit="", description="Rootname without its last letter", dtype="str", ucd="meta.id;obs"),
    Column(name="target", unit="", description="Target, ten characters", dtype="str", ucd="meta.id;src"),
    Column(name="detector", unit="", description="FUV or NUV", dtype="str", ucd="meta.id;instr.det"),
    Column(name="opmode", unit="", description="TIME-TAG, ACCUM, ACQ/SEARCH, ACQ/IMAGE ...", dtype="str"),
    Column(
        name="hvstate",
        unit="",
        description="FUV high voltage: a state (HVNom), or levels of segments A/B (163/167); masked where blank",
        dtype="str",
    ),
    Column(name="aperture", unit="", description="PSA, BOA, WCA, FCA or REL", dtype="str"),
    Column(name="life_adj", unit="", description="Lifetime position code; masked where blank", dtype="str"),
    Column(name="osm1", unit="", description="Element on OSM1", dtype="str"),
    Column(name="osm2", unit="", description="Element on OSM2; masked where the light does not reach it", dtype="str"),
)
SMS_NUMBERS: Final = (
    Column(name="proposid", unit="", description="Proposal number", dtype="i4"),
    Column(name="exptime", unit="s", description="Planned exposure time", ucd="time.duration;obs.exposure"),
    Column(name="cenwave", unit="Angstrom", description="Central wavelength; 0 for imaging", dtype="i4"),
    Column(name="fppos", unit="", description="FP-POS, 1 to 4", dtype="i2"),
    Column(name="tsinceosm1", unit="s", description="Since OSM1 moved last, at the planned start", dtype="i4"),
    Column(name="tsinceosm2", unit="s", description="Since OSM2 moved last, at the planned start", dtype="i4"),
)

SMS: Final = (SMS_TIME, *SMS_TEXT, *SMS_NUMBERS)
"""All columns of `cos.sms`."""
