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

LIFE: Final = "stis.life"
"""Name of the cube of our own pixel properties, derived from dark frames."""

_RATE: Final = "electron / s"

DARK_RATE: Final = Column(
    name="dark_rate", unit=_RATE, description="Mean dark rate of a period at 18 deg C", dtype="f4"
)
DARK_RATE_ERR: Final = Column(
    name="dark_rate_err", unit=_RATE, description="Scatter of the frames about the mean, over sqrt(n_good)", dtype="f4"
)
DARK_RATE_SYST: Final = Column(
    name="dark_rate_syst",
    unit=_RATE,
    description="Error of the mean that frames with the same bias reference have in common",
    dtype="f4",
)
DARK_MEDIAN: Final = Column(name="dark_median", unit=_RATE, description="Median of the frames' rates", dtype="f4")
CHI2_FRAME: Final = Column(
    name="chi2_frame", unit="", description="Reduced chi-square of the frames about the mean", dtype="f4"
)
SLOPE: Final = Column(
    name="slope", unit="electron / (s d)", description="Weighted straight trend of the rate in a period", dtype="f4"
)
SLOPE_ERR: Final = Column(
    name="slope_err", unit="electron / (s d)", description="Standard deviation of the trend", dtype="f4"
)
TEMP_COEF: Final = Column(
    name="temp_coef", unit="1 / K", description="Growth of the rate per degree, relative to 18 deg C", dtype="f4"
)
TEMP_COEF_ERR: Final = Column(
    name="temp_coef_err", unit="1 / K", description="Standard deviation of the growth per degree", dtype="f4"
)
READNOISE_TRUE: Final = Column(
    name="readnoise_true", unit="DN", description="Scatter of the frames less counting noise: read noise", dtype="f4"
)
P_JUMP: Final = Column(
    name="p_jump", unit="", description="Chance that noise alone makes a step as large as the largest", dtype="f4"
)
T_JUMP: Final = Column(name="t_jump", unit="d", description="When the most likely step happened (MJD, UTC)", dtype="f8")
JUMP: Final = Column(
    name="jump", unit=_RATE, description="Mean rate after the most likely step less that before", dtype="f4"
)
RATE_FIRST: Final = Column(
    name="rate_first", unit=_RATE, description="Mean rate in the first week: after the anneal that opens", dtype="f4"
)
RATE_LAST: Final = Column(
    name="rate_last", unit=_RATE, description="Mean rate in the last week: before the anneal that closes", dtype="f4"
)
N_FRAMES: Final = Column(name="n_frames", unit="", description="Frames used of a period", dtype="i2")
N_GOOD: Final = Column(
    name="n_good", unit="", description="Frames in which the pixel counts, own rejection included", dtype="i2"
)
N_SAT: Final = Column(name="n_sat", unit="", description="Frames in which the pixel was saturated", dtype="i2")

LIFE_PROPERTIES: Final = (
    DARK_RATE,
    DARK_RATE_ERR,
    DARK_RATE_SYST,
    DARK_MEDIAN,
    CHI2_FRAME,
    SLOPE,
    SLOPE_ERR,
    TEMP_COEF,
    TEMP_COEF_ERR,
    READNOISE_TRUE,
    P_JUMP,
    T_JUMP,
    JUMP,
    RATE_FIRST,
    RATE_LAST,
    N_FRAMES,
    N_GOOD,
    N_SAT,
)
"""Properties of the cube `stis.life`."""

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
