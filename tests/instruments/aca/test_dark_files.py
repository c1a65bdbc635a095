"""What is claimed as a dark calibration, and what a plain image must say."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.instruments.aca import dark_files
from longwatch.instruments.aca.simulate_dark import DarkCal, plain_file

IMAGE = np.ones((1024, 1024), np.float32)
DATA = plain_file(DarkCal(dark_id="2007006", t_ccd=-19.0, truth=IMAGE.astype(float), image=IMAGE))


def source(name: str, data: bytes = DATA) -> Source:
    return Source(name=name, data=data, fits=parse(data, name=name))


def test_claims_by_content_or_name() -> None:
    header = parse(DATA, name="x").primary.header
    assert dark_files.claim("any.fits", b"", header) == 1.0
    nameless = parse(DATA.replace(b"ACADARK", b"UNKNOWN"), name="x").primary.header
    assert dark_files.claim("dark_2007006.fits", b"", nameless) == 0.7
    assert dark_files.claim("image.fits", b"", nameless) == dark_files.claim("imd.fits.gz", b"", nameless) == 0.5
    assert dark_files.claim("picture.fits", b"", nameless) == 0.0
    assert dark_files.claim("dark_2007006.json", b"", None) == 0.0


def test_day_from_name_or_header() -> None:
    named = dark_files.read(source("d_2022104.fits"))
    assert (named.key, named.epochs[0].number) == ("2022104", 2022104)
    dated = dark_files.read(source("map.fits"))
    assert dated.key == "2007006"
    assert dated.epochs[0].attributes["ccd_temp"] == -19.0
    assert dated.keywords == {"CCD_TEMP": -19.0}
    image = DATA.replace(b"DATE-OBS", b"DATA-OBS")
    in_folder = dark_files.read(Source(name="image.fits", data=image, fits=parse(image, name="x"), folder="2009113"))
    assert (in_folder.key, in_folder.epochs[0].attributes) == ("2009113", {"date": "2009:113"})
    assert [rows.series for rows in in_folder.rows] == ["aca.dark_cals"]
    with pytest.raises(BadFile, match="YYYYDOY"):
        dark_files.read(source("map.fits", DATA.replace(b"DATE-OBS", b"DATA-OBS")))


def test_damaged_numbers_are_refused() -> None:
    damaged = IMAGE.copy()
    damaged[3, 3] = np.inf
    cal = DarkCal(dark_id="2007006", t_ccd=-19.0, truth=IMAGE.astype(float), image=damaged)
    with pytest.raises(BadFile, match="1 pixels"):
        dark_files.read(source("map.fits", plain_file(cal)))
    with pytest.raises(BadFile, match="cannot be"):
        dark_files.read(source("map.fits", DATA.replace(b"-19.0", b"319.0")))
