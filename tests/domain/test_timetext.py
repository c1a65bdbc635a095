"""What text names: the distance of relative forms, and absolute text never misread."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.timetext import Reading, relative_us, us_from_label, us_from_text
from longwatch.errors import BadQuery

UTC = Reading(legacy=False, scale="utc")
DAY = 86_400_000_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", 0),
        ("-30d", -30 * DAY),
        (" +1.5d ", DAY * 3 // 2),
        ("-2d 12hr", -5 * DAY // 2),
        ("+1min1s", 61_000_000),
        ("+0.1s", 100_000),
        ("+1yr", DAY * 1461 // 4),
        ("30d", None),
        ("+", None),
        ("+3 fortnights", None),
        ("2016:001", None),
    ],
)
def test_relative_forms(text: str, expected: int | None) -> None:
    assert relative_us(text) == expected


def test_labels_differ_by_scale() -> None:
    noon = 10_957, DAY // 2
    assert us_from_label(*noon, "utc") - us_from_label(*noon, "tai") == 32_000_000
    assert us_from_label(*noon, "tai") - us_from_label(*noon, "tt") == 32_184_000


@given(st.text(alphabet="0123456789:-.T Z+dhrs", max_size=30))
def test_text_is_an_instant_or_a_bad_query(text: str) -> None:
    with contextlib.suppress(BadQuery):
        assert -(2**62) < us_from_text(text, UTC) < 2**62
        assert relative_us(text) is None
