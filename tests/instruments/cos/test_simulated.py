"""Simulated products hold what they were told to."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.fits.file import parse
from longwatch.instruments.cos.simulated import (
    Exposure,
    Flash,
    acq_image_bytes,
    jit_bytes,
    lampflash_bytes,
    peakup_bytes,
    spt_bytes,
)

EXPOSURE = Exposure(root="lsm00000q", detector="NUV", opt_elem="G225M", cenwave=2373, expstart=57388.25, exptime=100.0)


def test_lampflash_rows_and_keywords() -> None:
    flashes = [
        Flash(segment=f"NUV{stripe}", time_s=t, lamp_on=t - 6, duration=12.0, shift_disp=t, shift_xdisp=0.5)
        for t in (6.0, 606.0)
        for stripe in "ABC"
    ]
    hdu = parse(lampflash_bytes(EXPOSURE, flashes), name="x").hdu("LAMPFLASH")
    assert hdu.table()["SEGMENT"].tolist() == ["NUVA", "NUVB", "NUVC"] * 2
    assert hdu.table()["WAVELENGTH"].shape == (6, 1274)
    keywords = [
        hdu.header[keyword] for keyword in ("NUMFLASH", "LMP_ON2", "LMPOFF2", "SHIFT1A", "DATE-OBS", "TIME-OBS")
    ]
    assert keywords == [2, 600.0, 612.0, 306.0, "2016-01-01", "06:00:00"]


def test_acquisition_images_are_unsigned_counts() -> None:
    before, after = np.zeros((1024, 1024), int), np.zeros((1024, 1024), int)
    before[430, 300], after[431, 299] = 40000, 7
    fits = parse(acq_image_bytes(EXPOSURE, (before, after), {"ACQSLEWX": 0.1}), name="x")
    assert [hdu.name for hdu in fits.hdus] == ["PRIMARY", *["SCI", "ERR", "DQ"] * 2]
    assert fits.hdus[1].image()[430, 300] == 40000
    assert [hdu.header.get("NEVENTS") for hdu in fits.hdus if hdu.name == "SCI"] == [40000, 7]
    assert int((fits.hdus[3].image() == 128).sum()) == 767056


def test_peakup_closes_its_slew() -> None:
    fits = parse(peakup_bytes(EXPOSURE, [0.0, -1.3, 1.3], [10, 20, 30], {"ACQSLEWX": 0.217}), name="x")
    table = fits.hdu("ACQ").table()
    assert table["DISP_OFFSET"] @ table["COUNTS"] / 60 == pytest.approx(0.21667, abs=1e-4)


def test_support_file_has_three_extensions_for_each_part() -> None:
    fits = parse(spt_bytes(EXPOSURE, [{"LQTATYPE": "LTAIMCAL"}, {}]), name="x")
    assert [hdu.name for hdu in fits.hdus[1:]] == ["SUPPORT", "SNAP1", "SNAP2"] * 2
    assert fits.hdus[1].image().shape == (965,)
    assert fits.primary.header["PSTRTIME"] == "2016.001:05:59:00"


def test_jitter_columns_that_are_not_given_are_zero() -> None:
    fits = parse(jit_bytes("lsm00000j", {"lsm00000j": {"seconds": np.arange(3.0)}}), name="x")
    table = fits.hdus[1].table()
    assert (len(table), table["Seconds"].tolist(), table["Mag_V3"].tolist()) == (28, [0, 1, 2], [0, 0, 0])
