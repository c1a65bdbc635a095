"""Exposures that must not count are left out, and it is said why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from longwatch.fits.image import ImagePlane
from longwatch.instruments.stis.dark_files import Imset
from longwatch.instruments.stis.selection import USUAL, bias_reasons, reasons

PLANE = ImagePlane(offset=0, dtype=">f4", shape=(64, 64))
USED = Imset(
    rootname="odbridnaq",
    number=1,
    mjd=58022.5,
    exptime_s=1100.0,
    ccdamp="D",
    ccdgain=1.0,
    binning=(1, 1),
    subarray=False,
    gain=1.0,
    readnoise_dn=6.24,
    temp_c=20.0,
    scaled=False,
    bias="",
    origin=(0, 0),
    sci=PLANE,
    err=PLANE,
    dq=PLANE,
)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({}, ""),
        ({"ccdamp": "A"}, "amplifier A, not D"),
        ({"ccdamp": ""}, "amplifier not stated, not D"),
        ({"ccdgain": 4.0}, "gain 4, not 1"),
        ({"binning": (2, 2)}, "binned 2 x 2"),
        ({"subarray": True}, "a sub-array"),
        ({"exptime_s": 60.0}, "60 s, shorter than 960 s"),
        ({"exptime_s": 5000.0}, "5000 s, longer than 1900 s"),
        ({"mjd": 58022.5}, "the same exposure as odbridnaq"),
        ({"origin": (8, 0)}, "covers rows 8 to 71 and columns 0 to 63, most cover another part"),
    ],
)
def test_reasons(other: dict[str, object], why: str) -> None:
    second = replace(USED, rootname="other", **{"mjd": 58023.5} | other)
    assert reasons([USED, second, replace(USED, mjd=58025.0)], USUAL) == ["", why, ""]


def test_an_excluded_exposure_does_not_take_the_place_of_one_that_began_with_it() -> None:
    assert reasons([replace(USED, ccdamp="A"), USED], USUAL) == ["amplifier A, not D", ""]


def test_biases_are_taken_as_the_darks_were_and_in_pairs_enough() -> None:
    bias = replace(USED, exptime_s=0.0)
    many = [*[bias] * 20, replace(bias, ccdamp="A"), replace(bias, origin=(3, 3))]
    why = bias_reasons(many, USED, USUAL)
    assert why[:20] == [""] * 20
    assert why[20] == "amplifier A, not D"
    assert why[21].startswith("covers rows 3 to ")
    assert set(bias_reasons(many[:19], USED, USUAL)) == {"fewer than 10 pairs of biases"}
    assert bias_reasons([], USED, USUAL) == []


def test_nothing_is_nothing() -> None:
    assert reasons([], USUAL) == []


def test_another_choice() -> None:
    short = replace(USED, exptime_s=60.0)
    assert reasons([short], replace(USUAL, shortest_s=50.0)) == [""]
