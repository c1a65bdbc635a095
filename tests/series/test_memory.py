"""Memory for answers is writable and of the shape and type asked for."""

from __future__ import annotations

import numpy as np

from longwatch.series.memory import concatenated, uninitialised


def test_elements_can_be_written() -> None:
    one, other = uninitialised(5, "f4"), uninitialised(5, "f4")
    one[:], other[:] = 1.0, 2.0
    assert one.tolist() == [1.0] * 5
    assert one.dtype == np.float32
    assert len(uninitialised(0, "i8")) == 0


def test_arrays_are_put_one_after_the_other() -> None:
    rows = np.arange(12, dtype="u2").reshape(6, 2)
    joined = concatenated([rows[:1], rows[1:1], rows[1:]])
    assert np.array_equal(joined, rows)
    assert joined.dtype == rows.dtype
    joined[0] = 9
    assert rows[0, 0] == 0
