"""Lives that are written down; those of simulated pixels are in `test_twelve_periods`."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.instruments.stis.lives import (
    COLD,
    HOT,
    UNKNOWN,
    WARM,
    Book,
    Threshold,
    hot_in,
    intermittent,
    mean_dwell,
    persistent,
    spells,
    state_sequence,
    told_rate,
)

nan = np.nan
LIVES = {
    "cold": [0.03] * 8,
    "born": [0.03, 0.03, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2],
    "healed": [0.03, 0.2, 0.2, 0.03, 0.03, 0.03, 0.03, 0.03],
    "hysteresis": [0.03, 0.11, 0.09, 0.09, 0.085, 0.07, 0.09, 0.09],
    "reborn": [0.03, 0.2, 0.03, 0.2, 0.2, 0.03, 0.03, 0.2],
    "always": [0.2] * 8,
    "unseen": [nan, nan, 0.2, nan, 0.2, nan, 0.03, 0.03],
}


@pytest.fixture
def book() -> Book:
    found = Book(shape=(1, len(LIVES)))
    for rates in zip(*LIVES.values(), strict=True):
        found.enter(np.array([rates]))
    return found


def of(book: Book, values: np.ndarray) -> dict[str, object]:
    return dict(zip(LIVES, values[0].tolist(), strict=True))


def test_states_with_hysteresis() -> None:
    states = state_sequence(np.array(LIVES["hysteresis"])[:, None])[:, 0].tolist()
    assert states == [COLD, HOT, HOT, HOT, HOT, WARM, WARM, WARM]
    states = state_sequence(np.array(LIVES["unseen"])[:, None])[:, 0].tolist()
    assert states == [UNKNOWN, UNKNOWN, HOT, UNKNOWN, HOT, UNKNOWN, COLD, COLD]


def test_a_rate_that_is_not_significant_turns_no_pixel_hot() -> None:
    rate, error = np.full((2, 2), 0.2), np.array([[0.1, 0.01]] * 2)
    assert state_sequence(rate, error)[0].tolist() == [WARM, HOT]


def test_events(book: Book) -> None:
    assert of(book, book.births) == {
        "cold": 0, "born": 1, "healed": 1, "hysteresis": 1, "reborn": 3, "always": 0, "unseen": 0,
    }  # fmt: skip
    assert of(book, book.deaths) == {
        "cold": 0, "born": 0, "healed": 1, "hysteresis": 1, "reborn": 2, "always": 0, "unseen": 1,
    }  # fmt: skip
    assert of(book, book.longest)["born"] == 6
    assert of(book, book.run)["born"] == 6
    assert of(book, book.hot_in)["unseen"] == 2
    assert of(book, book.seen)["unseen"] == 4
    assert of(book, book.first_birth)["reborn"] == 1
    assert of(book, book.last_birth)["reborn"] == 7


def test_predicates(book: Book) -> None:
    def named(chosen: np.ndarray) -> set[str]:
        return {name for name, is_in in of(book, chosen).items() if is_in}

    assert named(hot_in(book, at_least=3, last=6)) == {"born", "hysteresis", "reborn", "always"}
    assert named(hot_in(book, at_least=3, last=6) & intermittent(book)) == {"reborn"}
    assert named(persistent(book, periods=6)) == {"born", "always"}
    assert named(intermittent(book, times=3)) == {"reborn"}
    assert named(hot_in(book, at_least=8)) == {"always"}


def test_survival_counts_whom_one_could_watch() -> None:
    book = Book(shape=(1, 4))
    for rates in ([0, 0, 0, 1], [1, 1, 1, 1], [1, 1, 0, 1], [1, 0, 0, 1], [1, 0, 0, 0]):
        book.enter(np.array([rates], dtype=float))
    survival = book.survival()
    assert survival[:4] == pytest.approx([1, 2 / 3, 1 / 3, 1 / 3])
    assert np.isnan(survival[-1])
    # Greenwood: S^2 times the sum of d / (n (n - d)) over 1 of 3, 1 of 2, 0 of 1.
    assert book.survival_error()[:4] == pytest.approx(
        [0, np.sqrt(4 / 9 * (1 / 6)), np.sqrt(1 / 9 * (1 / 6 + 1 / 2)), np.sqrt(1 / 9 * (1 / 6 + 1 / 2))]
    )
    assert np.isnan(book.survival_error()[-1])


def test_re_births_and_dwell_times(book: Book) -> None:
    counts = of(book, spells(book))
    assert {name: max(int(count) - 1, 0) for name, count in counts.items() if count} == {
        "born": 0, "healed": 0, "hysteresis": 0, "reborn": 2, "always": 0, "unseen": 0,
    }  # fmt: skip
    dwell = of(book, mean_dwell(book))
    assert np.isnan(dwell.pop("cold"))
    assert dwell == {
        "born": 6, "healed": 2, "hysteresis": 4, "reborn": pytest.approx(4 / 3), "always": 8, "unseen": 2,
    }  # fmt: skip


def test_a_threshold_of_another_level() -> None:
    assert state_sequence(np.array([[0.5], [2.0], [0.9]]), threshold=Threshold(level=1.0))[:, 0].tolist() == [
        COLD,
        HOT,
        HOT,
    ]


def test_a_saturated_pixel_is_hot() -> None:
    rate = told_rate(np.float32([np.nan, np.nan, 0.03]), np.array([0, 30, 58]), np.array([58, 2, 0]))
    assert state_sequence(rate[None])[0].tolist() == [HOT, UNKNOWN, COLD]
