"""Values survive the way into Arrow and back, whatever their type, shape and mask."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from longwatch.domain.column import Column
from longwatch.series.values import codes, from_arrow, to_arrow

NUMBERS = ("f8", "f4", "i8", "i4", "i2", "u4", "u2", "u1", "bool")


def back(column: Column, *parts: object) -> np.ndarray:
    """Send values there and back, in several chunks, each a slice of a longer one."""
    stored = [to_arrow(column, part, of="lab") for part in parts]
    whole = [pa.concat_arrays([array, array]).slice(len(array)) for array in stored]
    return from_arrow(column, pa.chunked_array(whole))


@given(st.data(), st.sampled_from(NUMBERS), st.sampled_from([(), (3,), (2, 2)]))
def test_numbers(data: st.DataObject, dtype: str, shape: tuple[int, ...]) -> None:
    column = Column(name="x", unit="", description="", dtype=dtype, shape=shape)  # type: ignore[arg-type]
    n_rows = data.draw(st.integers(1, 4))
    values = data.draw(hnp.arrays(np.dtype(dtype).newbyteorder(">"), (n_rows, *shape)))
    mask = data.draw(hnp.arrays(bool, (n_rows, *shape)))
    given_rows = np.ma.MaskedArray(values, mask)
    found = back(column, given_rows, values)
    assert found.dtype == np.dtype(dtype)
    assert np.array_equal(np.ma.getmaskarray(found), np.concatenate([mask, np.zeros_like(mask)]))
    assert np.ma.isMaskedArray(found) == bool(mask.any())
    same = (np.ma.getdata(found) == np.concatenate([values, values])) | (np.ma.getdata(found) != np.ma.getdata(found))
    assert np.all(same | np.ma.getmaskarray(found))


def test_words() -> None:
    column = Column(name="x", unit="", description="", dtype="str")
    masked = np.ma.MaskedArray(["long word", "b"], [False, True])
    found = back(column, masked, np.array([b"FUVA", b""]), np.array(["é", None], dtype=object))
    assert found.tolist() == ["long word", None, "FUVA", "", "é", None]


def test_ragged_lists() -> None:
    column = Column(name="x", unit="", description="", dtype="i4", ragged=True)
    rows = [np.array([1, 2]), np.ma.MaskedArray([3, 4], [True, False]), [], None]
    found = back(column, rows)
    assert [row if row is None else row.tolist() for row in np.ma.getdata(found)] == [[1, 2], [None, 4], [], None]
    assert np.ma.getmaskarray(found).tolist() == [False, False, False, True]
    words = Column(name="x", unit="", description="", dtype="str", ragged=True)
    assert [row.tolist() for row in back(words, [["a", "bc"], []])] == [["a", "bc"], []]


@pytest.mark.parametrize("words", [[], ["b", "a", "b", "c"]])
def test_codes_keep_the_order_of_words(words: list[str]) -> None:
    stored = pa.chunked_array([pa.array(part, pa.string()).dictionary_encode() for part in (words, words[::-1])])
    both = np.array([*words, *words[::-1]])
    assert np.array_equal(np.unique(both, return_inverse=True)[1], codes(stored))
