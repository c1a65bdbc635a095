"""Expressions over channels: what they give, what is missing, and what they refuse."""

from __future__ import annotations

import operator
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.domain.expression import Expression
from longwatch.errors import BadQuery

MISSING = None
CHANNELS = {
    "temp": np.ma.MaskedArray([-12.0, -8.0, np.nan, 0.0], [False, False, False, True]),
    "dac": np.array([0, 510, 511, 512], dtype="u2"),
    "state": np.ma.MaskedArray(["ON", "OFF", "ON", ""], [False, False, False, True]),
    "lit": np.array([True, False, True, False]),
    "single": np.array([0.1, 0.2, 0.3, 0.4], dtype="f4"),
}


def value(text: str) -> list[object]:
    return Expression.parse(text).evaluate(CHANNELS, 4).tolist()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("temp > -10", [False, True, False, MISSING]),
        ("not temp > -10", [True, False, True, MISSING]),
        ("-13 < temp <= -8", [True, True, False, MISSING]),
        ("state == 'ON' and lit", [True, False, True, False]),
        ("state == 'ON' or not lit", [True, True, True, True]),
        ("temp > -10 or dac >= 512", [False, True, False, True]),
        ("temp > -10 and dac < 100", [False, False, False, False]),
        ("dac - 511", [-511, -1, 0, 1]),
        ("abs(dac - 511) < 1", [False, False, True, False]),
        ("2 * -dac + 1", [1, -1019, -1021, -1023]),
        ("(dac + 1) / 2 % 256", [0.5, 255.5, 0.0, 0.5]),
        ("dac ** 2", [0.0, 260_100.0, 261_121.0, 262_144.0]),
        ("bit(dac, 1)", [False, True, True, False]),
        ("isnan(temp)", [False, False, True, MISSING]),
        ("max(dac, 511) == min(511, dac)", [False, False, True, False]),
        ("single == 0.1", [True, False, False, False]),
        ("single > -0.2 and state != 'OFF'", [True, False, True, MISSING]),
        ("dac % 0 == 0", [False] * 4),
        ("9 ** 9 ** 9 > 1", [True] * 4),
        ("True", [True] * 4),
        ("1 / 0 > 3", [True] * 4),
    ],
)
def test_the_value_of_each_row(text: str, want: list[object]) -> None:
    assert value(text) == want


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("__import__('os')", "__import__"),
        ("temp.real > 1", "temp.real"),
        ("temp[0] > 1", r"temp\[0\]"),
        ("(lambda: 1)() > 0", "lambda"),
        ("[x for x in temp]", "for x"),
        ("temp if lit else 1", "if lit"),
        ("abs(temp, 1) > 0", "abs takes 1"),
        ("lit & True", "Write and, or, not"),
        ("~lit", "Write and, or, not"),
        ("temp // 2", "temp // 2"),
        ("state in ('ON', 'OFF')", "state in"),
        ("temp = 3", "written =="),
        ("temp >", "cannot be read"),
        ("b'x' == state", "b'x'"),
        ("temp > 1j", "1j"),
        ("(temp := 3) > 1", ":="),
        ("f'{temp}' == 'x'", "f'"),
        ("lit and (" * 300 + "lit" + ")" * 300, "read|long"),
        ("temp + " * 400 + "1", "too long"),
        ("-" * 1_900 + "1", "nested"),
        ("a" + "+a" * 900, "nested"),
        ("temp\0", "read"),
        ("temp > 1" + "0" * 400, "number beyond"),
    ],
)
def test_what_is_not_of_the_language_is_named(text: str, named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        Expression.parse(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("temp == 'ON'", "cannot be compared"),
        ("state + 1 > 2", "'state'"),
        ("temp and lit", "'temp'.*no condition"),
        ("not dac", "'dac'.*no condition"),
    ],
)
def test_words_numbers_and_conditions_are_kept_apart(text: str, named: str) -> None:
    with pytest.raises(BadQuery, match=named):
        value(text)


def test_a_number_is_no_condition() -> None:
    with pytest.raises(BadQuery, match="not yes or no"):
        Expression.parse("dac + 1").holds(CHANNELS, 4)


def test_an_image_cannot_be_compared() -> None:
    with pytest.raises(BadQuery, match="arrays"):
        Expression.parse("image > 3").evaluate({"image": np.zeros((4, 2))}, 4)


