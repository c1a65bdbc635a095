"""A slow reader of ACA level-0 files, to compare with: FITS columns, one row after the other, and nothing of ours.

Written from spec/aca-dark-hdr3-l0.md 3.1 to 3.4, 4, 4.1 and 4.3. Of rows of a slot with an equal TIME the one in the
file of the highest REVISION counts, then that of the file that came last; a file replaces an older one of its TSTART.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from scipy.interpolate import interp1d

HD3 = [f"HD3TLM{image}{word}" for image in (6, 7) for word in range(2, 8)]
TYPES = {
    "TIME": "f8", "QUALITY": "i4", "MJF": "i4", "MNF": "i4", "END_INTEG_TIME": "f8", "INTEG": "f4", "PIXTLM": "U4",
    "BGDTYP": "U4", "GLBSTAT": "u1", "COMMCNT": "u1", "COMMPROG": "u1", "IMGFID1": "u1", "IMGNUM1": "u1",
    "IMGFUNC1": "u1", "IMGSTAT": "u1", "IMGROW0": "i2", "IMGCOL0": "i2", "IMGSCALE": "u2", "BGDAVG": "u2",
    "IMGFID2": "u1", "IMGNUM2": "u1", "IMGFUNC2": "u1", "BGDRMS": "u2", "TEMPCCD": "f4", "TEMPHOUS": "f4",
    "TEMPPRIM": "f4", "TEMPSEC": "f4", "BGDSTAT": "u1", "IMGFID3": "u1", "IMGNUM3": "u1", "IMGFUNC3": "u1",
    "IMGFID4": "u1", "IMGNUM4": "u1", "IMGFUNC4": "u1", **dict.fromkeys(HD3, "u1"),
}  # fmt: skip
COUNTS = [
    0x3D70, 0x3C9E, 0x3B98, 0x3A55, 0x38CD, 0x36FD, 0x34E1, 0x3279, 0x2FCB, 0x2CDF, 0x29C5, 0x2688, 0x2340,
    0x2000, 0x1CD3, 0x19CC, 0x16F4, 0x1454, 0x11EF, 0x0FC5, 0x0DD8, 0x0C22, 0x0A9F, 0x094D, 0x0825,
]  # fmt: skip
CURVE = interp1d(COUNTS, np.arange(-40, 81, 5), kind="cubic", bounds_error=False)


@dataclass
class File:
    """One file as it came."""

    name: str
    version: tuple[int, ...]
    rows: list[dict[str, Any]]


class SlowReader:
    """Rows of level-0 files, in the order in which the files came."""

    def __init__(self, paths: Sequence[Path]) -> None:
        files: dict[tuple[int, int], tuple[int, File]] = {}
        for arrival, path in enumerate(paths):
            identity, file = _opened(path)
            if identity not in files or file.version >= files[identity][1].version:
                files[identity] = (arrival, file)
        self.slots: list[list[dict[str, Any]]] = []
        for slot in range(8):
            found: dict[float, tuple[tuple[int, ...], int, dict[str, Any]]] = {}
            for (_, of), (arrival, file) in files.items():
                for row in file.rows if of == slot else ():
                    time = row["TIME"]
                    if time not in found or (file.version, arrival) > found[time][:2]:
                        found[time] = (file.version, arrival, row)
            self.slots.append([found[time][2] for time in sorted(found)])

    def rows(self, slot: int, start: float, stop: float) -> list[dict[str, Any]]:
        """Give the rows of a slot with start <= TIME <= stop, all rounded to microseconds."""
        return [row for row in self.slots[slot] if round(start * 1e6) <= round(row["TIME"] * 1e6) <= round(stop * 1e6)]

    def hdr3(self, key: str, start: float, stop: float) -> tuple[list[float], list[float | None]]:
        """Give times and values of a header-3 key; None is masked."""
        if key in JOINED:
            return self._joined(key, start, stop)
        first, decode = HDR3[key]
        found = self._words(int(key[0]), start, stop)
        return [time for time, _ in found], [None if words is None else decode(words[first:]) for _, words in found]

    def _words(self, slot: int, start: float, stop: float) -> list[tuple[float, bytes | None]]:
        """Give times and header-3 bytes of the 8x8 images of a slot; None where the next one is not 4.1 s later."""
        rows = [row for row in self.rows(slot, start, stop + 33) if row["IMGSIZE"] == 8]
        after = [*(row["TIME"] for row in rows), stop + 33][1:]
        found = []
        for row, following in zip(rows, after, strict=True):
            good = abs(following - row["TIME"] - 4.1) <= 1e-3 and row["QUALITY"] == 0
            found.append((row["TIME"], bytes(int(row[name]) for name in HD3) if good else None))
        return [one for one in found if round(one[0] * 1e6) <= round(stop * 1e6)]

    def _joined(self, key: str, start: float, stop: float) -> tuple[list[float], list[float | None]]:
        first, other, decode, alone = JOINED[key]
        low = dict(self._words(other, start, stop))
        times, values = [], []
        for time, words in self._words(int(key[0]), start, stop):
            near = min(low, key=lambda t, time=time: abs(t - time), default=None)
            beside = low[near] if near is not None and abs(near - time) < 2.1 else None
            value = None
            if words is not None and beside is not None:
                value = decode(words[first : first + 2] + beside[:2])
            elif words is not None and alone:
                value = decode(words[first : first + 2] + b"\0\0")
            times.append(time)
            values.append(value)
        return times, values


def _opened(path: Path) -> tuple[tuple[int, int], File]:
    with fits.open(path) as hdus:
        header, table = hdus[1].header, hdus[1].data
        columns = {name: np.asarray(table[name]) for name in table.names}
    n_rows, size = len(columns["TIME"]), columns["IMGRAW"].shape[1]
    rows = []
    for i in range(n_rows):
        row = {name: values[i] for name, values in columns.items() if name != "IMGRAW"}
        row |= {"TIME": float(row["TIME"]), "IMGRAW": columns["IMGRAW"][i], "IMGSIZE": size, "FILENAME": path.name}
        row |= {name: row.get(name, fill) for name, fill in (("PIXTLM", "ORIG"), ("BGDTYP", "FLAT"))}
        rows.append(row)
    version = (int(header["REVISION"]), *(int(part) for part in header["ASCDSVER"].split(".")))
    return (int(header["TSTART"]), int(columns["IMGNUM1"][0])), File(path.name, version, rows)


def column(rows: Sequence[dict[str, Any]], name: str) -> np.ma.MaskedArray:
    """Give a column of rows: masked in rows whose image does not carry it."""
    if name == "IMGRAW":
        return images(rows, centered=False).reshape(len(rows), 64)
    if name == "FILENAME":
        return np.ma.MaskedArray([row[name] for row in rows], dtype="U128")
    kind = TYPES.get(name, "i4")
    values, mask = np.zeros(len(rows), kind), np.ones(len(rows), bool)
    for i, row in enumerate(rows):
        if name in row:
            values[i], mask[i] = row[name], False
    return np.ma.MaskedArray(values, mask)


def images(rows: Sequence[dict[str, Any]], *, centered: bool) -> np.ma.MaskedArray:
    """Give images in 8x8 pixels, in the low corner or in the middle; what was not read out is masked."""
    found = np.ma.MaskedArray(np.zeros((len(rows), 8, 8), "f4"), mask=True)
    for i, row in enumerate(rows):
        size = row["IMGSIZE"]
        first = {4: 2, 6: 1, 8: 0}[size] if centered else 0
        found[i, first : first + size, first : first + size] = row["IMGRAW"]
    return found


def _i16(scale: float) -> Callable[[bytes], float]:
    return lambda words: int.from_bytes(words[:2], "big", signed=True) * scale


def _u16(scale: float) -> Callable[[bytes], float]:
    return lambda words: int.from_bytes(words[:2], "big") * scale


def _thermistor(words: bytes) -> float:
    return float(CURVE(int.from_bytes(words[:2], "big", signed=True)))


def _offset32(words: bytes) -> float:
    number = (int.from_bytes(words[:4], "big") + 2**31) % 2**32
    return (number - 2**32 if number >= 2**31 else number) / 65536


def _offset16(words: bytes) -> float:
    number = (int.from_bytes(words[:2], "big") + 2**15) % 2**16
    return float(number - 2**16 if number >= 2**15 else number)


HDR3: dict[str, tuple[int, Callable[[bytes], float]]] = {
    "062": (0, _u16(1)),
    "066": (4, _thermistor),
    "076": (10, _i16(0.30518)),
    "164": (2, _i16(0.61035)),
    "172": (6, _i16(0.30518)),
    "274": (8, _thermistor),
    "364": (2, lambda words: int.from_bytes(words[:4], "big") * 2e-6),
    "372": (6, _offset16),
    "472": (6, _offset32),
    "572": (6, _u16(2)),
    "576": (10, _i16(5)),
    "662": (0, lambda words: float(int.from_bytes(words[:6], "big"))),
    "672": (6, lambda words: float(int.from_bytes(words[:4], "big"))),
    "764": (2, _i16(0.01)),
    "766": (4, lambda words: int.from_bytes(words[:4], "big", signed=True) / 256),
    "776": (10, _i16(1)),
}
"""Index of the first of the slot's twelve bytes, and what the bytes from there on mean (spec 4)."""

JOINED: dict[str, tuple[int, int, Callable[[bytes], float], bool]] = {
    "476": (10, 5, _offset32, False),
    "676": (10, 7, lambda words: int.from_bytes(words, "big", signed=True) * 0.01 / 65536, True),
}
"""First byte, slot of the low half, what the four bytes mean, whether the high half alone gives a value."""
