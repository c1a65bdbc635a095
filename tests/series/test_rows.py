"""Rows are checked against the declaration before anything is written."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.contracts.reading import Rows
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.errors import BadQuery
from longwatch.series.rows import to_table

SPEC = SeriesSpec(
    name="lab.checked",
    description="Checked.",
    columns=(
        Column(name="time", unit="s", description="Time"),
        Column(name="slot", unit="", description="Slot", dtype="u1"),
        Column(name="image", unit="", description="Image", dtype="i2", shape=(2, 2)),
        Column(name="word", unit="", description="Word", dtype="str"),
        Column(name="words", unit="", description="Words", dtype="str", ragged=True),
        Column(name="on", unit="", description="On", dtype="bool"),
    ),
    scale=TimeScale.CXC,
    key=("slot",),
)
GOOD = {"time": np.array([1.0, 2.0]), "slot": np.array([0, 255])}


def test_what_is_absent_is_missing_in_every_row() -> None:
    table = to_table(SPEC, Rows(series=SPEC.name, columns=GOOD))
    assert table["word"].null_count == table["words"].null_count == 2
    assert table["image"].to_pylist() == [[None] * 4] * 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"slto": np.zeros(2)}, "no column 'slto'"),
        ({"word": np.array(["a"])}, "different lengths"),
        ({"image": np.zeros((2, 3), dtype="i2")}, r"holds \(2, 2\) a row, but was given \(3,\)"),
        ({"image": np.zeros((2, 2, 2))}, "declared i2, but was given float64"),
        ({"image": np.full((2, 2, 2), 40_000)}, "cannot hold 40000 to 40000"),
        ({"slot": np.array([0, 256])}, "cannot hold 0 to 256"),
        ({"on": np.array([0, 1])}, "declared bool, but was given int64"),
        ({"word": np.array(["a", 3], dtype=object)}, "holds words, but was given something else"),
        ({"word": np.array([1, 3])}, "declared str, but was given int64"),
        ({"slot": np.ma.MaskedArray([0, 1], [False, True])}, "1 of 2 rows have no 'slot'"),
        ({"time": np.ma.MaskedArray([0.0, 1], [False, True])}, "1 of 2 rows have no 'time'"),
        ({"time": np.array([0.0, np.nan])}, "row 1 has the time nan"),
        ({"time": np.array([0.0, 1e300])}, "row 1 has the time 1e\\+300"),
        ({"time": np.array([-np.inf, 1])}, "row 0 has the time -inf"),
    ],
)
def test_what_contradicts_the_declaration_is_named(columns: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        to_table(SPEC, Rows(series=SPEC.name, columns={**GOOD, **columns}))


def test_a_missing_key_is_refused() -> None:
    with pytest.raises(BadQuery, match="have no 'slot'"):
        to_table(SPEC, Rows(series=SPEC.name, columns={"time": GOOD["time"]}))
