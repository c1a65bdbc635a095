"""The columns of the image telemetry: all that stand in files, each once, each with its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.instruments.aca import columns as c


def test_names_are_lower_case_and_stand_once() -> None:
    names = [column.name for column in c.COLUMNS]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)


def test_every_column_is_described() -> None:
    assert [column.name for column in c.COLUMNS if len(column.description) < 8] == []


def test_diagnostic_bytes_are_the_twelve_of_image_types_6_and_7() -> None:
    assert c.HEADER_3[:2] == ("hd3tlm62", "hd3tlm63")
    assert c.HEADER_3[-1] == "hd3tlm77"
    assert len(c.HEADER_3) == 12


def test_sizes_bring_18_27_and_45_columns_with_the_image() -> None:
    groups = (c.IN_EVERY_SIZE, (*c.IN_EVERY_SIZE, *c.FROM_6X6), c.IN_FILE)
    assert [len(group) + 1 for group in groups] == [18, 27, 45]


@pytest.mark.real
@pytest.mark.parametrize("slot", [0, 3])
def test_every_column_of_a_real_file_is_declared(real_data: Path, slot: int) -> None:
    path = real_data / "aca" / "l0" / f"test_level0_{slot}.fits.gz"
    hdu = parse(inflate(path.read_bytes(), name=path.name), name=path.name, checksum=False).hdus[1]
    declared = {column.name: column for column in c.COLUMNS}
    assert {column.name.lower() for column in hdu.columns()} <= declared.keys()
    for number, column in enumerate(hdu.columns(), 1):
        unit = hdu.header.text(f"TUNIT{number}")
        assert declared[column.name.lower()].unit == unit, column.name
