"""Calibrated darks and biases: recognising FLT files, and what each of their exposures was taken with.

Owns claim, identity and keywords of the kinds `stis.dark` and `stis.bias`. Must not know periods, archives, or what is
derived. See spec/stis.md 2.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Exposure, version_text
from longwatch.domain.times import us_from_mjd
from longwatch.errors import BadFile
from longwatch.fits.file import FitsFile
from longwatch.fits.header import Header
from longwatch.fits.image import ImagePlane
from longwatch.instruments.stis.frames import expected_readnoise
from longwatch.instruments.stis.temperature import SIDE_2_MJD

KEYWORDS: Final = (
    "ROOTNAME",
    "PROPOSID",
    "TARGNAME",
    "CCDAMP",
    "CCDGAIN",
    "CCDOFFST",
    "ATODGAIN",
    "READNSE",
    "BINAXIS1",
    "BINAXIS2",
    "SUBARRAY",
    "NEXTEND",
    "TEXPSTRT",
    "TEXPTIME",
    "OCCDHTAV",
    "TEMPCORR",
    "CRCORR",
    "BIASFILE",
)
"""Keywords by which darks are found without opening a header."""

_UNKNOWN_C: Final = -1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imset:
    """One exposure of a file: how it was taken, and where its three images stand.

    Parameters
    ----------
    rootname, number
        The file's rootname and the EXTVER.
    mjd, exptime_s
        Start [MJD] and exposure time [s].
    ccdamp, ccdgain, binning, subarray
        As the header has them; binning as (x, y).
    gain, readnoise_dn
        ATODGAIN [electron / DN] and read noise [DN].
    temp_c
        OCCDHTAV [deg C]; NaN where the header does not say, or says -1.
    scaled
        True where the signal was already divided by the temperature factor.
    bias
        Name of the bias reference.
    origin
        Native (row, col) of the first pixel.
    sci, err, dq
        Where the images stand in the file.
    """

    rootname: str
    number: int
    mjd: float
    exptime_s: float
    ccdamp: str
    ccdgain: float
    binning: tuple[int, int]
    subarray: bool
    gain: float
    readnoise_dn: float
    temp_c: float
    scaled: bool
    bias: str
    origin: tuple[int, int]
    sci: ImagePlane
    err: ImagePlane
    dq: ImagePlane


def claim_dark(_name: str, _head: bytes, header: Header | None) -> float:
    """Claim a calibrated dark of the CCD by its primary header: an FLT, neither combined nor CTI-corrected."""
    return _claim(header, target="DARK")


def claim_bias(_name: str, _head: bytes, header: Header | None) -> float:
    """Claim a calibrated bias of the CCD, as `claim_dark` does a dark."""
    return _claim(header, target="BIAS")


def _claim(header: Header | None, *, target: str) -> float:
    if header is None:
        return 0.0
    mine = {"INSTRUME": "STIS", "DETECTOR": "CCD", "TARGNAME": target, "BLEVCORR": "COMPLETE"}
    not_mine = {"CRCORR": "COMPLETE", "PCTECORR": "COMPLETE"}
    is_mine = all(header.text(keyword).strip() == value for keyword, value in mine.items())
    return 0.95 * (is_mine and not any(header.text(keyword).strip() == value for keyword, value in not_mine.items()))


def version_of(header: Header) -> str:
    """Give the version of a file: the day it was written, and the calibration software."""
    return version_text(header.text("DATE"), header.text("CAL_VER"))


def read_dark(source: Source) -> Reading:
    """Give identity, time and keywords of a dark or a bias; its pixels stay in the file.

    Raises
    ------
    BadFile
        Raised if an exposure lacks an image, a start or an exposure time.
    """
    if source.fits is None:
        raise BadFile(f"{source.name}: sought a FITS file; this is none. Fetch it again.")
    taken = list(imsets(source.fits))
    first, last = taken[0], max(taken, key=lambda imset: imset.mjd)
    start_us, stop_us = us_from_mjd(first.mjd), us_from_mjd(last.mjd) + round(last.exptime_s * 1e6)
    side = 1 if first.mjd < SIDE_2_MJD else 2
    told: dict[str, Scalar] = {
        "detector": "CCD",
        "ccdamp": first.ccdamp,
        "ccdgain": first.ccdgain,
        "t_exptime": sum(imset.exptime_s for imset in taken),
        "occdhtav": None if math.isnan(first.temp_c) else first.temp_c,
        "side": side,
    }
    exposure = Exposure(instrument="stis", obs_id=first.rootname, t_min_us=start_us, t_max_us=stop_us, attributes=told)
    return Reading(
        key=first.rootname,
        t_min_us=start_us,
        t_max_us=stop_us,
        keywords={"SIDE": side, "N_IMSETS": len(taken)},
        exposures=(exposure,),
    )


def imsets(file: FitsFile) -> Iterator[Imset]:
    """Give the exposures of a file, in order of EXTVER.

    Raises
    ------
    BadFile
        Raised if there is none, or one lacks an image, a start or an exposure time.
    """
    versions = sorted({hdu.version for hdu in file.hdus if hdu.name.upper() == "SCI"})
    if not versions:
        raise BadFile(f"{file.name}: sought a SCI extension; there is none. It is no calibrated dark: fetch it again.")
    for version in versions:
        yield _imset(file, version)


def _imset(file: FitsFile, version: int) -> Imset:
    primary, sci = file.primary.header, file.hdu("SCI", version).header
    mjd = _needed(sci, "EXPSTART", file.name, other=primary.number("TEXPSTRT"))
    gain = primary.number("ATODGAIN") or primary.number("CCDGAIN", 1.0) or 1.0
    temp_c = sci.number("OCCDHTAV", _UNKNOWN_C)
    read = primary.number("READNSE")
    known = temp_c is not None and temp_c > 0
    planes = {name: _plane(file, name, version) for name in ("SCI", "ERR", "DQ")}
    return Imset(
        rootname=(primary.text("ROOTNAME") or file.name.split("_")[0]).strip().lower(),
        number=version,
        mjd=mjd,
        exptime_s=_needed(sci, "EXPTIME", file.name, other=primary.number("TEXPTIME")),
        ccdamp=primary.text("CCDAMP").strip(),
        ccdgain=primary.number("CCDGAIN", 1.0) or 1.0,
        binning=(int(primary.number("BINAXIS1", 1) or 1), int(primary.number("BINAXIS2", 1) or 1)),
        subarray=primary.get("SUBARRAY") is True,
        gain=gain,
        readnoise_dn=read / gain if read else expected_readnoise(mjd),
        temp_c=float(temp_c) if known and temp_c is not None else math.nan,
        scaled=primary.text("TEMPCORR").strip() == "COMPLETE",
        bias=primary.text("BIASFILE").strip(),
        origin=(_place(sci, "LTV2"), _place(sci, "LTV1")),
        sci=planes["SCI"],
        err=planes["ERR"],
        dq=planes["DQ"],
    )


def _plane(file: FitsFile, name: str, version: int) -> ImagePlane:
    plane = file.hdu(name, version).plane() if _has(file, name, version) else None
    if plane is None or len(plane.shape) != 2:
        raise BadFile(
            f"{file.name}: sought a plain image {name},{version}; there is none. "
            "A dark has SCI, ERR and DQ for every exposure: fetch the file again."
        )
    return plane


def _has(file: FitsFile, name: str, version: int) -> bool:
    return any(hdu.name.upper() == name and hdu.version == version for hdu in file.hdus)


def _needed(header: Header, keyword: str, name: str, *, other: float | None) -> float:
    value = header.number(keyword, other)
    if value is None or not math.isfinite(value):
        raise BadFile(f"{name}: sought {keyword} as a number; there is {header.get(keyword)!r}. Fetch it again.")
    return float(value)


def _place(header: Header, keyword: str) -> int:
    """Give the native place of the first pixel from the offset of image and detector coordinates."""
    return round(-(header.number(keyword, 0.0) or 0.0))
