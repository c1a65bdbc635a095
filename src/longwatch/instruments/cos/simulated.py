"""Simulated COS products: bytes of lampflash, rawacq, spt, jit and reference files from a plain description.

Owns the structure of each product. Must not know the scenario or the physics behind the numbers. See spec/cos.md 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import numpy as np

from longwatch.instruments.cos.columns import JITTER_TABLE
from longwatch.instruments.cos.osm import NOMINAL_FPPOS, Setting
from longwatch.instruments.cos.templates import Part, Values, fits_bytes, table_part

ELEMENTS: Final = {"FUV": 16384, "NUV": 1274}
"""Elements of an extracted lamp spectrum."""
SEGMENTS: Final = {"FUV": ("FUVA", "FUVB"), "NUV": ("NUVA", "NUVB", "NUVC")}
POOL: Final = 6
"""Different lamp spectra made for each detector; exposures share them."""
JITTER_PLACEHOLDER: Final = 1.6e38

_MJD_0: Final = datetime(1858, 11, 17, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """One row of a LAMPFLASH table: a flash as one segment saw it.

    Parameters
    ----------
    segment
        FUVA ... NUVC.
    time_s, lamp_on, duration
        Median event time, switched on, and for how long [s].
    shift_disp, shift_xdisp
        As CalCOS would find them [pix].
    found
        False: the shifts are those of another segment.
    """

    segment: str
    time_s: float
    lamp_on: float
    duration: float
    shift_disp: float
    shift_xdisp: float
    found: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What the headers of an exposure's products share.

    Parameters
    ----------
    root
        Rootname.
    detector, opt_elem, cenwave, fppos, life_adj
        Setting.
    expstart
        MJD UTC [d].
    exptime
        [s].
    lamptab, wcptab
        Reference files it names, without suffix.
    """

    root: str
    detector: str
    opt_elem: str
    cenwave: int
    expstart: float
    exptime: float
    fppos: int = NOMINAL_FPPOS
    life_adj: int = 3
    lamptab: str = "simfuv_lamp"
    wcptab: str = "simfuv_wcp"

    def primary(self, product: str) -> Values:
        """Give what the primary header says."""
        return {
            "FILENAME": f"{self.root}_{product}.fits",
            "ROOTNAME": self.root,
            "DETECTOR": self.detector,
            "OPT_ELEM": self.opt_elem,
            "CENWAVE": self.cenwave,
            "FPPOS": self.fppos,
            "FPOFFSET": self.fppos - NOMINAL_FPPOS,
            "LIFE_ADJ": self.life_adj,
            "LAMPTAB": f"lref${self.lamptab}.fits",
            "WCPTAB": f"lref${self.wcptab}.fits",
            "OBSET_ID": self.root[4:6],
        }

    def extension(self) -> Values:
        """Give what the header of the first extension says."""
        start = _MJD_0 + timedelta(days=self.expstart)
        return {
            "ROOTNAME": self.root,
            "EXPNAME": self.root,
            "DATE-OBS": f"{start:%Y-%m-%d}",
            "TIME-OBS": f"{start:%H:%M:%S}",
            "EXPSTART": self.expstart,
            "EXPEND": self.expstart + self.exptime / 86400,
            "EXPTIME": self.exptime,
        }


def lampflash_bytes(exposure: Exposure, flashes: Sequence[Flash], *, spectrum: int = 0) -> bytes:
    """Give a lampflash file.

    Parameters
    ----------
    exposure, flashes
        What it says, rows in the order of the file.
    spectrum
        Which of the lamp spectra it holds.
    """
    rows = np.zeros(len(flashes), _lampflash_dtype(ELEMENTS[exposure.detector]))
    for name in ("WAVELENGTH", "NET", "GROSS", "BACKGROUND"):
        rows[name] = _spectra(exposure.detector)[name][spectrum % POOL]
    for row, flash in zip(rows, flashes, strict=True):
        row["SEGMENT"], row["SPEC_FOUND"] = flash.segment, b"T" if flash.found else b"F"
        row["TIME"], row["EXPTIME"] = flash.time_s, flash.duration
        row["LAMP_ON"], row["LAMP_OFF"] = flash.lamp_on, flash.lamp_on + flash.duration
        row["SHIFT_DISP"], row["SHIFT_XDISP"] = flash.shift_disp, flash.shift_xdisp
    rows["NELEM"], rows["CHI_SQUARE"], rows["N_DEG_FREEDOM"] = ELEMENTS[exposure.detector], 5000.0, 2900
    values = {**exposure.extension(), **_lamp_keywords(flashes)}
    primary = Part(hdu=0, values=exposure.primary("lampflash"))
    return fits_bytes(f"lampflash_{exposure.detector.lower()}", (primary, table_part(1, rows, values)))


