"""A memory has a size."""

from __future__ import annotations

from longwatch.series.kept import Kept


def test_what_was_used_longest_ago_is_forgotten_first() -> None:
    kept = Kept[bytes](250, len)
    for name in "ab":
        kept.put(name, bytes(100))
    assert kept.get("a") is not None
    kept.put("c", bytes(100))
    assert kept.get("b") is None
    assert kept.get("a") is not None
    kept.put("a", bytes(10))
    kept.put("d", bytes(100))
    assert [kept.get(name) is not None for name in "acd"] == [True, True, True]


def test_what_is_larger_than_all_of_it_is_not_held() -> None:
    kept = Kept[bytes](10, len)
    assert kept.put("a", bytes(11)) == bytes(11)
    assert kept.get("a") is None
