"""Which columns are read for what is asked, and in which order they are given."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import Table

from longwatch.domain.derived import Derived
from longwatch.errors import BadQuery
from longwatch.series.asked import Asked, at_most, conditions, named
from longwatch.testing.series import spec_named

SPEC = spec_named("lab.some")
KNOWN = {"twice": Derived(name="twice", formula="2 * value", unit="deg_C")}


def test_everything_is_asked_by_no_name() -> None:
    assert Asked.of(SPEC, None, KNOWN).names == ("time", "slot", "value", "state", "twice")
    assert Asked.of(SPEC, None, {}).stored == ("time", "slot", "value", "state")


def test_what_a_formula_needs_is_read_but_not_given() -> None:
    asked = Asked.of(SPEC, ["twice", "state"], KNOWN, beside=["slot"])
    assert (asked.names, asked.stored) == (("time", "twice", "state"), ("time", "state", "value", "slot"))
    assert asked.channels == {"time": ("time",), "twice": ("twice", "value"), "state": ("state",)}
    table = Table({"span": [0], "time": [1.0], "state": ["ON"], "value": [4.0], "slot": [3]})
    given = asked.given(asked.made(table))
    assert given.colnames == ["span", "time", "twice", "state"]
    assert given["twice"].tolist() == [8.0]


def test_a_table_that_needs_nothing_is_given_as_it_is() -> None:
    table = Table({"time": np.array([1.0]), "value": np.array([2.0])})
    asked = Asked.of(SPEC, "value", KNOWN)
    assert asked.given(asked.made(table)) is table


def test_unknown_names_are_named_with_derived_ones_among_those_there_are() -> None:
    with pytest.raises(BadQuery, match=r"'twise'.*value.*twice"):
        Asked.of(SPEC, "twise", KNOWN)


@pytest.mark.parametrize("value", [[0], (0, 1), {0}, np.arange(2), {"is": 0}])
def test_a_condition_is_a_single_value(value: object) -> None:
    assert conditions({"slot": np.int32(3), "state": "ON", "lit": True, "none": None})["slot"] == 3
    assert conditions(None) == {}
    with pytest.raises(BadQuery, match=r"'slot'.*no single value"):
        conditions({"slot": value})


def test_no_fewer_than_no_rows_are_given() -> None:
    assert [at_most(limit) for limit in (None, 0, 3)] == [None, 0, 3]
    with pytest.raises(BadQuery, match="-1 rows"):
        at_most(-1)


def test_one_name_is_a_list_of_one() -> None:
    assert named("ab") == ["ab"]
    assert named(("a", "b")) == ["a", "b"]
