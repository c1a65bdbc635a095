"""Order and uniqueness as pure functions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longwatch.series.order import answering, ascending, repeats, selections, sorting

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=12)


@given(ROWS)
def test_the_highest_rank_of_each_key_answers_and_of_equals_the_last(rows: list[tuple[int, int, int]]) -> None:
    table = np.array(rows, dtype=np.int64).reshape(-1, 3)
    best: dict[tuple[int, int], int] = {}
    for number, (time, slot, rank) in enumerate(rows):
        if (time, slot) not in best or rank >= rows[best[time, slot]][2]:
            best[time, slot] = number
    keys = [table[:, 0], table[:, 1]]
    assert answering(keys, table[:, 2]).tolist() == [best[key] for key in sorted(best)]
    assert ascending(keys) == all(a[0] < b[0] for a, b in pairwise(rows))


def test_repeats_are_told_among_sorted_rows() -> None:
    keys = [np.array([1, 1, 1, 2]), np.array([0, 0, 1, 1])]
    assert repeats(keys).tolist() == [True, False, False, False]
    assert sorting([np.array([2, 1, 2]), np.array([1, 5, 0])]).tolist() == [1, 2, 0]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 700)), max_size=6))
def test_selections_are_the_rows_whose_flag_is_set(runs: list[tuple[bool, int]]) -> None:
    flags = np.array([flag for flag, length in runs for _ in range(length)], dtype=bool)
    rows = np.arange(len(flags))
    assert [row for selected in selections(flags) for row in rows[selected].tolist()] == rows[flags].tolist()


def test_long_runs_are_selected_whole() -> None:
    flags = np.repeat([False, True, False, True], 1000)
    assert selections(flags) == [slice(1000, 2000), slice(3000, 4000)]
    assert selections(~flags) == [slice(0, 1000), slice(2000, 3000)]
