"""Columns stand once, and cover what the real tables hold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from longwatch.contracts.kind import Source
from longwatch.instruments.cos import columns


@pytest.mark.parametrize("group", [columns.LAMPFLASH, columns.JITTER, columns.SMS], ids=["lampflash", "jitter", "sms"])
def test_names_are_unique_and_lower_case(group: Any) -> None:
    names = [column.name for column in group]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() for name in names)


def test_every_jitter_column_of_a_real_file_is_declared_in_its_order(
    real_cos: Path, open_source: Callable[[Path], Source]
) -> None:
    table = open_source(real_cos / "ldngz2szj_jit.fits.gz").fits.hdus[1].table()
    assert [column.name for column in columns.JITTER_TABLE] == [name.lower() for name in table]


def test_every_scalar_of_a_real_lampflash_is_declared(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    table = open_source(real_cos / "ld1ce1rcq_lampflash.fits.gz").fits.hdus[1].table()
    scalars = {name.lower() for name, values in table.items() if values.ndim == 1} - {"segment", "time"}
    assert {column.name for column in columns.LAMPFLASH_TABLE} == scalars
