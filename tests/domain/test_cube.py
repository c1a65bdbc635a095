"""Declarations of cubes and the names of their planes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.column import Column, Dtype
from longwatch.domain.cube import CubeSpec, plane_key
from longwatch.errors import BadQuery

KEY = ("segment", "hvlevel")
VALUES = {"segment": "FUVA", "hvlevel": 163}


@pytest.mark.parametrize("dtype", ["i8", "u2", "u4", "bool", "str"])
def test_a_property_no_plane_can_hold_is_refused(dtype: Dtype) -> None:
    column = Column(name="x", unit="", description="X", dtype=dtype)
    with pytest.raises(BadQuery, match=f"'x' is {dtype}; planes are"):
        CubeSpec(name="lab.x", description="X", shape=(2, 2), properties=(column,), timeline="lab.x")


def test_a_plane_is_named_in_the_declared_order() -> None:
    assert plane_key(KEY, VALUES) == plane_key(KEY, dict(reversed(VALUES.items()))) == "segment=FUVA;hvlevel=163"
    assert plane_key((), {}) == ""


@pytest.mark.parametrize("values", [{}, {"segment": "FUVA"}, VALUES | {"more": 1}])
def test_a_key_is_given_whole_and_with_nothing_else(values: dict[str, str | int]) -> None:
    with pytest.raises(BadQuery, match="segment"):
        plane_key(KEY, values)


_WORDS = st.text("ABab12", min_size=1, max_size=4)


@given(first=st.tuples(_WORDS, _WORDS), second=st.tuples(_WORDS, _WORDS))
def test_different_keys_have_different_names(first: tuple[str, str], second: tuple[str, str]) -> None:
    names = [plane_key(KEY, dict(zip(KEY, values, strict=True))) for values in (first, second)]
    assert (names[0] == names[1]) == (first == second)
