"""Columns: what a number means, said once and in units astropy knows."""

from __future__ import annotations

import pytest

from longwatch.domain.column import Column, column_named
from longwatch.errors import BadQuery

RATE = Column(name="dark_rate", unit="electron / s", description="Dark rate")
DQ = Column(name="dq", unit="", description="Flags", dtype="i2")


@pytest.mark.parametrize("unit", ["", "deg_C", "electron / s", "adu", "count / (s pix)"])
def test_units_of_the_field_are_known(unit: str) -> None:
    assert Column(name="x", unit=unit, description="X").unit == unit


def test_an_unknown_unit_is_refused_with_an_example() -> None:
    with pytest.raises(BadQuery, match=r"'temp': 'furlongs per moon' is no unit.*dimensionless"):
        Column(name="temp", unit="furlongs per moon", description="Temperature")


def test_a_column_is_found_by_name() -> None:
    assert column_named((RATE, DQ), "dq", of="cube stis.ccd") is DQ


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(BadQuery, match=r"cube stis\.ccd has no column 'gain'. It has: dark_rate, dq\."):
        column_named((RATE, DQ), "gain", of="cube stis.ccd")
