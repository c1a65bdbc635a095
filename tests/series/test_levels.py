"""Levels tell which elements are there, and which rows lack the same ones."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longwatch.series.levels import before_numbers, presence_of, varint

PATTERNS = st.lists(st.tuples(st.integers(0, 15), st.integers(1, 90)), min_size=1, max_size=9)


def number(value: int) -> bytes:
    """Write a number of variable length."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def levels_of(there: np.ndarray, *, packed: bool, top: int = 1) -> memoryview:
    """Write levels: bits packed by eight elements, or runs of one level; missing is one below what is there."""
    levels = top - 1 + there.astype(int)
    if packed:
        n_bits = top.bit_length()
        padded = np.concatenate([levels, np.zeros(-len(levels) % 8, int)])
        bits = np.packbits(padded[:, None] >> np.arange(n_bits) & 1, bitorder="little").tobytes()
        return memoryview(number(len(padded) // 8 << 1 | 1) + bits)
    ends = [*(np.flatnonzero(np.diff(there)) + 1).tolist(), len(there)]
    starts = [0, *ends[:-1]]
    return memoryview(b"".join(number(b - a << 1) + bytes([levels[a]]) for a, b in zip(starts, ends, strict=True)))


def rows_of(parts: list[tuple[int, int]], width: int) -> np.ndarray:
    """Give rows of four patterns, some after each other; a pattern is repeated to fill a row."""
    patterns = np.arange(16)[:, None] >> np.arange(width) % 4 & 1
    return np.concatenate([np.repeat(patterns[[number]], n, axis=0) for number, n in parts]).astype(bool)


@given(parts=PATTERNS, width=st.sampled_from([1, 4, 8, 36, 64]), packed=st.booleans(), top=st.sampled_from([1, 2, 3]))
def test_rows_that_lack_the_same_are_told_apart(
    parts: list[tuple[int, int]], width: int, packed: bool, top: int
) -> None:
    rows = rows_of(parts, width)
    found = presence_of(levels_of(rows.ravel(), packed=packed, top=top), rows.size, top, width)
    assert found is not None
    assert np.array_equal(found.there, rows.ravel())
    assert found.count == np.count_nonzero(rows)
    assert [one.from_row for one in found.alike[1:]] == [one.to_row for one in found.alike[:-1]]
    assert (found.alike[0].from_row, found.alike[-1].to_row) == (0, len(rows))
    for one, after in zip(found.alike, [*found.alike[1:], None], strict=True):
        assert (rows[one.from_row : one.to_row] == one.there).all()
        assert [one.there[a:b].all() for a, b in one.stretches] == [True] * len(one.stretches)
        assert sum(b - a for a, b in one.stretches) == one.per_row
        assert (one.per_row, one.before) == (one.there.sum(), rows[: one.from_row].sum())
        assert after is None or not np.array_equal(one.there, after.there)
        assert found.of_row(one.from_row) is one
        assert found.of_row(one.to_row - 1) is one


def test_rows_that_change_often_are_not_told_apart() -> None:
    rows = np.arange(300) % 2 == 0
    found = presence_of(levels_of(rows, packed=True), 300, 1, 1)
    assert found is not None
    assert not found.alike
    assert found.count == 150


def test_what_is_remembered_cannot_be_written_to() -> None:
    for rows in (np.arange(16) < 9, np.arange(1000) % 2 == 0):
        found = presence_of(levels_of(rows, packed=True), len(rows), 1, 4 if len(rows) == 16 else 1)
        assert found is not None
        assert found is presence_of(levels_of(rows, packed=True), len(rows), 1, 4 if len(rows) == 16 else 1)
        assert not found.each.flags.writeable or not len(found.each)
        assert not any(one.there.flags.writeable for one in found.alike)


def test_levels_that_end_early_say_nothing() -> None:
    levels = levels_of(np.arange(64) < 9, packed=True)
    assert presence_of(levels[:-1], 64, 1, 1) is None
    assert presence_of(memoryview(b"\x00\x01"), 8, 1, 1) is None


def test_numbers_begin_after_all_runs_of_levels() -> None:
    content = memoryview(b"\x02\x00\x00\x00ab\x01\x00\x00\x00cNUMBERS")
    assert bytes(content[before_numbers(content, 2) :]) == b"NUMBERS"


@given(value=st.integers(0, 1 << 40))
def test_numbers_of_variable_length_are_read(value: int) -> None:
    assert varint(b"?" + number(value), 1) == (value, 1 + len(number(value)))


def test_a_number_that_does_not_end_is_given_up() -> None:
    assert varint(b"\xff" * 1_000, 0)[1] < 20
