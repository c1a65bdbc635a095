"""Answers are tables that astropy and pandas understand."""

from __future__ import annotations

import numpy as np
from astropy.table import QTable

from longwatch.domain.column import Column
from longwatch.series.answer import dressed

COLUMNS = [
    (Column(name="t", unit="s", description="Time"), np.array([1.0])),
    (Column(name="w", unit="", description="Word", dtype="str"), np.array(["a"])),
    (Column(name="m", unit="K", description="Masked"), np.ma.MaskedArray([1.0], [True])),
]


def test_numbers_have_units_words_have_none_and_masks_stand_where_something_is_missing() -> None:
    table = dressed(COLUMNS, {"series": "lab"})
    assert [str(table[name].unit) for name in table.colnames] == ["s", "None", "K"]
    assert [table[name].description for name in table.colnames] == ["Time", "Word", "Masked"]
    assert [hasattr(table[name], "mask") for name in table.colnames] == [False, False, True]
    assert table.meta["series"] == "lab"
    assert QTable(table)["t"].unit == "s"
