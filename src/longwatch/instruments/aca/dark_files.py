"""Dark calibrations as files: directories of both generations, and plain FITS images.

Owns what they hold and how it is named. Must not know where calibrations are stored.
See spec/aca-dark-hdr3-l0.md 5.1. A directory is two files that only their folder joins, so it comes in through
`dark_cal.add_dark_cals`; a plain image that names its day comes in as any other file.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.epoch import Epoch, EpochMember, Scalar
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import from_us, to_us
from longwatch.domain.utc import DAY_US
from longwatch.errors import BadFile, BadQuery, NotFound
from longwatch.fits.content import inflate
from longwatch.fits.file import FitsFile, parse
from longwatch.fits.header import Header
from longwatch.instruments.aca.dark_model import REFERENCE_C, dark_temp_scale
from longwatch.instruments.aca.dark_statistics import THRESHOLDS, dark_statistics

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
"""Series with a row for each calibration."""

WARM: Final = 100.0
"""A pixel above this is warm [electron / s]."""

CALS_SPEC: Final = SeriesSpec(
    name=CALS,
    description="Numbers of each dark calibration: temperature, mean, peak and warm pixels.",
    columns=(
        Column(name="time", unit="us", description="Midnight of its day, TAI since 1970", dtype="i8", ucd="time.epoch"),
        Column(name="dark_id", unit="", description="Year and day, YYYYDOY", dtype="i4"),
        Column(name="ccd_temp", unit="deg_C", description="CCD temperature; masked where not known"),
        Column(name="mean", unit="electron / s", description="Mean of all pixels"),
        Column(name="peak", unit="electron / s", description="Most frequent dark current"),
        Column(name="mean_near_peak", unit="electron / s", description="Mean of pixels within 5 of the median"),
        *(
            Column(name=f"n{limit}", unit="pix", description=f"Pixels above {limit} electron / s", dtype="i4")
            for limit in THRESHOLDS
        ),
        Column(
            name="n100_ref",
            unit="pix",
            description="Pixels above 100 electron / s at -14 deg_C by the law global-2016; masked without temperature",
            dtype="i4",
        ),
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
_REPLICAS: Final = "replicas"

Properties = dict[str, Scalar]


def claim(name: str, _head: bytes, header: Header | None) -> float:
    """Claim an image of 1024x1024 numbers whose name holds a dark id, or that says it is a dark map of the ACA."""
    if header is None or (header.get("NAXIS1"), header.get("NAXIS2")) != (SHAPE[1], SHAPE[0]):
        return 0.0
    if header.text("CONTENT") == "ACADARK":
        return 1.0
    return 0.7 * (header.number("BITPIX") in {-32.0, -64.0} and bool(_IN_NAME.search(name)))


def read(source: Source) -> Reading:
    """Give the calibration in a plain FITS image: its day from the name or DATE-OBS, its temperature from T_CCD.

    Raises
    ------
    BadFile
        Raised if there is no image of 1024x1024 pixels, or nothing says its day.
    """
    if source.fits is None:
        raise BadFile(f"{source.name}: sought a FITS image of a dark calibration; this is no FITS file.")
    header = source.fits.primary.header
    named = _IN_NAME.search(source.name)
    day = header.text("DATE-OBS")
    if named is None and not day:
        raise BadFile(f"{source.name}: sought the day, in the name as YYYYDOY or in DATE-OBS; it is in neither.")
    dark_id = named["id"] if named else str(from_us(to_us(day)).strftime("%Y%j"))
    found = next((value for key in _TEMPERATURES if (value := header.number(key)) is not None), None)
    properties: Properties = {"date": f"{dark_id[:4]}:{dark_id[4:]}", "ccd_temp": found, "filename": source.name}
    if zodiacal := header.number("ZODIB"):
        properties["zodib"] = zodiacal
    return reading(dark_id, _image(source.fits, source.name), properties, [])


def reading(dark_id: str, image: np.ndarray, properties: Mapping[str, Scalar], replicas: list[Properties]) -> Reading:
    """Give all that one calibration says.

    Parameters
    ----------
    dark_id
        Year and day, `YYYYDOY`.
    image
        (1024, 1024) dark current [electron / s].
    properties
        Temperature, times, zodiacal light, provenance.
    replicas
        What is known of each exposure; empty in the newer generation.

    Raises
    ------
    BadFile
        Raised if the temperature cannot be.
    """
    start_us = to_us(f"{dark_id[:4]}:{dark_id[4:]}")
    temperature = properties.get("ccd_temp")
    if temperature is not None and not abs(float(str(temperature))) <= _WARMEST_C:
        raise BadFile(f"Dark calibration {dark_id}: a CCD at {temperature} deg_C cannot be. The file is damaged.")
    epoch = Epoch(
        timeline=CUBE, number=int(dark_id), start_us=start_us, stop_us=start_us + DAY_US, attributes=dict(properties)
    )
    members = tuple(
        EpochMember(
            timeline=CUBE,
            number=int(dark_id),
            member=f"replica {replica.get('count', place)}",
            t_us=to_us(str(replica["start"])) if replica.get("start") else None,
            attributes=replica,
        )
        for place, replica in enumerate(replicas, start=1)
    )
    keywords = {} if temperature is None else {"CCD_TEMP": temperature}
    plane = Plane(cube=CUBE, epoch=int(dark_id), property=DARK_RATE.name, image=image.astype(np.float32))
    return Reading(
        key=dark_id,
        t_min_us=start_us,
        t_max_us=start_us + DAY_US - 1,
        keywords=keywords,
        epochs=(epoch,),
        members=members,
        planes=(plane,),
        rows=(Rows(series=CALS, columns=_numbers(int(dark_id), start_us, plane.image, temperature)),),
    )


def directories(folder: Path) -> OrderedDict[str, Path]:
    """Give the directories of a folder that are named by a dark id, in order.

    Raises
    ------
    NotFound
        Raised if the folder does not exist.
    """
    if not folder.is_dir():
        raise NotFound(f"No folder {folder} with dark calibrations. Name the one that holds directories YYYYDOY.")
    found = sorted(path for path in folder.resolve().iterdir() if ID.fullmatch(path.name) and path.is_dir())
    return OrderedDict((path.name, path) for path in found)


def read_directory(path: Path) -> Reading:
    """Give the calibration in a directory: `image.fits` and `properties.json`, of either generation.

    Parameters
    ----------
    path
        Directory named by its dark id.

    Raises
    ------
    BadFile
        Raised if one of the two is missing or cannot be read, or they speak of a day more than one away.
    """
    image_path, text_path = (
        _one_of(path, "image.fits", "image.fits.gz", "imd.fits"),
        _one_of(path, "properties.json", "props.json"),
    )
    data = inflate(image_path.read_bytes(), name=image_path.name)
    image = _image(parse(data, name=str(image_path), checksum=False), f"{path.name}/{image_path.name}")
    try:
        known = json.loads(text_path.read_text(encoding="utf-8"))
        replicas = [dict(one) for one in known.pop(_REPLICAS, [])]
        apart_us = abs(to_us(str(known["date"])[:8]) - to_us(f"{path.name[:4]}:{path.name[4:]}"))
    except (ValueError, KeyError, AttributeError, TypeError, BadQuery) as error:
        raise BadFile(
            f"{path.name}/{text_path.name}: sought the properties of a dark calibration: {error!r}"
        ) from error
    if apart_us > DAY_US:
        raise BadFile(f"{path.name}/{text_path.name} speaks of {known['date']}, more than a day away. Move it.")
    known.setdefault("ccd_temp", known.get("t_ccd"))
    return reading(path.name, image, known, replicas)


def _one_of(path: Path, *names: str) -> Path:
    for name in names:
        if (path / name).is_file():
            return path / name
    raise BadFile(f"{path}: sought {' or '.join(names)}; there are {sorted(p.name for p in path.iterdir())}.")


def _image(file: FitsFile, name: str) -> np.ndarray:
    for hdu in file.hdus:
        image = hdu.image()
        if image is not None and image.shape == SHAPE:
            _check_rates(image, name)
            return image
    raise BadFile(f"{name}: sought an image of 1024x1024 pixels; there is none. This is no dark map.")


def _numbers(dark_id: int, start_us: int, image: np.ndarray, temperature: Scalar) -> dict[str, np.ndarray]:
    """Give the row of a calibration."""
    found = dark_statistics(image)
    known = temperature is not None
    t_ccd = float(str(temperature)) if known else REFERENCE_C
    at_reference = np.count_nonzero(image * dark_temp_scale(t_ccd, REFERENCE_C) > WARM)
    values = {
        "time": start_us,
        "dark_id": dark_id,
        "mean": found.mean,
        "peak": found.peak,
        "mean_near_peak": found.mean_near_peak,
        **{f"n{limit}": count for limit, count in zip(THRESHOLDS, found.warmer, strict=True)},
    }
    rows = {name: np.array([value]) for name, value in values.items()}
    for name, value in (("ccd_temp", t_ccd), ("n100_ref", at_reference)):
        rows[name] = np.ma.MaskedArray([value], mask=[not known])
    return rows


def _check_rates(image: np.ndarray, name: str) -> None:
    """Refuse numbers no pixel can have; NaN is none at all and may stand."""
    beyond = np.count_nonzero(~(np.abs(image) < _MOST) & ~np.isnan(image))
    if beyond:
        raise BadFile(f"{name}: {beyond} pixels are not within {_MOST:g} electron / s. The file is damaged.")
