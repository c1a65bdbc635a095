"""Products: their names, and versions whose text order is their order."""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.product import Identity, version_text

_NUMBER = st.integers(0, 10**11) | st.floats(0, 1e9).map(lambda x: round(x, 6))


def test_an_identity_is_said_as_kind_and_key() -> None:
    assert str(Identity("cos", "cos.jit", "ldngz2szj")) == "cos.jit/ldngz2szj"


def test_an_identity_travels_and_sorts() -> None:
    first, second = Identity("cos", "cos.jit", "a"), Identity("cos", "cos.spt", "a")
    assert sorted([second, first]) == [first, second]
    assert pickle.loads(pickle.dumps(first)) == first


@given(_NUMBER, _NUMBER)
def test_text_order_is_the_order_of_numbers(low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert version_text(low) <= version_text(high)
    assert (version_text(low) < version_text(high)) == (round(high - low, 6) > 0 or low == high == -1)


def test_the_weightiest_part_comes_first() -> None:
    assert version_text(2, "2019-01-01") > version_text(1, "2020-01-01")
    assert version_text(2, "2019-01-01") < version_text(10, "2018-01-01")
    assert version_text(2, "2019-01-01") < version_text(2, "2019-01-02")
