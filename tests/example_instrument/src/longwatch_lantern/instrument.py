"""The declaration of LANTERN: what it brings to an archive."""

from pathlib import Path

from longwatch.contracts.instrument import Instrument, Timeline
from longwatch.contracts.kind import FileKind
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch_lantern import dark
from longwatch_lantern.cooling import Cooling

DARK = FileKind(
    name="lantern.dark",
    description="The dark of one night, and the temperature of the CCD while it was taken.",
    claim=dark.claim,
    read=dark.read,
    version_key=dark.version_key,
    keywords=("NIGHT", "EXPTIME", "OBSERVER"),
)

CCD_TEMP = SeriesSpec(
    name="lantern.ccd_temp",
    description="Temperature of the CCD, every ten minutes of a dark.",
    columns=(
        Column(name="mjd", unit="d", description="Time of the reading, MJD UTC"),
        Column(name="ccd_temp", unit="deg_C", description="Temperature of the CCD"),
    ),
    time="mjd",
    scale=TimeScale.MJD_UTC,
    instrument="lantern",
)

CCD = CubeSpec(
    name="lantern.ccd",
    description="What every pixel did in every night.",
    shape=(64, 64),
    properties=(Column(name="dark_rate", unit="electron / s", description="Dark rate", dtype="f4"),),
    timeline="lantern.night",
    instrument="lantern",
)

NIGHT = Timeline(name="lantern.night", description="Nights, noon to noon, numbered from first light.")

INSTRUMENT = Instrument(
    name="lantern",
    title="LANTERN",
    kinds=(DARK,),
    series=(CCD_TEMP,),
    cubes=(CCD,),
    timelines=(NIGHT,),
    monitors=(Cooling(),),
    limits=Path(__file__).parent / "limits",
    simulate="longwatch_lantern.simulate:simulate",
)
