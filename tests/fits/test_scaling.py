"""Scaling stored numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from longwatch.fits.scaling import Scaling


@given(hnp.arrays(">i2", 5))
def test_the_unsigned_convention_is_exact(stored: np.ndarray) -> None:
    physical = Scaling(zero=32768.0).physical(stored)
    assert physical.dtype == np.uint16
    np.testing.assert_array_equal(physical.astype(int), stored.astype(int) + 32768)


@pytest.mark.parametrize("dtype", [">i2", "u1", ">f4"])
def test_anything_else_is_float64(dtype: str) -> None:
    physical = Scaling(scale=2, zero=1).physical(np.array([1, 2], dtype))
    np.testing.assert_array_equal(physical, np.array([3.0, 5.0]), strict=True)


def test_null_is_what_was_stored_and_only_of_integers() -> None:
    assert Scaling(scale=2, null=1).physical(np.array([1, 2], ">i2")).tolist() == [None, 4.0]
    assert Scaling(null=1).physical(np.array([1, 2], ">f4")).tolist() == [1.0, 2.0]
    assert Scaling(null=70000).physical(np.array([1, 2], ">i2")).tolist() == [1, 2]


def test_overflow_is_infinity_without_a_warning() -> None:
    assert Scaling(scale=1e200).physical(np.array([1e200])).tolist() == [np.inf]
