"""Simulated FLT files of darks, with the keywords of real ones.

Owns headers and layout. Must not know what the pixels show. See spec/stis.md 2.5 and 7.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from astropy.time import Time

from longwatch.fits.write import CardValue, NamedImage, image_file
from longwatch.instruments.stis.detector import READNOISE_DN, Frame

_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How one exposure was taken.

    Parameters
    ----------
    mjd, exptime_s
        Start [MJD] and exposure time [s].
    temp_c
        OCCDHTAV [deg C]; -1: not known; None: no such card.
    bias
        Name of its bias reference.
    """

    mjd: float
    exptime_s: float
    temp_c: float | None
    bias: str = "h9s1626jo_bia.fits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What all exposures of a file share.

    Parameters
    ----------
    rootname
        Nine letters.
    origin
        Native (row, col) of the first pixel.
    proposid
        The program.
    cards
        Cards that differ from those of a usual dark.
    """

    rootname: str
    origin: tuple[int, int] = (0, 0)
    proposid: int = 14819
    cards: Mapping[str, CardValue] = field(default_factory=dict)


def rootname_of(number: int, dark: int) -> str:
    """Give a rootname of nine letters, its own for every dark of every period."""
    high, low = divmod(dark, len(_LETTERS))
    return f"o{number % 1000:03d}{_LETTERS[high]}{_LETTERS[low]}dkq"


def flt_file(setup: Setup, shots: Sequence[tuple[Shot, Frame]]) -> bytes:
    """Write the FLT file of one dark.

    Parameters
    ----------
    setup
        What its exposures share.
    shots
        Each exposure and its pixels, an image set each.

    Returns
    -------
    bytes
        Primary header, then SCI, ERR and DQ of each exposure; equal for equal arguments.
    """
    images: list[NamedImage] = []
    for version, (shot, frame) in enumerate(shots, start=1):
        images += [
            NamedImage(name=name, values=np.asarray(values), cards=_extension(setup, shot, version, name))
            for name, values in (("SCI", frame.sci), ("ERR", frame.err), ("DQ", frame.dq))
        ]
    return image_file(images, cards=_primary(setup, [shot for shot, _ in shots]))[0]


def _primary(setup: Setup, shots: Sequence[Shot]) -> dict[str, CardValue]:
    first, last = shots[0], shots[-1]
    began = str(Time(first.mjd, format="mjd", scale="utc").isot)
    usual: dict[str, CardValue] = {
        "DATE": str(Time(last.mjd + 2, format="mjd", scale="utc").isot)[:10],
        "FILENAME": f"{setup.rootname}_flt.fits",
        "FILETYPE": "SCI",
        "TELESCOP": "HST",
        "INSTRUME": "STIS",
        "NEXTEND": 3 * len(shots),
        "ROOTNAME": setup.rootname,
        "TARGNAME": "DARK",
        "PROPOSID": setup.proposid,
        "PROPTTL1": "CCD Dark Monitor",
        "OBSET_ID": setup.rootname[4:6],
        "TDATEOBS": began[:10],
        "TTIMEOBS": began[11:19],
        "TEXPSTRT": first.mjd,
        "TEXPEND": last.mjd + last.exptime_s / 86400.0,
        "TEXPTIME": sum(shot.exptime_s for shot in shots),
        "DETECTOR": "CCD",
        "OBSMODE": "ACCUM",
        "SUBARRAY": False,
        "CCDAMP": "D",
        "CCDGAIN": 1,
        "CCDOFFST": 3,
        "ATODGAIN": 1.0,
        "READNSE": READNOISE_DN,
        "BINAXIS1": 1,
        "BINAXIS2": 1,
        "NRPTEXP": len(shots),
        "CRSPLIT": 1,
        "DQICORR": "COMPLETE",
        "BLEVCORR": "COMPLETE",
        "BIASCORR": "COMPLETE",
        "DARKCORR": "OMIT",
        "FLATCORR": "OMIT",
        "CRCORR": "OMIT",
        "BIASFILE": f"oref${first.bias}",
    }
    return usual | dict(setup.cards)


def _extension(setup: Setup, shot: Shot, version: int, name: str) -> dict[str, CardValue]:
    row, col = setup.origin
    cards: dict[str, CardValue] = {
        "EXTVER": version,
        "ROOTNAME": setup.rootname,
        "EXPSTART": shot.mjd,
        "EXPEND": shot.mjd + shot.exptime_s / 86400.0,
        "EXPTIME": shot.exptime_s,
        "NCOMBINE": 1,
        "BUNIT": "UNITLESS" if name == "DQ" else "COUNTS",
        "LTV1": float(-col),
        "LTV2": float(-row),
        "LTM1_1": 1.0,
        "LTM2_2": 1.0,
    }
    return cards if shot.temp_c is None or name != "SCI" else cards | {"OCCDHTAV": shot.temp_c}
