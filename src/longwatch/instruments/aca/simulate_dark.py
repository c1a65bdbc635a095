"""Simulated dark calibrations with known truth: pixels that stay warm, new ones, flicker, noise.

Owns the sky-free CCD of the simulation. Must not know how files are read. See spec/aca-dark-hdr3-l0.md 9.2.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.instruments.aca.centroids import GAIN
from longwatch.instruments.aca.dark_files import ORIGIN, SHAPE
from longwatch.instruments.aca.dark_model import REFERENCE_C, dark_temp_scale, decimal_year, get_dark_hist
from longwatch.instruments.aca.flicker import usual_model

SCHEDULE: Final = (
    ("1999223", -10.0),
    ("2000326", -10.0),
    ("2001060", -10.0),
    ("2002237", -10.0),
    ("2004359", -15.0),
    ("2006329", -19.0),
    ("2007006", -19.0),
    ("2009190", -19.0),
    ("2013100", -16.0),
    ("2017185", -13.55),
    ("2019153", -11.086),
    ("2022069", -11.0),
    ("2022104", -10.5),
    ("2022133", -10.0),
    ("2023297", -11.63),
    ("2025290", -6.0),
)
"""Dark ids and CCD temperatures [deg_C]."""

SMALL: Final = tuple(
    one for one in SCHEDULE if one[0] in {"1999223", "2002237", "2007006", "2013100", "2017185", "2022104", "2025290"}
)
"""The few of a small simulation."""

BORN: Final = ("2019153", 100, -200, 1500.0)
"""A planted hot pixel: first calibration that has it, row, column, and dark current at -14 deg_C [electron / s]."""

_COOL: Final = {2002.0: 7.2, 2007.0: 6.0}
_COOL_SPREAD: Final = 0.3
_NOISE: Final = 1.0
_FLICKER_SHARE: Final = 0.1
_STARS: Final = 60
_STEP_PIX: Final = 24
_READOUT_S: Final = 8.0
_READ_NOISE_E: Final = 15.0
_MODEL_FROM: Final = 2007.005
_WARM_SHARE: Final = {1999.61: 0.027, 2000.89: 0.263, 2001.16: 0.287, 2002.65: 0.491, 2002.92: 0.513, 2007.0: 1.0}
"""Warm pixels before the model of their histogram holds, over those of 2007; from the published counts at -10 deg_C."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DarkCal:
    """One simulated calibration.

    Parameters
    ----------
    dark_id, t_ccd
        Its id, and the CCD temperature [deg_C].
    truth, image
        (1024, 1024) dark current [electron / s] without and with noise.
    """

    dark_id: str
    t_ccd: float
    truth: NDArray[np.float64]
    image: NDArray[np.float32]


def dark_cals(schedule: Sequence[tuple[str, float]], seed: int) -> Iterator[DarkCal]:
    """Give calibrations one after the other; a pixel keeps its place among the warm ones.

    Parameters
    ----------
    schedule
        Dark ids from 2007 on, and CCD temperatures [deg_C].
    seed
        Seed of the random numbers.
    """
    rng = np.random.default_rng(seed)
    cool = rng.lognormal(0, _COOL_SPREAD, SHAPE)
    rank = rng.permutation(cool.size)
    restless = flickering(seed)
    model = usual_model()
    first, row, col, born = BORN
    for dark_id, t_ccd in schedule:
        dark = cool * _by_year(_COOL, dark_id)
        values = _warm(dark_id, rng)
        dark.ravel()[rank[: len(values)]] += values
        jumping = np.flatnonzero(restless & (model.class_of(dark) >= 0))
        first_values = dark.reshape(-1)[jumping]
        jump = model.jumps(model.class_of(first_values), rng.random(len(jumping)))
        dark.reshape(-1)[jumping] = first_values * 10**jump
        dark[row - ORIGIN[0], col - ORIGIN[1]] = born if dark_id >= first else _by_year(_COOL, dark_id)
        truth = dark * dark_temp_scale(REFERENCE_C, t_ccd)
        image = (truth + rng.normal(0, _NOISE, SHAPE)).astype(np.float32)
        yield DarkCal(dark_id=dark_id, t_ccd=t_ccd, truth=truth, image=image)


def flickering(seed: int) -> NDArray[np.bool_]:
    """Give the pixels that jump from one calibration to the next where they are warm, (1024, 1024)."""
    return np.asarray(np.random.default_rng([seed, 1]).random(SHAPE) < _FLICKER_SHARE)


def write_dark_cals(out: Path, *, seed: int, small: bool) -> None:
    """Write plain images and their truth.

    Parameters
    ----------
    out
        Folder to fill: `dark/<id>.fits` and `truth/aca_dark.npz`.
    seed
        Seed of the random numbers.
    small
        True: seven calibrations; False: sixteen.
    """
    schedule = SMALL if small else SCHEDULE
    (out / "dark").mkdir(parents=True, exist_ok=True)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    counts = []
    for cal in dark_cals(schedule, seed):
        (out / "dark" / f"aca_dark_{cal.dark_id}.fits").write_bytes(plain_file(cal))
        counts.append([np.count_nonzero(cal.truth > threshold) for threshold in (100, 200, 1000)])
    ids, temperatures = zip(*schedule, strict=True)
    np.savez(out / "truth" / "aca_dark.npz", id=ids, t_ccd=temperatures, warmer=counts, born=BORN[1:3])