def test_an_unknown_channel_is_named_with_those_near() -> None:
    with pytest.raises(BadQuery, match=r"'tmp'.*temp.*quotes"):
        Expression.parse("tmp > 3").check(list(CHANNELS), of="series lab")


def test_channels_are_named_once_and_functions_are_none() -> None:
    assert Expression.parse("abs(dac) > 1 and temp < dac").names == ("dac", "temp")


LEAVES = st.sampled_from(["a > 1", "b == 2", "a < b", "c", "a + b >= 3", "not c"])
CONDITIONS = st.recursive(
    LEAVES,
    lambda below: st.one_of(
        st.builds("({} and {})".format, below, below),
        st.builds("({} or {})".format, below, below),
        st.builds("(not {})".format, below),
    ),
    max_leaves=6,
)
ROWS = st.lists(
    st.tuples(*[st.one_of(st.none(), st.integers(0, 3))] * 2, st.one_of(st.none(), st.booleans())), max_size=8
)


def slow(text: str, row: dict[str, object]) -> object:
    """Say what a condition is for one row: True, False or unknown, by trying every value the missing ones may have."""
    spaces = {
        name: [given] if given is not None else ([True, False] if name == "c" else [0, 1, 2, 3, 9])
        for name, given in row.items()
    }
    found = {bool(eval(text, {"a": a, "b": b, "c": c})) for a in spaces["a"] for b in spaces["b"] for c in spaces["c"]}
    return found.pop() if len(found) == 1 else None


@given(CONDITIONS, ROWS)
def test_what_is_said_of_missing_values_is_true_whatever_they_are(text: str, rows: list[tuple[object, ...]]) -> None:
    columns = {
        name: np.ma.MaskedArray(
            np.array([row[place] or 0 for row in rows], dtype=bool if name == "c" else np.int64),
            [row[place] is None for row in rows],
        )
        for place, name in enumerate("abc")
    }
    got = Expression.parse(text).holds(columns, len(rows)).tolist()
    want = [slow(text, dict(zip("abc", row, strict=True))) for row in rows]
    assert all(one in {None, other} for one, other in zip(got, want, strict=True))
    whole = [None not in row for row in rows]
    assert [g for g, w in zip(got, whole, strict=True) if w] == [g for g, w in zip(want, whole, strict=True) if w]


@given(st.text("abc()<>=!+-*/%. 0123'\"andotr,[]{}:lmbd_", max_size=30))
def test_no_text_does_anything_but_teach(text: str) -> None:
    with suppress(BadQuery):
        assert all(name in text for name in Expression.parse(text).names)


def test_arithmetic_agrees_with_plain_numbers() -> None:
    a, b = np.random.default_rng(5).integers(1, 99, (2, 50))
    for sign, plain in {"+": operator.add, "-": operator.sub, "*": operator.mul, "%": operator.mod}.items():
        got = Expression.parse(f"a {sign} b").evaluate({"a": a.astype("u1"), "b": b.astype("u1")}, 50)
        assert got.tolist() == [plain(int(x), int(y)) for x, y in zip(a, b, strict=True)]


LIMITS = np.iinfo(np.int64)


@pytest.mark.parametrize("text", ["a + b", "a - b", "a * b", "-a", "abs(a)", "a * 1000000", "a - 1 + b"])
@pytest.mark.parametrize("a", [LIMITS.min, LIMITS.max, 3_000_000_000_000, -7])
def test_whole_numbers_do_not_wrap(text: str, a: int) -> None:
    b = -4_000_000_000_000
    got = Expression.parse(text).evaluate({"a": np.array([a]), "b": np.array([b])}, 1)
    assert got.tolist() == pytest.approx([eval(text)], rel=1e-15)


def test_whole_numbers_that_fit_stay_whole() -> None:
    found = Expression.parse("a * 3 + 1").evaluate({"a": np.array([2**60 + 1])}, 1)
    assert found.tolist() == [3 * 2**60 + 4]
    assert found.dtype == np.int64


def test_what_is_no_whole_number_has_no_bits() -> None:
    words = {"a": np.array([np.nan, np.inf, 2.0**63, 3.0]), "n": np.array([63, 64, -1, 1])}
    assert Expression.parse("bit(a, 63) or bit(a, 62)").evaluate(words, 4).tolist() == [False] * 4
    assert Expression.parse("bit(3, n)").evaluate(words, 4).tolist() == [False, False, False, True]
