"""The kit for file kinds passes a sound kind and catches those that are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.epoch import Epoch
from longwatch.fits.header import Header
from longwatch.testing.kind import FileKindTests, damage, undeclared
from toy_instrument import CUBE, SERIES, TOY, ToyFile, write


class TestToy(FileKindTests):
    """The toy's only kind."""

    @pytest.fixture
    def instrument(self) -> Instrument:
        return TOY

    @pytest.fixture
    def kind(self) -> FileKind:
        return TOY.kinds[0]

    @pytest.fixture
    def files(self, tmp_path: Path) -> Sequence[Path]:
        return write(tmp_path, [ToyFile(key=f"t{n}", version=1, rows=((n, 0, n),), epoch=n, level=n) for n in range(2)])


def claim_everything(_name: str, _head: bytes, _header: Header | None) -> float:
    return 1.0


def break_always(source: Source) -> Reading:
    raise IndexError(source.name)


def test_a_greedy_kind_is_caught() -> None:
    greedy = replace(TOY.kinds[0], claim=claim_everything)
    with pytest.raises(AssertionError):
        FileKindTests().test_leaves_the_files_of_others_alone(greedy, "notes.txt")


def test_a_fragile_reader_is_caught(tmp_path: Path) -> None:
    fragile = replace(TOY.kinds[0], read=break_always, strict_checksum=False)
    files = write(tmp_path, [ToyFile(key="t", version=1, rows=((0, 0, 1.0),), epoch=0, level=0)])
    with pytest.raises(IndexError):
        FileKindTests().test_damaged_files_are_bad_files_and_nothing_worse(fragile, files)


@pytest.mark.parametrize(
    ("reading", "found"),
    [
        (Reading(key="a", rows=(Rows(series="toy.none", columns={"time": np.zeros(1)}),)), ["toy.none.time"]),
        (Reading(key="a", rows=(Rows(series=SERIES, columns={"other": np.zeros(1)}),)), [f"{SERIES}.other"]),
        (Reading(key="a", planes=(Plane(cube=CUBE, epoch=1, property="x", image=np.zeros((1, 1))),)), [f"{CUBE}.x"]),
        (
            Reading(key="a", planes=(Plane(cube=CUBE, epoch=1, property="level", image=np.zeros((9, 9))),)),
            [f"{CUBE}: image of shape (9, 9)"],
        ),
        (
            Reading(key="a", epochs=(Epoch(timeline="toy.week", number=1, start_us=None, stop_us=None),)),
            ["toy.week"],
        ),
    ],
)
def test_what_nobody_declares_is_named(reading: Reading, found: list[str]) -> None:
    assert list(undeclared(TOY, reading)) == found


def test_damage_is_the_same_each_time() -> None:
    data = bytes(range(256)) * 40
    assert list(damage(data)) == list(damage(data))
    assert all(variant != data or len(variant) == len(data) for variant in damage(data))
