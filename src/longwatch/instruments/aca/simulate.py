"""Simulated ACA level-0 files with known truth beside them.

Owns the sky, the temperatures and the noise of the simulation. Must not know how files are read.
See spec/aca-dark-hdr3-l0.md 9.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from isal import igzip

from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.background import onboard_background
from longwatch.instruments.aca.l0_files import file_name, l0_file
from longwatch.instruments.aca.simulate_dark import write_dark_cals
from longwatch.instruments.aca.simulate_hdr3 import header_3, true_values

PACKET_S: Final = 1.025
INTEG_S: Final = 1.696
START: Final = 797_000_000.0
"""First packet of a simulation [Chandra seconds], 2023-04-04."""

_FILE_PACKETS: Final = 196 * 32
_COUNTER: Final = 2**24
_FIRST_COUNT: Final = _COUNTER - 4 * 40_000
_GAIN: Final = 5.0
_PSF_SIGMA: Final = 1.9 / 2.3548
_READ_NOISE_E: Final = 15.0
_ZERO_MAG_E_S: Final = 5263.0 * 10 ** (0.4 * 10.32)
_DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A star or fid light that a slot follows.

    Parameters
    ----------
    slot, size
        Slot, and rows (and columns) of its images.
    row, col
        Where it lies on average [pix].
    mag
        Its magnitude.
    fid
        True for a fid light, which does not move.
    """

    slot: int
    size: int
    row: float
    col: float
    mag: float
    fid: bool = False


FIELD: Final = (
    Spot(slot=0, size=8, row=-179.3, col=-165.8, mag=7.1, fid=True),
    Spot(slot=1, size=8, row=373.5, col=214.7, mag=7.1, fid=True),
    Spot(slot=2, size=8, row=-71.5, col=344.6, mag=7.1, fid=True),
    Spot(slot=3, size=6, row=133.6, col=281.7, mag=8.3),
    Spot(slot=4, size=6, row=375.8, col=-199.2, mag=8.8),
    Spot(slot=5, size=6, row=413.1, col=-100.1, mag=8.9),
    Spot(slot=6, size=4, row=299.8, col=272.7, mag=9.6),
    Spot(slot=7, size=4, row=337.2, col=-422.8, mag=6.8),
)
"""What the eight slots follow."""

EIGHTS: Final = tuple(replace(spot, size=8) for spot in FIELD)
"""The same with images of 8x8 pixels in all slots, as in the years since 2020; so all header-3 bytes come down."""


def simulate(out: Path, *, seed: int, small: bool) -> None:
    """Write level-0 files of all slots and dark calibrations, and their truth.

    Parameters
    ----------
    out
        Folder to fill: `l0/*.fits.gz`, `dark/*.fits` and `truth/*.npz`.
    seed
        Seed of the random numbers; the same seed gives the same bytes.
    small
        True: five days with one image in 131 s, only the last file of each slot has all; False: three days with every
        image. Images of all sizes in the first half, of 8x8 pixels in all slots in the second.
    """
    rng = np.random.default_rng(seed)
    days, every = (5, 128) if small else (3, 4)
    files = int(days * _DAY_S / (_FILE_PACKETS * PACKET_S))
    for number in range(files):
        for spot in FIELD if number < files // 2 else EIGHTS:
            step = every if small and number < files - 1 else spot.size // 2 if spot.size > 4 else 1
            packets = np.arange(number * _FILE_PACKETS, (number + 1) * _FILE_PACKETS, step)
            write_l0(out / "l0", rows_of(spot, packets, rng))
    _write_truth(out / "truth" / "aca_l0.npz", files, seed)
    write_dark_cals(out, seed=seed, small=small)


def many(out: Path, n: int, seed: int) -> None:
    """Write many short level-0 files, fast: ten images each, all sizes.

    Parameters
    ----------
    out
        Folder to fill.
    n
        Number of files.
    seed
        Seed of the random numbers.
    """
    rng = np.random.default_rng(seed)
    for number in range(n):
        first = number // c.SLOTS * _FILE_PACKETS
        write_l0(out, rows_of(FIELD[number % c.SLOTS], first + np.arange(0, 40, 4), rng))


def ccd_temperature(time: np.ndarray) -> np.ndarray:
    """Give the true CCD temperature [K]: a wave of 28 days and one of the orbit, 63.5 hours.

    Parameters
    ----------
    time
        (n,) [Chandra seconds].
    """
    days = (time - START) / _DAY_S
    wave = 1.5 * np.sin(2 * np.pi * days / 28) + 0.8 * np.sin(2 * np.pi * days * 24 / 63.5)
    return np.asarray(c.KELVIN - 10.0 + wave)


