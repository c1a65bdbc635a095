"""A memory of arrays has a size."""

from __future__ import annotations

import numpy as np

from longwatch.series.kept import Kept


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    kept = Kept(limit=250)
    for name in "ab":
        kept.put(name, {"x": np.zeros(100, "u1")})
    assert kept.get("a") is not None
    kept.put("c", {"x": np.zeros(100, "u1")})
    assert kept.get("b") is None
    assert kept.get("a") is not None
    kept.put("a", {"x": np.zeros(10, "u1")})
    kept.put("d", {"x": np.zeros(100, "u1")})
    assert [kept.get(name) is not None for name in "acd"] == [True, True, True]


def test_what_is_larger_than_all_of_it_is_not_held() -> None:
    kept = Kept(limit=10)
    assert len(kept.put("a", {"x": np.zeros(11, "u1")})["x"]) == 11
    assert kept.get("a") is None
