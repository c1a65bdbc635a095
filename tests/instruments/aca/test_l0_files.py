"""Files the simulator writes have the structure of real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.instruments.aca.l0_files import file_name, l0_file
from longwatch.instruments.aca.simulate import FIELD, rows_of


def written(slot: int, revision: int = 1) -> bytes:
    return l0_file(rows_of(FIELD[slot], np.arange(0, 40, 4), np.random.default_rng(3)), revision=revision)


@pytest.mark.parametrize(("slot", "n_columns", "n_bytes"), [(0, 45, 343), (3, 27, 213), (6, 18, 111)])
def test_columns_and_bytes_of_a_row(slot: int, n_columns: int, n_bytes: int) -> None:
    header = parse(written(slot), name="a").hdus[1].header
    assert (header["TFIELDS"], header["NAXIS1"], header["NAXIS2"]) == (n_columns, n_bytes, 10)


@pytest.mark.parametrize("slot", range(8))
def test_the_reference_reader_finds_the_sums_right(slot: int, tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(written(slot))
    with fits.open(path, checksum=True) as hdus:
        assert hdus[1].verify_checksum() == hdus[1].verify_datasum() == 1
        assert (hdus[1].data["IMGNUM1"] == slot).all()


@pytest.mark.real
@pytest.mark.parametrize("slot", [0, 3])
def test_the_same_columns_as_a_real_file(real_data: Path, slot: int) -> None:
    path = real_data / "aca" / "l0" / f"test_level0_{slot}.fits.gz"
    real = parse(inflate(path.read_bytes(), name=path.name), name=path.name, checksum=False).hdus[1]
    ours = parse(written(slot), name="a").hdus[1]
    assert [column.name for column in ours.columns()] == [column.name for column in real.columns()]
    for keyword in ("EXTNAME", "HDUNAME", "HDUCLAS2", "CONTENT", "TIMESYS", "MJDREF", "TIMEDEL", "TELESCOP"):
        assert ours.header[keyword] == real.header[keyword], keyword
    assert {k: v for k, v in ours.header.items() if k.startswith(("TFORM", "TDIM", "TZERO", "TUNIT"))} == {
        k: v for k, v in real.header.items() if k.startswith(("TFORM", "TDIM", "TZERO", "TUNIT"))
    }


def test_name_and_revision() -> None:
    assert file_name(797_000_000.7, 3) == "acaf797000000N001_3_img0.fits.gz"
    assert parse(written(0, revision=4), name="a").hdus[1].header["REVISION"] == 4