def rows_of(spot: Spot, packets: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Give the rows of one slot.

    Parameters
    ----------
    spot
        What the slot follows.
    packets
        (n,) number of the first packet of each image, counted from `START`.
    rng
        Random numbers.

    Returns
    -------
    dict[str, np.ndarray]
        All columns of a file, the image `imgraw` (n, size, size) [DN] among them.
    """
    end = START + packets * PACKET_S - PACKET_S
    time = end - INTEG_S / 2
    n = len(packets)
    row0, col0, light = _light(spot, time)
    pixels, scale = quantised(_noisy(light, time, rng))
    if spot.size == 6:
        pixels[:, [0, 0, -1, -1], [0, -1, 0, -1]] = 0.0
    count = (_FIRST_COUNT + 4 * packets) % _COUNTER
    zeros = {column.name: np.zeros(n, np.int32) for column in c.IN_FILE}
    groups = {f"imgnum{g}": np.full(n, spot.slot) for g in range(1, 5)}
    groups |= {f"imgfunc{g}": np.ones(n, int) for g in range(1, 5)}
    groups |= {f"imgfid{g}": np.full(n, int(spot.fid)) for g in range(1, 5)}
    return (
        zeros
        | groups
        | _housekeeping(time)
        | header_3(spot.slot, true_header_3(time, packets), abs(int(packets[0])))
        | {
            "time": time,
            "end_integ_time": end,
            "integ": np.full(n, INTEG_S),
            "mjf": count // 128,
            "mnf": count % 128,
            "imgstat": (rng.random(n) < 0.005).astype(int),
            "imgrow0": row0,
            "imgcol0": col0,
            "imgscale": scale,
            "imgraw": pixels,
            **_background(pixels, time),
        }
    )


def quantised(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give images as ten-bit telemetry brings them, with their scales.

    Parameters
    ----------
    images
        (n, size, size) [DN].

    Returns
    -------
    tuple[np.ndarray, np.ndarray]
        Images [DN], and (n,) IMGSCALE: DN = counts scale / 32 - 50.
    """
    scale = np.maximum(32, np.ceil((images.max(axis=(1, 2)) + 50) * 32 / 1023)).astype(np.int32)
    unit = scale[:, None, None] / 32
    return np.clip(np.rint((images + 50) / unit), 0, 1023) * unit - 50, scale


def _light(spot: Spot, time: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give first row, first column and light of the spot in each pixel [electron / s]."""
    sway = 0.0 if spot.fid else 1.6
    row = spot.row + sway * np.sin(2 * np.pi * time / 707.0)
    col = spot.col + sway * np.sin(2 * np.pi * time / 1000.0)
    row0, col0 = (np.rint(centre).astype(int) - spot.size // 2 for centre in (row, col))
    steps = np.arange(spot.size)
    along_row, along_col = (
        np.exp(-0.5 * ((first[:, None] + steps - centre[:, None]) / _PSF_SIGMA) ** 2)
        for first, centre in ((row0, row), (col0, col))
    )
    total = _ZERO_MAG_E_S * 10 ** (-0.4 * spot.mag) / (2 * np.pi * _PSF_SIGMA**2)
    return row0, col0, total * along_row[:, :, None] * along_col[:, None, :]


def _noisy(light: np.ndarray, time: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give what the camera reads [DN]: light, dark current at the CCD's temperature, and noise."""
    electrons = (light + _dark(time)[:, None, None]) * INTEG_S
    return np.asarray(rng.normal(electrons, np.sqrt(electrons + _READ_NOISE_E**2)) / _GAIN)


def _dark(time: np.ndarray) -> np.ndarray:
    """Give the dark current at the CCD's temperature [electron / s]."""
    return np.asarray(40.0 * (1 / 0.7) ** ((ccd_temperature(time) - c.KELVIN + 10) / 4))


def true_header_3(time: np.ndarray, packets: np.ndarray) -> dict[str, np.ndarray]:
    """Give the true number of every header-3 channel at those times and updates."""
    return true_values(time, packets, ccd_temperature(time) - c.KELVIN, _warmth(time))


def _warmth(time: np.ndarray) -> np.ndarray:
    """Give the temperatures of housing, lens cell and secondary mirror, (n, 3) [deg_C]."""
    wave = np.sin(2 * np.pi * (time - START) / (3.1 * _DAY_S))
    return np.stack([31.6 + wave, 31.2 + 0.5 * wave, 30.4 + 0.5 * wave], axis=1)


def _housekeeping(time: np.ndarray) -> dict[str, np.ndarray]:
    """Give the temperatures of header 2 [K], in their steps of 0.4 K."""
    celsius = [ccd_temperature(time) - c.KELVIN, *_warmth(time).T]
    names = ("tempccd", "temphous", "tempprim", "tempsec")
    return {name: np.rint(one / 0.4) * 0.4 + c.KELVIN for name, one in zip(names, celsius, strict=True)}


def _background(pixels: np.ndarray, time: np.ndarray) -> dict[str, np.ndarray]:
    """Give what the camera would say of the background; of smaller images the dark current alone."""
    if pixels.shape[1] < c.FULL:
        return {"bgdavg": np.rint(_dark(time) * INTEG_S / _GAIN), "bgdstat": np.full(len(pixels), 255)}
    found = onboard_background(pixels)
    level, scatter = (np.maximum(np.rint(one), 0) for one in (found.average, found.rms))
    return {"bgdavg": level, "bgdrms": scatter, "bgdstat": found.status}


def write_l0(folder: Path, rows: dict[str, np.ndarray]) -> None:
    """Write one file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name(float(rows["end_integ_time"][0]) + PACKET_S, int(rows["imgnum1"][0]))
    (folder / name).write_bytes(igzip.compress(l0_file(rows), 1, mtime=0))


def _write_truth(path: Path, files: int, seed: int) -> None:
    """Write the true temperature, every 100 s, and the true places and magnitudes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    time = START + np.arange(0, files * _FILE_PACKETS * PACKET_S, 100.0)
    spots = np.array([(s.slot, s.size, s.row, s.col, s.mag) for s in FIELD])
    np.savez(path, time=time, tempccd=ccd_temperature(time), spots=spots, seed=seed)
