"""Maps of dark calibrations as files: the image in a directory that is named by its day, and plain FITS images.

Owns what they hold and how it is named. Must not know what else is known of a calibration, nor where it is stored.
See spec/aca-dark-hdr3-l0.md 5.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.epoch import Epoch, Scalar
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us, to_us
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import DAY_US
from longwatch.errors import BadFile
from longwatch.fits.file import FitsFile
from longwatch.fits.header import Header
from longwatch.instruments.aca.dark_statistics import LEVELS, THRESHOLDS, dark_statistics

CUBE: Final = "aca.dark"
"""Name of cube, timeline and kind."""

SHAPE: Final = (1024, 1024)
ORIGIN: Final = (-512, -512)
"""Row and column of the first pixel."""

DARK_RATE: Final = Column(
    name="dark_rate",
    unit="electron / s",
    description="Dark current at the temperature of the calibration; below 0 where noise prevails",
    dtype="f4",
)
SPEC: Final = CubeSpec(
    name=CUBE,
    description="Dark current of every pixel in every dark calibration; the epoch is its year and day, YYYYDOY.",
    shape=SHAPE,
    origin=ORIGIN,
    properties=(DARK_RATE,),
    timeline=CUBE,
    instrument="aca",
)

CALS: Final = "aca.dark_cals"
"""Series with a row for each map."""

CONDITIONS: Final = "aca.dark_conditions"
"""Series with a row for each calibration that says how warm the CCD was."""

WARM: Final = 100.0
"""A pixel above this is warm [electron / s]."""

_DAY: Final = (
    Column(name="time", unit="us", description="Midnight of its day, TAI since 1970", dtype="i8", ucd="time.epoch"),
    Column(name="dark_id", unit="", description="Year and day, YYYYDOY", dtype="i4"),
)

CALS_SPEC: Final = SeriesSpec(
    name=CALS,
    description="Numbers of each dark map: mean, peak and warm pixels.",
    columns=(
        *_DAY,
        Column(name="mean", unit="electron / s", description="Mean of all pixels"),
        Column(name="peak", unit="electron / s", description="Most frequent dark current"),
        Column(name="mean_near_peak", unit="electron / s", description="Mean of pixels within 5 of the median"),
        *(
            Column(name=f"n{limit}", unit="pix", description=f"Pixels above {limit} electron / s", dtype="i4")
            for limit in THRESHOLDS
        ),
        Column(
            name="above",
            unit="pix",
            description="Pixels above 121 dark currents, evenly in their logarithm from 10 to 10,000 electron / s",
            dtype="i4",
            shape=LEVELS.shape,
        ),
    ),
    time="time",
    scale=TimeScale.TAI_US,
    instrument="aca",
)

CONDITIONS_SPEC: Final = SeriesSpec(
    name=CONDITIONS,
    description="How warm the CCD was in each dark calibration, and the zodiacal light.",
    columns=(
        *_DAY,
        Column(name="ccd_temp", unit="deg_C", description="CCD temperature"),
        Column(name="zodib", unit="electron / s", description="Zodiacal light; masked where not known"),
    ),
    time="time",
    scale=TimeScale.TAI_US,
    instrument="aca",
)

ID: Final = re.compile(r"[12]\d{6}")
"""A dark id."""

_IN_NAME: Final = re.compile(r"(?<!\d)(?P<id>(?:19|20)\d{2}[0-3]\d{2})(?!\d)")
_MOST: Final = 1e7
_WARMEST_C: Final = 60.0
_TEMPERATURES: Final = ("T_CCD", "CCD_TEMP", "TEMPCCD")
_IN_DIRECTORY: Final = re.compile(r"(image|imd)\.fits(\.gz)?")
_SURE: Final = {True: 0.7, False: 0.5}

Properties = Mapping[str, Scalar]
"""What is known of a calibration but its map."""


def claim(name: str, _head: bytes, header: Header | None) -> float:
    """Claim an image of 1024x1024 numbers that says it is a dark map, or is named by its day or `image.fits`."""
    if header is None or (header.number("NAXIS1"), header.number("NAXIS2")) != (SHAPE[1], SHAPE[0]):
        return 0.0
    if header.text("CONTENT") == "ACADARK":
        return 1.0
    dated = bool(_IN_NAME.search(name))
    named = dated or bool(_IN_DIRECTORY.fullmatch(name))
    return _SURE[dated] if named and header.number("BITPIX") in {-32.0, -64.0} else 0.0


def read(source: Source) -> Reading:
    """Give a dark map: its day from its name, its folder or DATE-OBS, its temperature from T_CCD if it says so.

    Raises
    ------
    BadFile
        Raised if there is no image of 1024x1024 pixels, or nothing says its day.
    """
    if source.fits is None:
        raise BadFile(f"{source.name}: sought a FITS image of a dark calibration; this is no FITS file.")
    header = source.fits.primary.header
    dark_id = _day(source.name, source.folder, header)
    found = next((value for key in _TEMPERATURES if (value := header.number(key)) is not None), None)
    known: dict[str, Scalar] = {"date": f"{dark_id[:4]}:{dark_id[4:]}"}
    if not ID.fullmatch(source.folder):
        known |= {"ccd_temp": found, "filename": source.name}
    if zodiacal := header.number("ZODIB"):
        known["zodib"] = zodiacal
    image = _image(source.fits, source.name).astype(np.float32)
    span = day_of(dark_id)
    return Reading(
        key=dark_id,
        t_min_us=span.start_us,
        t_max_us=span.stop_us - 1,
        keywords={} if found is None else {"CCD_TEMP": found},
        epochs=(epoch_of(dark_id, known),),
        planes=(Plane(cube=CUBE, epoch=int(dark_id), property=DARK_RATE.name, image=image),),
        rows=(Rows(series=CALS, columns=_numbers(dark_id, image)), *conditions(dark_id, known)),
    )


def day_of(dark_id: str) -> Timespan:
    """Give the UTC day of a dark id."""
    start_us = to_us(f"{dark_id[:4]}:{dark_id[4:]}")
    return Timespan(start_us, start_us + DAY_US)


def epoch_of(dark_id: str, properties: Properties) -> Epoch:
    """Give the epoch of a calibration."""
    span = day_of(dark_id)
    return Epoch(
        timeline=CUBE,
        number=int(dark_id),
        start_us=span.start_us,
        stop_us=span.stop_us,
        attributes=dict(properties),
    )


def conditions(dark_id: str, properties: Properties) -> tuple[Rows, ...]:
    """Give the row of a calibration that says how warm the CCD was; none if it does not.

    Raises
    ------
    BadFile
        Raised if the temperature cannot be.
    """
    temperature, zodiacal = properties.get("ccd_temp"), properties.get("zodib")
    if temperature is None:
        return ()
    if not abs(float(str(temperature))) <= _WARMEST_C:
        raise BadFile(f"Dark calibration {dark_id}: a CCD at {temperature} deg_C cannot be. The file is damaged.")
    columns: dict[str, np.ndarray] = {
        "time": np.array([day_of(dark_id).start_us]),
        "dark_id": np.array([int(dark_id)]),
        "ccd_temp": np.array([float(str(temperature))]),
    }
    if zodiacal is not None:
        columns["zodib"] = np.array([float(str(zodiacal))])
    return (Rows(series=CONDITIONS, columns=columns),)


def _day(name: str, folder: str, header: Header) -> str:
    named, day = _IN_NAME.search(name), header.text("DATE-OBS")
    if named:
        return named["id"]
    if ID.fullmatch(folder):
        return folder
    if not day:
        raise BadFile(
            f"{name}: sought the day, in the name or that of the folder as YYYYDOY, or in DATE-OBS; it is in none. "
            "Name the file, or its folder, by the day."
        )
    return str(from_us(to_us(day)).strftime("%Y%j"))


def _image(file: FitsFile, name: str) -> np.ndarray:
    for hdu in file.hdus:
        image = hdu.image()
        if image is not None and image.shape == SHAPE:
            _check_rates(image, name)
            return image
    raise BadFile(f"{name}: sought an image of 1024x1024 pixels; there is none. This is no dark map.")


def _numbers(dark_id: str, image: np.ndarray) -> dict[str, np.ndarray]:
    """Give the row of a map."""
    found = dark_statistics(image)
    values = {
        "time": day_of(dark_id).start_us,
        "dark_id": int(dark_id),
        "mean": found.mean,
        "peak": found.peak,
        "mean_near_peak": found.mean_near_peak,
        "above": found.above,
        **{f"n{limit}": count for limit, count in zip(THRESHOLDS, found.warmer, strict=True)},
    }
    return {name: np.array([value]) for name, value in values.items()}


def _check_rates(image: np.ndarray, name: str) -> None:
    """Refuse numbers no pixel can have; NaN is none at all and may stand."""
    beyond = np.count_nonzero(~(np.abs(image) < _MOST) & ~np.isnan(image))
    if beyond:
        raise BadFile(f"{name}: {beyond} pixels are not within {_MOST:g} electron / s. The file is damaged.")
