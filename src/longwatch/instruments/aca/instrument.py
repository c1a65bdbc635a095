"""The declaration of Chandra/ACA: kinds, series, monitors, limits and simulator.

Owns the list, read like a table of contents. Must not know how any of its parts works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from longwatch.contracts.instrument import Command, Instrument, Timeline
from longwatch.contracts.kind import FileKind
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.instruments.aca import columns, dark_files, dark_properties, frames, hdr3_channels, observations, readers
from longwatch.instruments.aca.monitors.ccd_temperature import CcdTemperature
from longwatch.instruments.aca.monitors.coverage import Coverage
from longwatch.instruments.aca.monitors.hot_pixels import HotPixels
from longwatch.instruments.aca.monitors.housekeeping import Housekeeping
from longwatch.instruments.aca.monitors.onboard_background import OnboardBackground
from longwatch.instruments.aca.monitors.warm_pixels import WarmPixels

KINDS: Final = (
    FileKind(
        name="aca.l0",
        description="Level-0 image telemetry: the images and header fields of one slot, up to 6429 s.",
        claim=readers.claim,
        read=readers.read,
        keywords=("TSTART", "TSTOP", "STARTMJF", "STARTMNF", "STOPMJF", "STOPMNF", "TLMVER", "ASCDSVER", "REVISION"),
        strict_checksum=False,
    ),
    FileKind(
        name="aca.frames",
        description="Raw telemetry frames as they come down, with the time of each.",
        claim=frames.claim,
        read=frames.read,
    ),
    FileKind(
        name="aca.observations",
        description="Table of dwells: obsid, start and stop.",
        claim=observations.claim,
        read=observations.read,
    ),
    FileKind(
        name=dark_files.CUBE,
        description="Map of a dark calibration: image.fits in a directory YYYYDOY, or a FITS image that names its day.",
        claim=dark_files.claim,
        read=dark_files.read,
        keywords=("T_CCD",),
    ),
    FileKind(
        name=dark_properties.KIND,
        description="What else is known of a dark calibration: properties.json in its directory YYYYDOY.",
        claim=dark_properties.claim,
        read=dark_properties.read,
    ),
)

TIMELINES: Final = (
    Timeline(
        name=observations.TIMELINE,
        description="Observations: from the start of the first dwell of an obsid to the end of its last.",
    ),
    Timeline(
        name=dark_files.CUBE,
        description="Dark calibrations, numbered by year and day, YYYYDOY; each spans its UTC day.",
    ),
)

SERIES: Final = (
    SeriesSpec(
        name=readers.SERIES,
        description="Image telemetry of the eight slots: images, header fields and housekeeping, a row an image.",
        columns=columns.COLUMNS,
        time=columns.TIME.name,
        scale=TimeScale.CXC,
        key=(columns.SLOT.name,),
        instrument="aca",
        quality="quality",
    ),
    SeriesSpec(
        name=readers.HDR3_SERIES,
        description="Header-3 diagnostics decoded: voltages, temperatures, offsets, status; a row an 8x8 image.",
        columns=hdr3_channels.COLUMNS,
        time=columns.TIME.name,
        scale=TimeScale.CXC,
        key=(columns.SLOT.name,),
        instrument="aca",
        quality="quality",
    ),
    dark_files.CALS_SPEC,
    dark_files.CONDITIONS_SPEC,
)

INSTRUMENT: Final = Instrument(
    name="aca",
    title="Chandra/ACA",
    kinds=KINDS,
    series=SERIES,
    cubes=(dark_files.SPEC,),
    timelines=TIMELINES,
    monitors=(CcdTemperature(), WarmPixels(), HotPixels(), Housekeeping(), OnboardBackground(), Coverage()),
    commands=(
        Command(
            name="aca",
            help="Chandra/ACA: dark calibrations, header 3, image telemetry.",
            app="longwatch.instruments.aca.commands:APP",
        ),
    ),
    limits=Path(__file__).parent / "limits",
    simulate="longwatch.instruments.aca.simulate:simulate",
)