def acq_image_bytes(exposure: Exposure, images: tuple[np.ndarray, np.ndarray], values: Values) -> bytes:
    """Give the rawacq file of an ACQ/IMAGE: an image before and one after the slew.

    Parameters
    ----------
    exposure
        The acquisition.
    images
        Two of (1024, 1024) counts.
    values
        Further keywords of the primary header: ACQSLEWX, LAMPEVNT ...
    """
    parts = [Part(hdu=0, values={**exposure.primary("rawacq"), "EXPTYPE": "ACQ/IMAGE", **values})]
    for version, image in enumerate(images, start=1):
        named: Values = {"EXTVER": version, "ROOTNAME": exposure.root, "EXPNAME": exposure.root}
        events = {**exposure.extension(), **named, "NEVENTS": int(image.sum())}
        stored = (image.astype(np.int32) - 32768).astype(">i2").tobytes()
        parts += [Part(hdu=1, values=events, data=stored), Part(hdu=2, values=named)]
        parts.append(Part(hdu=3, values=named, data=_image_quality()))
    return fits_bytes("rawacq_image", parts)


def peakup_bytes(exposure: Exposure, offsets: Sequence[float], counts: Sequence[int], values: Values) -> bytes:
    """Give the rawacq file of an ACQ/PEAKD.

    Parameters
    ----------
    exposure
        The acquisition.
    offsets, counts
        Of each dwell point [arcsec], and what was counted there.
    values
        Further keywords of the primary header.
    """
    rows = np.zeros(len(offsets), [("DWELL_POINT", ">i2"), ("DISP_OFFSET", ">f4"), ("COUNTS", ">i4")])
    rows["DWELL_POINT"], rows["DISP_OFFSET"], rows["COUNTS"] = np.arange(1, len(offsets) + 1), offsets, counts
    primary = Part(hdu=0, values={**exposure.primary("rawacq"), "EXPTYPE": "ACQ/PEAKD", "FILETYPE": "ACQ", **values})
    return fits_bytes("rawacq_peak", (primary, table_part(1, rows, exposure.extension())))


def spt_bytes(exposure: Exposure, support: Sequence[Values]) -> bytes:
    """Give a support file.

    Parameters
    ----------
    exposure
        The exposure it supports.
    support
        Keywords of each SUPPORT extension: LQTATYPE, LQTAXCOR ...
    """
    start = _MJD_0 + timedelta(days=exposure.expstart)
    planned = {"PSTRTIME": start - timedelta(seconds=60), "PSTPTIME": start + timedelta(seconds=exposure.exptime + 60)}
    primary: Values = {
        "FILENAME": f"{exposure.root}_spt.fits",
        "ROOTNAME": exposure.root,
        "CONFIG": f"COS/{exposure.detector}",
        **{keyword: f"{when:%Y.%j:%H:%M:%S}" for keyword, when in planned.items()},
    }
    parts = [Part(hdu=0, values={**primary, "NEXTEND": 3 * len(support)})]
    for version, values in enumerate(support, start=1):
        named: Values = {"EXTVER": version, "ROOTNAME": exposure.root, "EXPNAME": exposure.root}
        parts.append(Part(hdu=1, values={**named, **values}, data=_dump()))
        parts += [Part(hdu=2, values=named), Part(hdu=3, values=named)]
    return fits_bytes("spt", parts)


def jit_bytes(root: str, exposures: Mapping[str, Mapping[str, np.ndarray]]) -> bytes:
    """Give a jitter file.

    Parameters
    ----------
    root
        Its rootname, ending in j or 0.
    exposures
        For each EXPNAME (ending in j) its columns by lower-case name; those that are absent are 0.
    """
    dtype = [(column.name, {"f8": ">f8", "i2": ">i2"}.get(column.dtype, ">f4")) for column in JITTER_TABLE]
    parts = [Part(hdu=0, values={"FILENAME": f"{root}_jit.fits", "ROOTNAME": root, "NEXTEND": len(exposures)})]
    for version, (expname, columns) in enumerate(exposures.items(), start=1):
        rows = np.zeros(len(columns["seconds"]), dtype)
        for name, values in columns.items():
            rows[name] = values
        parts.append(table_part(1, rows, {"ROOTNAME": root, "EXPNAME": expname, "EXTVER": version}))
    return fits_bytes("jit", parts)


def lamptab_bytes(name: str, detector: str, pixels: Mapping[Setting, float]) -> bytes:
    """Give a LAMPTAB in the layout of the FUV tables.

    Parameters
    ----------
    name
        File name without suffix.
    detector
        FUV or NUV.
    pixels
        FP_PIXEL_SHIFT of each setting [pix].
    """
    layout = [("SEGMENT", "S4"), ("OPT_ELEM", "S5"), ("CENWAVE", ">i4"), ("FPOFFSET", ">i4"), ("HAS_LINES", "S1")]
    rows = np.zeros(len(pixels), [*layout, ("FP_PIXEL_SHIFT", ">f8"), ("INTENSITY", ">f8", (16384,))])
    rows["HAS_LINES"] = b"T"
    rows["INTENSITY"][:, 200::401] = 1.0
    for row, (setting, shift) in zip(rows, pixels.items(), strict=True):
        row["SEGMENT"], row["OPT_ELEM"], row["CENWAVE"], row["FPOFFSET"] = setting
        row["FP_PIXEL_SHIFT"] = shift
    primary = Part(hdu=0, values={"FILENAME": f"{name}.fits", "ROOTNAME": name.upper(), "DETECTOR": detector})
    return fits_bytes("lamptab", (primary, table_part(1, rows, {})))


