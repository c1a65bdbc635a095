"""The declaration of HST/COS: kinds, series, monitors, limits and simulator.

Owns the list, read like a table of contents. Must not know how any of its parts works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.instruments.cos import claims, columns, headers, readers, sms
from longwatch.instruments.cos.monitors.osm_shift import OsmShift

SETUP: Final = ("ROOTNAME", "PROPOSID", "OBSET_ID", "LINENUM", "TARGNAME")
"""What every product can be searched by."""

KINDS: Final = (
    FileKind(
        name="cos.lampflash",
        description="Lamp flashes of one exposure: extracted wavecal spectra and their shifts.",
        claim=claims.claim_lampflash,
        read=readers.read_lampflash,
        version_key=headers.product_version,
        keywords=(
            *SETUP,
            *("DETECTOR", "SEGMENT", "OPT_ELEM", "CENWAVE", "FPPOS", "LIFE_ADJ", "APERTURE", "APERYPOS", "ASN_ID"),
            *("LAMPTAB", "WCPTAB", "TAGFLASH", "LAMPUSED", "CAL_VER", "EXPSTART", "EXPTIME", "NUMFLASH"),
        ),
    ),
    FileKind(
        name="cos.rawacq",
        description="Raw target acquisition: two images, or the counts at each dwell point.",
        claim=claims.claim_rawacq,
        read=readers.read_rawacq,
        version_key=headers.product_version,
        keywords=(
            *SETUP,
            *("EXPTYPE", "DETECTOR", "OPT_ELEM", "CENWAVE", "LIFE_ADJ", "APERTURE", "ACQSTAT", "ACQSLEWX", "ACQSLEWY"),
            *("LAMPEVNT", "SHUTTER", "EXTENDED", "OBSTYPE", "EXPSTART", "EXPTIME", "NEVENTS"),
        ),
    ),
    FileKind(
        name="cos.spt",
        description="Support file of an exposure: planned observation and engineering telemetry.",
        claim=claims.claim_spt,
        read=readers.read_spt,
        version_key=headers.date_version,
        keywords=(*SETUP, "CONFIG", "DGESTAR", "SGESTAR", "PROP_TYP", "SAAAVOID", "LQTATYPE", "LQTAXCOR", "LQTAYCOR"),
    ),
    FileKind(
        name="cos.jit",
        description="Jitter of the line of sight during one exposure or the exposures of an association.",
        claim=claims.claim_jit,
        read=readers.read_jit,
        version_key=headers.date_version,
        keywords=("ROOTNAME", "PROPOSID", "TARGNAME", "CONFIG", "ASN_ID", "EXPNAME"),
    ),
    FileKind(
        name="cos.sms",
        description="Exposure report: the planned exposures of one Science Mission Schedule.",
        claim=claims.claim_sms,
        read=sms.read_sms,
    ),
    FileKind(
        name="cos.lamptab",
        description="Reference table of lamp template spectra and of the shifts FP-POS makes.",
        claim=claims.claim_lamptab,
        read=readers.read_lamptab,
        version_key=headers.date_version,
        keywords=("DETECTOR", "USEAFTER", "PEDIGREE", "DESCRIP"),
    ),
    FileKind(
        name="cos.wcptab",
        description="Reference table of wavecal parameters, the search ranges among them.",
        claim=claims.claim_wcptab,
        read=readers.read_wcptab,
        version_key=headers.date_version,
        keywords=("DETECTOR", "USEAFTER", "PEDIGREE", "DESCRIP"),
    ),
)

SERIES: Final = (
    SeriesSpec(
        name="cos.lampflash",
        description="Shifts of the lamp spectrum, a row for each lamp flash and segment.",
        columns=columns.LAMPFLASH,
        time=columns.TIME.name,
        scale=TimeScale.MJD_UTC,
        key=("rootname", "segment", "flash"),
        instrument="cos",
    ),
    SeriesSpec(
        name="cos.jitter",
        description="Jitter of the line of sight, every 3 s or faster.",
        columns=columns.JITTER,
        time=columns.SECONDS.name,
        scale=TimeScale.RELATIVE_S,
        key=(columns.OBS_ID.name,),
        exposure=columns.OBS_ID.name,
        instrument="cos",
    ),
    SeriesSpec(
        name="cos.sms",
        description="Planned exposures, a row for each exposure and report.",
        columns=columns.SMS,
        time=columns.SMS_TIME.name,
        scale=TimeScale.MJD_UTC,
        key=("exposure", "file_id"),
        instrument="cos",
    ),
)

INSTRUMENT: Final = Instrument(
    name="cos",
    title="HST/COS",
    kinds=KINDS,
    series=SERIES,
    monitors=(OsmShift(),),
    limits=Path(__file__).parent / "limits",
    simulate="longwatch.instruments.cos.simulate:simulate",
)
