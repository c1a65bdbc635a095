from __future__ import annotations

import pytest

from longwatch.cli.words import count, duration, size, trimmed


@pytest.mark.parametrize(
    ("n_bytes", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (123_400, "123 kB"),
        (999_900, "1.00 MB"),
        (2_340_000_000, "2.34 GB"),
    ],
)
def test_sizes(n_bytes: int, said: str) -> None:
    assert size(n_bytes) == said


def test_counts() -> None:
    assert [count(1, "file"), count(1234, "file"), count(2, "series", "series")] == [
        "1 file",
        "1,234 files",
        "2 series",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (2.4, "2 s"), (59, "59 s"), (90, "1.5 min"), (7200, "2.0 h"), (2e6, "23 days")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_times_lose_their_last_zeros_only() -> None:
    assert trimmed("2016-12-31T23:59:60.000000") == "2016-12-31T23:59:60"
    assert trimmed("2016-12-31T23:59:60.500000") == "2016-12-31T23:59:60.5"
    assert trimmed("2016-12-31T23:59:50") == "2016-12-31T23:59:50"
