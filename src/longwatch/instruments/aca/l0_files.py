"""Bytes of ACA level-0 files, in the structure of real ones: for the simulator and its tests.

Owns layout and cards of such a file. Must not know where the numbers in it come from.
See spec/aca-dark-hdr3-l0.md 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from longwatch.domain.column import Column
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.fits.checksum import datasum, encode
from longwatch.instruments.aca import columns as c

_BLOCK: Final = 2880
_UNITS: Final = {column.name: column.unit for column in c.COLUMNS}
_UNSIGNED = {"imgscale", "bgdavg", "bgdrms"}
_FITS_FORM = {"f8": "D", "f4": "E", "i4": "J", "i2": "I", "u2": "I", "u1": "B"}
_DISK_FORM = {"f8": ">f8", "f4": ">f4", "i4": ">i4", "i2": ">i2", "u2": ">i2", "u1": "u1"}
_TIMEDEL: Final = {4: 1.025, 6: 2.05, 8: 4.1}
_COMMENTS = ("+------------------+", "| AXAF FITS   File |", "+------------------+", *("" for _ in range(14)))
_HISTORY = tuple(f"PARM  :step={step:<48}ASC{step:05d}" for step in range(1, 18))


def l0_file(rows: Mapping[str, np.ndarray], *, revision: int = 1) -> bytes:
    """Give the bytes of a level-0 file.

    Parameters
    ----------
    rows
        (n,) arrays by name, all that `columns.IN_FILE` declares for images of their size, and `imgraw`
        (n, size, size) [DN]; n >= 1.
    revision
        Value of REVISION.

    Returns
    -------
    bytes
        An empty primary HDU and the table ACA_IMG0, with correct check sums.
    """
    size = rows["imgraw"].shape[1]
    table = np.empty(len(rows["time"]), _row_type(size))
    for name in table.dtype.names or ():
        values = rows[name]
        table[name] = values.astype(np.int32) - 32768 if name in _UNSIGNED else values
    data = _padded(table.tobytes(), b"\0")
    cards = _varying(rows, size) | {"NAXIS2": len(table), "REVISION": revision}
    header = _header(size, cards | {"DATASUM": str(datasum(data)), "CHECKSUM": "0" * 16})
    checksum = encode(datasum(header + data)).encode("ascii")
    return _primary() + header.replace(b"'" + b"0" * 16 + b"'", b"'" + checksum + b"'") + data


def file_name(time: float, slot: int) -> str:
    """Give the name of a level-0 file.

    Parameters
    ----------
    time
        TSTART of the file [Chandra seconds].
    slot
        Image slot.
    """
    return f"acaf{int(time)}N001_{slot}_img0.fits.gz"


def _columns(size: int) -> tuple[Column, ...]:
    """Give the columns of a file, in order, the image left out."""
    groups = {4: c.IN_EVERY_SIZE, 6: (*c.IN_EVERY_SIZE, *c.FROM_6X6), 8: c.IN_FILE}
    return groups[size]


def _layout(size: int) -> list[tuple[str, str, int]]:
    """Give name, type and number of pixels of each column, the image before the header-3 bytes as in real files."""
    plain = [(column.name, column.dtype, 1) for column in _columns(size) if column.name not in c.HEADER_3]
    last = [(column.name, column.dtype, 1) for column in _columns(size) if column.name in c.HEADER_3]
    return [*plain, ("imgraw", "f4", size * size), *last]


@cache
def _row_type(size: int) -> np.dtype[np.void]:
    """Give the type of a row on disk."""
    pixels = (size, size)
    return np.dtype([(n, _DISK_FORM[t], pixels if count > 1 else ()) for n, t, count in _layout(size)])


def _varying(rows: Mapping[str, np.ndarray], size: int) -> dict[str, str | float]:
    """Give the keywords that differ from file to file."""
    integ = float(rows["integ"][0])
    packet = float(rows["end_integ_time"][0]) + _TIMEDEL[4]
    stop = float(rows["end_integ_time"][-1]) + _TIMEDEL[4] + _TIMEDEL[size]
    begin, end = (from_us(us_from_cxc(t), "tt").strftime("%Y-%m-%dT%H:%M:%S") for t in (packet - integ, stop))
    return {
        "DATE": str(end),
        "DATE-OBS": str(begin),
        "DATE-END": str(end),
        "TSTART": packet,
        "TSTOP": stop,
        "STARTMJF": int(rows["mjf"][0]),
        "STARTMNF": int(rows["mnf"][0]),
        "STOPMJF": int(rows["mjf"][-1]),
        "STOPMNF": int(rows["mnf"][-1]),
    }


def _header(size: int, varying: Mapping[str, str | float]) -> bytes:
    """Give the header of the table."""
    cards = [_card(name, varying.get(name, value)) for name, value in _fixed(size)]
    cards += [f"COMMENT {text:<72}".encode() for text in _COMMENTS]
    cards += [f"HISTORY {text:<72}".encode() for text in _HISTORY]
    return _padded(b"".join([*cards, b"END".ljust(80)]), b" ")


@cache
def _fixed(size: int) -> tuple[tuple[str, str | float], ...]:
    """Give all keywords of the table in order, with the values that are the same in every file."""
    cards: list[tuple[str, str | float]] = [
        ("XTENSION", "BINTABLE"),
        ("BITPIX", 8),
        ("NAXIS", 2),
        ("NAXIS1", _row_type(size).itemsize),
        ("NAXIS2", 0),
        ("PCOUNT", 0),
        ("GCOUNT", 1),
        ("TFIELDS", len(_layout(size))),
    ]
    for number, (name, dtype, count) in enumerate(_layout(size), 1):
        cards += [
            (f"TTYPE{number}", name.upper()),
            (f"TFORM{number}", f"{count if count > 1 else ''}{_FITS_FORM[dtype]}"),
        ]
        cards += [(f"TUNIT{number}", _UNITS[name])] if _UNITS[name] else []
        cards += [(f"TDIM{number}", f"({size},{size})")] if count > 1 else []
        cards += [(f"TZERO{number}", 32768)] if name in _UNSIGNED else []
    cards += [("EXTNAME", "ACA_IMG0"), ("ORIGIN", "ASC"), ("CREATOR", "longwatch simulator"), ("ASCDSVER", "10.8")]
    cards += [("TLMVER", "P014"), ("REVISION", 1), ("CHECKSUM", ""), ("DATASUM", ""), ("CONTENT", "ACAIMG")]
    cards += [("HDUNAME", "ACADATA"), ("HDUCLASS", "ASC"), ("HDUCLAS1", "TEMPORALDATA"), ("HDUCLAS2", "ACADATA")]
    cards += [("DATE", ""), ("DATE-OBS", ""), ("DATE-END", ""), ("TIMESYS", "TT"), ("MJDREF", 50814.0)]
    cards += [("TIMEZERO", 0.0), ("TIMEUNIT", "s"), ("TIMEREF", "LOCAL"), ("TASSIGN", "SATELLITE"), ("CLOCKAPP", True)]
    cards += [("TSTART", 0.0), ("TSTOP", 0.0), ("STARTMJF", 0), ("STARTMNF", 0), ("STOPMJF", 0), ("STOPMNF", 0)]
    cards += [("TIMEPIXR", 0.0), ("TIMEDEL", _TIMEDEL[size]), ("MISSION", "AXAF"), ("TELESCOP", "CHANDRA")]
    cards += [("INSTRUME", "PCAD"), ("TLM_FMT", 2)]
    for number, (_, dtype, _count) in enumerate(_layout(size), 1):
        cards += [(f"TLMIN{number}", 0), (f"TLMAX{number}", 255)] if dtype == "u1" else []
    return tuple(cards)


@cache
def _primary() -> bytes:
    """Give the empty primary HDU."""
    cards = [_card("SIMPLE", True), _card("BITPIX", 8), _card("NAXIS", 0), _card("EXTEND", True)]
    return _padded(b"".join([*cards, b"END".ljust(80)]), b" ")


def _card(keyword: str, value: str | float) -> bytes:
    """Give one card."""
    match value:
        case bool():
            text = f"{'T' if value else 'F':>20}"
        case str():
            text = f"'{value:<8}'"
        case _:
            text = f"{value!r:>20}"
    return f"{keyword:<8}= {text}".ljust(80).encode("ascii")


def _padded(data: bytes, fill: bytes) -> bytes:
    """Fill up to whole blocks."""
    return data + fill * (-len(data) % _BLOCK)