def wcptab_bytes(name: str, detector: str, ranges: Mapping[str, tuple[int, int]], *, offset: bool) -> bytes:
    """Give a WCPTAB.

    Parameters
    ----------
    name
        File name without suffix.
    detector
        FUV or NUV.
    ranges
        XC_RANGE and SEARCH_OFFSET of each grating [pix].
    offset
        False: an old table without SEARCH_OFFSET.
    """
    layout = [("OPT_ELEM", "S8"), ("XC_RANGE", ">i4"), ("RESWIDTH", ">f8"), ("MAX_TIME_DIFF", ">f8")]
    layout += [(column, ">i4") for column in ("STEPSIZE", "XD_RANGE", "BOX", *(["SEARCH_OFFSET"] if offset else []))]
    rows = np.zeros(len(ranges), layout)
    for row, (opt_elem, (half, centre)) in zip(rows, ranges.items(), strict=True):
        row["OPT_ELEM"], row["XC_RANGE"] = opt_elem, half
        if offset:
            row["SEARCH_OFFSET"] = centre
    rows["RESWIDTH"], rows["MAX_TIME_DIFF"], rows["STEPSIZE"], rows["BOX"] = 3.0, 0.067, 52, 13
    primary = Part(hdu=0, values={"FILENAME": f"{name}.fits", "DETECTOR": detector})
    table = table_part(1, rows, {"TFIELDS": len(layout)})
    dropped = () if offset else ("TTYPE8", "TFORM8", "TUNIT8", "TDISP8")
    return fits_bytes("wcptab", (primary, Part(hdu=1, values=table.values, data=table.data, drop=dropped)))


def _lamp_keywords(flashes: Sequence[Flash]) -> Values:
    """Give the keywords that tell of the flashes: number, times, and mean shift of each segment."""
    times = sorted({(flash.lamp_on, flash.duration, flash.time_s) for flash in flashes if flash.segment[-1] == "A"})
    values: dict[str, str | float] = {"NUMFLASH": len(times)}
    for number, (lamp_on, duration, time) in enumerate(times, start=1):
        values[f"LMPDUR{number}"], values[f"LMP_ON{number}"] = duration, lamp_on
        values[f"LMPOFF{number}"], values[f"LMPMED{number}"] = lamp_on + duration, time
    for segment in sorted({flash.segment for flash in flashes}):
        of_segment = [flash for flash in flashes if flash.segment == segment]
        values[f"SHIFT1{segment[-1]}"] = round(float(np.mean([flash.shift_disp for flash in of_segment])), 4)
        values[f"SHIFT2{segment[-1]}"] = round(float(np.mean([flash.shift_xdisp for flash in of_segment])), 4)
    return values


def _lampflash_dtype(elements: int) -> np.dtype[np.void]:
    spectra = [("WAVELENGTH", ">f8"), ("NET", ">f4"), ("GROSS", ">f4"), ("BACKGROUND", ">f4")]
    return np.dtype(
        [
            ("SEGMENT", "S4"),
            *((name, ">f8") for name in ("TIME", "EXPTIME", "LAMP_ON", "LAMP_OFF")),
            ("NELEM", ">i4"),
            *((name, code, (elements,)) for name, code in spectra),
            ("SHIFT_DISP", ">f4"),
            ("SHIFT_XDISP", ">f4"),
            ("SPEC_FOUND", "S1"),
            ("CHI_SQUARE", ">f4"),
            ("N_DEG_FREEDOM", ">i4"),
        ]
    )


@cache
def _spectra(detector: str) -> Mapping[str, np.ndarray]:
    """Give lamp spectra with counting noise, (POOL, elements) of each column."""
    rng, elements = np.random.default_rng(20090511), ELEMENTS[detector]
    lines = np.convolve(np.arange(elements) % 157 == 0, np.exp(-0.5 * (np.arange(-9, 10) / 3) ** 2), "same")
    gross = rng.poisson(0.02 + 4 * lines, (POOL, elements)) / 12.0
    background = np.full((POOL, elements), 0.0015)
    wavelength = np.broadcast_to(1150 + 0.01 * np.arange(elements), gross.shape)
    return {"WAVELENGTH": wavelength, "NET": gross - background, "GROSS": gross, "BACKGROUND": background}


@cache
def _image_quality() -> bytes:
    """Give the quality plane of an acquisition image: 128 outside the sub-array."""
    quality = np.full((1024, 1024), 128, ">i2")
    quality[268:613, 8:824] = 0
    return quality.tobytes()


@cache
def _dump() -> bytes:
    """Give the words of a SUPPORT extension."""
    return np.random.default_rng(965).integers(-3000, 3000, 965).astype(">i2").tobytes()
