"""FLT files are recognised by their headers and read into identity, time and keywords."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.fits.write import NamedImage, image_file
from longwatch.instruments.stis.dark_files import (
    claim_bias,
    claim_dark,
    imsets,
    read_dark,
    version_of,
)
from longwatch.instruments.stis.dark_writer import Setup, Shot, flt_file
from longwatch.instruments.stis.detector import Frame
from longwatch.instruments.stis.frames import expected_readnoise

FRAME = Frame(
    sci=np.full((4, 6), 31, np.float32),
    err=np.full((4, 6), 9, np.float32),
    dq=np.zeros((4, 6), np.int16),
    cosmic=np.zeros((4, 6), bool),
)


def dark(*shots: Shot, name: str = "odbridnaq", **cards: object) -> Source:
    setup = Setup(rootname=name, origin=(480, 490), cards=cards)
    data = flt_file(setup, [(shot, FRAME) for shot in shots or (Shot(mjd=58022.5, exptime_s=1100.0, temp_c=20.0),)])
    return Source(name=f"{name}_flt.fits", data=data, fits=parse(data, name=name))


@pytest.mark.parametrize(
    ("cards", "claimed"),
    [
        ({}, True),
        ({"TARGNAME": "BIAS"}, False),
        ({"DETECTOR": "FUV-MAMA"}, False),
        ({"BLEVCORR": "PERFORM"}, False),
        ({"CRCORR": "COMPLETE"}, False),
        ({"PCTECORR": "COMPLETE"}, False),
        ({"CCDAMP": "A", "CCDGAIN": 4}, True),
    ],
)
def test_claims_calibrated_darks_and_nothing_else(cards: dict[str, object], *, claimed: bool) -> None:
    source = dark(**cards)
    assert (claim_dark(source.name, source.data[:100], source.fits.primary.header) > 0) is claimed
    assert claim_dark("x_flt.fits", b"", None) == 0
    is_bias = cards == {"TARGNAME": "BIAS"}
    assert (claim_bias(source.name, source.data[:100], source.fits.primary.header) > 0) is is_bias
    assert claim_bias("x_flt.fits", b"", None) == 0


def test_reads_identity_time_and_exposure() -> None:
    reading = read_dark(dark())
    assert reading.key == "odbridnaq"
    assert reading.t_max_us - reading.t_min_us == 1100_000_000
    assert reading.keywords == {"SIDE": 2, "N_IMSETS": 1}
    (exposure,) = reading.exposures
    assert exposure.obs_id == "odbridnaq"
    assert exposure.attributes["occdhtav"] == 20.0
    assert exposure.attributes["t_exptime"] == 1100.0


def test_every_imset_is_an_exposure_of_its_own() -> None:
    shots = [Shot(mjd=50500.5 + i, exptime_s=600.0, temp_c=None) for i in range(3)]
    source = dark(*shots)
    assert read_dark(source).keywords == {"SIDE": 1, "N_IMSETS": 3}
    found = list(imsets(source.fits))
    assert [imset.number for imset in found] == [1, 2, 3]
    assert [imset.mjd for imset in found] == [50500.5, 50501.5, 50502.5]
    assert all(np.isnan(imset.temp_c) for imset in found)
    assert found[2].origin == (480, 490)
    plane = found[1].err
    values = np.frombuffer(source.data, plane.dtype, 24, plane.offset)
    assert set(values.tolist()) == {9.0}


def test_t7_a_temperature_of_minus_one_is_unknown() -> None:
    (imset,) = imsets(dark(Shot(mjd=58022.5, exptime_s=1100.0, temp_c=-1.0)).fits)
    assert np.isnan(imset.temp_c)
    assert read_dark(dark(Shot(mjd=58022.5, exptime_s=1100.0, temp_c=-1.0))).exposures[0].attributes["occdhtav"] is None


def test_read_noise_comes_from_the_header_or_the_date() -> None:
    (imset,) = imsets(dark(ATODGAIN=2.0, READNSE=12.0).fits)
    assert imset.readnoise_dn == 6.0
    assert [expected_readnoise(mjd) for mjd in (50600, 55000, 58000)] == [4.0, 5.71, 6.24]


def test_a_newer_file_is_a_newer_version() -> None:
    old, new = (dark(DATE=date, CAL_VER="3.4").fits.primary.header for date in ("2017-10-01", "2019-02-03"))
    assert version_of(old) < version_of(new)


def test_files_that_lack_something_say_what() -> None:
    data, _ = image_file([NamedImage(name="SCI", values=FRAME.sci, cards={"EXPSTART": 5e4, "EXPTIME": 9.0})], cards={})
    with pytest.raises(BadFile, match="a plain image ERR,1; there is none"):
        read_dark(Source(name="x", data=data, fits=parse(data, name="x")))
    data, _ = image_file([NamedImage(name="SCI", values=FRAME.sci)], cards={})
    with pytest.raises(BadFile, match="sought EXPSTART as a number"):
        read_dark(Source(name="x", data=data, fits=parse(data, name="x")))
    data, _ = image_file([], cards={})
    with pytest.raises(BadFile, match="sought a SCI extension"):
        read_dark(Source(name="x", data=data, fits=parse(data, name="x")))
    with pytest.raises(BadFile, match="sought a FITS file"):
        read_dark(Source(name="x", data=b""))
