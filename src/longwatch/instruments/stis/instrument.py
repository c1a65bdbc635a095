"""The declaration of HST/STIS: kinds, cube, timeline, monitors, limits and simulator.

Owns the list, read like a table of contents. Must not know how any of its parts works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from longwatch.contracts.instrument import Command, Instrument, Timeline
from longwatch.contracts.kind import FileKind
from longwatch.instruments.stis import columns, dark_files, declared, readers, saved_table
from longwatch.instruments.stis.monitors.anneal import Anneal
from longwatch.instruments.stis.monitors.dark_rate import DarkRate
from longwatch.instruments.stis.monitors.hot_pixels import HotPixels
from longwatch.instruments.stis.monitors.read_noise import ReadNoise
from longwatch.instruments.stis.monitors.temperature import TemperatureCoefficient
from longwatch.instruments.stis.monitors.usable_frames import UsableFrames

KINDS: Final = (
    FileKind(
        name=declared.DARK,
        description="Calibrated dark frames of the CCD, `{rootname}_flt.fits`: properties are derived from them.",
        claim=dark_files.claim_dark,
        read=dark_files.read_dark,
        version_key=dark_files.version_of,
        keywords=dark_files.KEYWORDS,
    ),
    FileKind(
        name=declared.BIAS,
        description="Calibrated bias frames of the CCD, `{rootname}_flt.fits`: pairs of them tell the read noise.",
        claim=dark_files.claim_bias,
        read=dark_files.read_dark,
        version_key=dark_files.version_of,
        keywords=dark_files.KEYWORDS,
    ),
    FileKind(
        name="stis.anneal_csv",
        description="Properties of every CCD pixel in one anneal period, `anneal_{N}.csv`.",
        claim=readers.claim_pixels,
        read=readers.read_pixels,
    ),
    FileKind(
        name="stis.anneal_periods",
        description="Table of anneal periods: number, start, end and what was observed.",
        claim=readers.claim_periods,
        read=readers.read_periods,
    ),
    FileKind(
        name="stis.anneal_page",
        description="Saved copy of the observatory's page of anneal periods, or the same table as CSV.",
        claim=saved_table.claim_saved,
        read=saved_table.read_saved,
    ),
    FileKind(
        name="stis.anneal_darks",
        description="Table of the dark exposures of each anneal period.",
        claim=readers.claim_darks,
        read=readers.read_darks,
    ),
)

TIMELINES: Final = (
    Timeline(
        name=columns.TIMELINE,
        description="Anneal periods: from one monthly anneal of the CCD to the next, numbered from 0 in February 1997.",
    ),
)

INSTRUMENT: Final = Instrument(
    name="stis",
    title="HST/STIS",
    kinds=KINDS,
    series=declared.SERIES,
    cubes=declared.CUBES,
    timelines=TIMELINES,
    monitors=(DarkRate(), HotPixels(), Anneal(), ReadNoise(), TemperatureCoefficient(), UsableFrames()),
    commands=(
        Command(
            name="stis",
            help="HST/STIS CCD: derive periods, ask for pixels, hot pixels and masks.",
            app="longwatch.instruments.stis.commands:APP",
        ),
    ),
    limits=Path(__file__).parent / "limits",
    simulate="longwatch.instruments.stis.simulate:simulate",
)
