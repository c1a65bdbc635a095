"""Declarations come back as they were made."""

from __future__ import annotations

import pytest

from longwatch.catalog.declared import declare_cube, declare_series, declared_cubes, declared_series
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec, TimeScale

COLUMNS = (
    Column(name="time", unit="s", description="Time."),
    Column(name="slot", unit="", description="Slot.", dtype="i2"),
    Column(name="image", unit="DN", description="Image.", dtype="f4", shape=(8, 8)),
)
SERIES = SeriesSpec(name="lab.s", description="S.", columns=COLUMNS, scale=TimeScale.CXC, key=("slot",))
CUBE = CubeSpec(
    name="lab.c",
    description="C.",
    shape=(4, 5),
    origin=(-2, 0),
    properties=(Column(name="rate", unit="electron / s", description="Rate.", dtype="f4"),),
    timeline="lab.t",
    key=("segment",),
)


def test_what_is_declared_comes_back_equal(catalog):
    with catalog.run("declare") as run, catalog.change(run) as change:
        numbers = declare_series(change, SERIES), declare_cube(change, CUBE)
    with catalog.read() as snapshot:
        series, cube = declared_series(snapshot)["lab.s"], declared_cubes(snapshot)["lab.c"]
    assert (series.spec, cube.spec) == (SERIES, CUBE)
    assert (series.id, cube.id) == numbers


@pytest.mark.parametrize("times", [2, 3])
def test_declaring_again_keeps_the_number_and_takes_new_columns(sqlite, times):
    more = SeriesSpec(
        name="lab.s",
        description="S.",
        columns=(*COLUMNS, Column(name="late", unit="", description="Late.")),
        scale=TimeScale.CXC,
        key=("slot",),
    )
    with sqlite.run("declare") as run:
        with sqlite.change(run) as change:
            first = declare_series(change, SERIES)
        for _ in range(times):
            with sqlite.change(run) as change:
                assert declare_series(change, more) == first
    with sqlite.read() as snapshot:
        assert declared_series(snapshot)["lab.s"].spec == more
