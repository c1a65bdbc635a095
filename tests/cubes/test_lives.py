"""Births, healing and restlessness of pixels over the epochs of a cube of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import create_archive
from longwatch.cubes.cube import Cube
from longwatch.cubes.lives import Level, restlessness, values_at, watch
from longwatch.domain.column import Column
from longwatch.errors import NotFound

NAN = np.nan
LIVES = {
    (10, 20): [1, 1, 9, 9, 9],  # born
    (10, 21): [9, 9, 9, 9, 9],  # hot from the first
    (10, 22): [1, 9, 1, 9, 1],  # born twice, healed
    (11, 20): [1, 9, 7, 7, 3],  # stays hot down to off
    (11, 21): [NAN, 9, 9, 9, 9],  # hot when first seen
    (11, 22): [1, NAN, 9, NAN, 9],  # keeps its state while not seen
}
LEVELS = {number: Level(on=8.0, off=6.0) for number in range(1, 6)}


@pytest.fixture
def cube(tmp_path: Path) -> Cube:
    archive = create_archive(tmp_path / "site")
    cube = archive.cubes.create("lab.ccd", shape=(2, 3), properties={"rate": "electron / s"}, origin=(10, 20))
    for number in LEVELS:
        image = np.array([[LIVES[row, col][number - 1] for col in (20, 21, 22)] for row in (10, 11)])
        cube.append(epoch=number, start=f"2026:00{number}", stop=f"2026:00{number + 1}", images={"rate": image})
    return cube


def test_births_and_healing(cube: Cube) -> None:
    lives = watch(cube, "rate", LEVELS)
    assert lives.births.tolist() == [[1, 0, 2], [1, 0, 1]]
    assert lives.hot.tolist() == [[True, True, False], [False, True, True]]
    assert lives.hot_in.tolist() == [[3, 5, 2], [3, 4, 3]]
    events = [tuple(row) for row in lives.events]
    assert events[:2] == [(10, 22, 2, 1.0, 9.0), (11, 20, 2, 1.0, 9.0)]
    assert [event[:3] for event in events[2:]] == [(10, 20, 3), (11, 22, 3), (10, 22, 4)]
    assert lives.hot_at_least(4).tolist() == [[10, 21], [11, 21]]


def test_levels_may_differ_by_epoch(cube: Cube) -> None:
    lives = watch(cube, "rate", LEVELS | {5: Level(on=2.0, off=1.5)})
    assert lives.events[-1]["epoch"] == 4
    assert lives.hot.tolist() == [[True, True, False], [True, True, True]]
    with pytest.raises(NotFound, match="no epoch"):
        watch(cube, "rate", {})


def test_values_of_places(cube: Cube) -> None:
    found = values_at(cube, "rate", [1, 3], np.array([[10, 22], [11, 20]]))
    assert found.tolist() == [[1.0, 1.0], [1.0, 7.0]]


def test_what_all_pixels_do_is_no_restlessness() -> None:
    rng = np.random.default_rng(1)
    course = 10 ** np.array([0.0, 0.2, -0.1, 0.3, 0.0, 0.1, -0.2, 0.4])
    values = 100 * course[:, None] * rng.lognormal(0, 0.01, (8, 400))
    values[4:, 0] *= 5  # born
    values[:, 1] *= 10 ** np.array([0.3, -0.3, 0.3, -0.3, 0.3, -0.3, 0.3, -0.3])
    values[1:, 2] = np.nan
    scatter, jumps = restlessness(values, [50.0, 1000.0], jump=0.1)
    assert np.mean(scatter[3:]) == pytest.approx(0.01 / np.log(10), rel=0.1)
    assert scatter[0] < 0.02
    assert scatter[1] > 0.5
    assert np.isnan(scatter[2])
    assert jumps[:3].tolist() == [0, 3, 0]
    assert not jumps[3:].any()


def test_whole_numbers_may_be_missing(tmp_path: Path) -> None:
    archive = create_archive(tmp_path / "whole")
    cube = archive.cubes.create(
        "lab.counts", shape=(1, 2), properties={"n": Column(name="n", unit="", description="Counts", dtype="i2")}
    )
    for number, values in enumerate(([1, 1], [9, 1], [9, 9]), start=1):
        image = np.ma.MaskedArray([values], mask=[[False, number == 2]], dtype="i2")
        cube.append(epoch=number, start=f"2026:00{number}", stop=f"2026:00{number + 1}", images={"n": image})
    lives = watch(cube, "n", {number: LEVELS[number] for number in (1, 2, 3)})
    assert lives.births.tolist() == [[1, 1]]
