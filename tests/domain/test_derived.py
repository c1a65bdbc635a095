"""The declaration of a channel that a formula gives."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.domain.column import Column
from longwatch.domain.derived import Derived
from longwatch.errors import BadQuery

COLUMNS = (
    Column(name="temp", unit="deg_C", description="Temperature"),
    Column(name="events", unit="s", description="Events", ragged=True),
    Column(name="state", unit="", description="State", dtype="str"),
)


@pytest.mark.parametrize(
    ("formula", "dtype", "want"),
    [
        ("temp > 3", "bool", [False, True]),
        ("temp * 2", "f8", [2.0, 8.0]),
        ("state", "str", ["ON", "OFF"]),
        ("3", "i8", [3, 3]),
    ],
)
def test_values_have_the_type_the_formula_gives(formula: str, dtype: str, want: list[object]) -> None:
    column, values = Derived(name="x", formula=formula).of(
        {"temp": np.array([1.0, 4.0]), "state": np.array(["ON", "OFF"])}, 2
    )
    assert (column.dtype, values.tolist()) == (dtype, want)
    assert column.description == f"Derived: {formula}"


def test_it_says_what_it_needs() -> None:
    assert Derived(name="x", formula="abs(temp) > 3 and state == 'ON'").needs == ("temp", "state")


@pytest.mark.parametrize(
    ("name", "formula", "named"),
    [("temp", "temp", "already"), ("x", "events > 3", "lists"), ("x", "state + 1", "'state'"), ("x", "tmp", "'tmp'")],
)
def test_a_formula_fits_its_series(name: str, formula: str, named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        Derived(name=name, formula=formula).check(COLUMNS, of="Series lab")


def test_name_and_unit_make_sense() -> None:
    with pytest.raises(BadQuery, match="cannot be called"):
        Derived(name="2x", formula="temp")
    with pytest.raises(BadQuery, match="no unit"):
        Derived(name="x", formula="temp", unit="degrees of heat")
