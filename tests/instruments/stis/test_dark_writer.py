"""Simulated FLT files look like real ones to astropy."""

from __future__ import annotations

import io

import numpy as np
from astropy.io import fits

from longwatch.instruments.stis.dark_writer import Setup, Shot, flt_file, rootname_of
from longwatch.instruments.stis.detector import Frame


def test_astropy_reads_what_was_written() -> None:
    sci = np.arange(12, dtype=np.float32).reshape(3, 4)
    frame = Frame(sci=sci, err=sci + 1, dq=np.full(sci.shape, 8192, np.int16), cosmic=sci > 99)
    shot = Shot(mjd=58022.25, exptime_s=1100.0, temp_c=19.5)
    data = flt_file(Setup(rootname="odbridnaq", origin=(7, 9)), [(shot, frame), (shot, frame)])
    with fits.open(io.BytesIO(data), checksum=True) as file:
        file.verify("exception")
        assert [(hdu.name, hdu.ver) for hdu in file[1:]] == [
            (name, version) for version in (1, 2) for name in ("SCI", "ERR", "DQ")
        ]
        assert file[0].header["NEXTEND"] == 6
        assert file[0].header["TDATEOBS"] == "2017-09-26"
        assert file["SCI", 2].header["OCCDHTAV"] == 19.5
        assert file["SCI", 1].header["LTV1"] == -9.0
        assert (file["ERR", 1].data == sci + 1).all()
        assert file["DQ", 1].data.dtype == np.dtype(">i2")


def test_rootnames_are_of_nine_letters_and_their_own() -> None:
    names = [rootname_of(number, dark) for number in (200, 238) for dark in range(98)]
    assert {len(name) for name in names} == {9}
    assert len(set(names)) == len(names)