def replica_frames(cal: DarkCal, seed: int, *, replicas: int = 5) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give the full frames from which a classic calibration is made, with stars that move from replica to replica.

    Parameters
    ----------
    cal
        The calibration; its `truth` is what gathers.
    seed
        Seed of the random numbers.
    replicas
        How many, two arcmin apart.

    Returns
    -------
    tuple of np.ndarray
        (replicas, 1024, 1024) of 5 s and of 10 s [DN], with the charge of the readout and an offset of each quadrant.
    """
    rng = np.random.default_rng(seed)
    rows, cols = rng.integers(100, 900, (2, _STARS))
    flux = 10 ** rng.uniform(2.5, 5.0, _STARS)
    offset = np.repeat(np.repeat(rng.uniform(28, 35, (2, 2)), SHAPE[0] // 2, axis=0), SHAPE[1] // 2, axis=1)
    found = np.zeros((2, replicas, *SHAPE), np.float32)
    for (which, seconds), number in product(enumerate((5.0, 10.0)), range(replicas)):
        light = cal.truth * (seconds + _READOUT_S)
        light[rows + _STEP_PIX * number, cols] += flux * seconds
        found[which, number] = rng.normal(light, np.sqrt(light + _READ_NOISE_E**2)) / GAIN + offset
    return found[0], found[1]


def plain_file(cal: DarkCal) -> bytes:
    """Give the bytes of a plain image that names its day and temperature."""
    date = f"{cal.dark_id[:4]}:{cal.dark_id[4:]}"
    cards = {"INSTRUME": "'ACA     '", "CONTENT": "'ACADARK '", "DATE-OBS": f"'{date}'", "T_CCD": repr(cal.t_ccd)}
    return _primary_only(cal.image, cards)


def write_directory(folder: Path, cal: DarkCal, *, classic: bool) -> Path:
    """Write a calibration as a directory of the classic or the newer generation; gives its path."""
    path = folder / cal.dark_id
    path.mkdir(parents=True)
    (path / "image.fits").write_bytes(_primary_only(cal.image, {}))
    properties = _classic(cal) if classic else _newer(cal)
    (path / "properties.json").write_text(json.dumps(properties, indent=2, sort_keys=True), encoding="utf-8")
    return path


def _warm(dark_id: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """Give the dark currents of warm pixels, the warmest first [electron / s at -14 deg_C]."""
    year = max(_MODEL_FROM, decimal_year(f"{dark_id[:4]}:{dark_id[4:]}"))
    _, edges, counts = get_dark_hist(Time(year, format="decimalyear"), REFERENCE_C)
    drawn = rng.poisson(counts * _by_year(_WARM_SHARE, dark_id))
    low, high = np.repeat(np.log(edges[:-1]), drawn), np.repeat(np.log(edges[1:]), drawn)
    return np.sort(np.exp(low + (high - low) * rng.random(len(low))))[::-1][: SHAPE[0] * SHAPE[1]]


def _by_year(values: Mapping[float, float], dark_id: str) -> float:
    """Give a value between those of given years; the first before, the last after them."""
    return float(np.interp(decimal_year(f"{dark_id[:4]}:{dark_id[4:]}"), [*values], [*values.values()]))


def _classic(cal: DarkCal) -> dict[str, object]:
    date = f"{cal.dark_id[:4]}:{cal.dark_id[4:]}"
    replica = {"ccd_temp": cal.t_ccd, "ccd_temp_source": "HDR3", "downlink": True}
    span = {"start": f"{date}:01:56:46.817", "stop": f"{date}:03:10:00.000"}
    return {
        "id": cal.dark_id,
        "date": date,
        **span,
        "dur": 4393.183,
        "ccd_temp": cal.t_ccd,
        "ra": 10.0,
        "dec": -20.0,
        "el": 15.0,
        "eb": 24.6 + decimal_year(date) % 1,
        "sun_el": 280.0,
        "l_l0": 95.0,
        "zodib": 2.5,
        "replicas": [{"count": count, **replica, **span} for count in range(1, 6)],
    }


def _newer(cal: DarkCal) -> dict[str, object]:
    date = f"{cal.dark_id[:4]}:{cal.dark_id[4:]}"
    return {
        "date": date,
        "t_ccd": cal.t_ccd,
        "n_ccd_img": 5,
        "ccd_temp": cal.t_ccd,
        "datestart": f"{date}:02:00:00.000",
        "datestop": f"{date}:02:30:00.000",
        "filename": f"{cal.dark_id}.fits",
    }


def _primary_only(image: NDArray[np.float32], more: Mapping[str, str]) -> bytes:
    """Give a FITS file of one image in the primary HDU."""
    cards = {"SIMPLE": "T", "BITPIX": "-32", "NAXIS": "2", "NAXIS1": "1024", "NAXIS2": "1024", **more}
    texts = [f"{key:<8}= {value if value[0] == chr(39) else value.rjust(20)}".ljust(80) for key, value in cards.items()]
    data = image.astype(">f4").tobytes()
    return ("".join(texts) + "END".ljust(80)).ljust(2880).encode("ascii") + data + b"\0" * (-len(data) % 2880)
