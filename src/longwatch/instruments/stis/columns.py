"""What each property of a STIS CCD pixel means, and under which name the old database gave it.

Owns the properties of the cube `stis.ccd` and the columns of the CSV tables. Must not know files or queries.
See spec/stis.md 1.1, 2.2 and 3.3.
"""

from __future__ import annotations

from typing import Final

from longwatch.domain.column import Column

TIMELINE: Final = "stis.anneal"
"""Name of the timeline of anneal periods."""

CUBE: Final = "stis.ccd"
"""Name of the cube of pixel properties."""

SHAPE: Final = (1024, 1024)
"""Rows (detector y) and columns (detector x) of the CCD."""

EXPOSURE_S: Final = 1100.0
"""Exposure time to which darks are scaled [s]."""

STABILITY: Final = Column(
    name="stability", unit="", description="Reduced chi-square of the weekly means of a period", dtype="f8"
)
SCI_MEAN: Final = Column(
    name="sci_mean", unit="DN", description="Mean dark signal of a period, in 1100 s at 18 deg C", dtype="f4"
)
ERR_MEAN: Final = Column(
    name="err_mean", unit="DN", description="Mean of the frames' own errors, not scaled by temperature", dtype="f4"
)
NAN_COUNT: Final = Column(
    name="nan_count", unit="", description="Frames of a period in which the pixel was rejected", dtype="i2"
)
READNOISE: Final = Column(
    name="readnoise",
    unit="DN",
    description="Mean of sqrt(ERR^2 - SCI) over frames: no read noise in the strict sense, it grows with the signal",
    dtype="f4",
)
PROPERTIES: Final = (STABILITY, SCI_MEAN, ERR_MEAN, NAN_COUNT, READNOISE)
"""Properties of the cube, in the order of the files."""

OLD_NAMES: Final = {
    "Stability": STABILITY,
    "Sci_Mean": SCI_MEAN,
    "Err_Mean": ERR_MEAN,
    "NaN_Count": NAN_COUNT,
    "Readnoise": READNOISE,
}
"""Properties by the names in the files and in the old pixel database, in their order."""

PIXELS_HEADER: Final = b"Row,Column,Stability,Sci_Mean,Err_Mean,NaN_Count,Readnoise"
"""First line of a file of pixel properties."""

PERIODS_HEADER: Final = b"number,start_utc,end_utc,duration_days,n_darks,exptime_counts,proposals,first_dark,last_dark"
"""First line of a table of anneal periods."""

DARKS_HEADER: Final = b"number,rootname,start_utc,exptime_s,proposid"
"""First line of a table of the dark exposures of anneal periods."""
