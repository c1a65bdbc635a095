"""Declaring: written once, widened freely, never bent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from longwatch.archive import Archive
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.errors import Conflict
from longwatch.ingest.declare import declare, declare_all
from toy_instrument import TOY, ToyFile, write

(ROWS,) = TOY.series
(MAP,) = TOY.cubes
MORE = Column(name="more", unit="adu", dtype="f4", description="More")

BENT = [
    replace(ROWS, columns=ROWS.columns[:2]),
    replace(ROWS, columns=(*ROWS.columns[:2], replace(ROWS.columns[2], unit="electron"))),
    replace(ROWS, columns=(*ROWS.columns[:2], replace(ROWS.columns[2], dtype="f4"))),
    replace(ROWS, key=()),
    replace(ROWS, scale=TimeScale.CXC),
    replace(MAP, shape=(4, 4)),
    replace(MAP, origin=(-1, 0)),
    replace(MAP, timeline="toy.week"),
    replace(MAP, properties=(MORE,)),
    replace(MAP, name=ROWS.name),
]
NAMES = ["dropped", "unit", "dtype", "key", "scale", "shape", "origin", "timeline", "property", "other-shape"]


def _declare(archive: Archive, *specs: SeriesSpec | CubeSpec) -> int:
    with archive.catalog.run("declare") as run:
        declare(archive.catalog, run, specs)
    return archive.catalog.head()


def test_declaring_again_writes_nothing(archive: Archive) -> None:
    with archive.catalog.run("declare") as run:
        declare_all(archive.catalog, run, [TOY])
        head = archive.catalog.head()
        declare_all(archive.catalog, run, [TOY])
        assert archive.catalog.head() == head
    assert (archive.series[ROWS.name].spec, archive.cubes[MAP.name].spec) == (ROWS, MAP)


def test_columns_may_be_added_and_described_anew(archive: Archive) -> None:
    _declare(archive, ROWS, MAP)
    wider = replace(ROWS, columns=(*ROWS.columns, MORE), description="Better said.")
    _declare(archive, wider, replace(MAP, properties=(*MAP.properties, MORE)))
    assert archive.series[ROWS.name].spec == wider
    assert [p.name for p in archive.cubes[MAP.name].spec.properties] == ["level", "more"]


@pytest.mark.parametrize("bent", BENT, ids=NAMES)
def test_what_would_change_the_meaning_of_stored_data_is_refused(
    archive: Archive, incoming: Path, toys: list[ToyFile], bent: SeriesSpec | CubeSpec
) -> None:
    write(incoming, toys)
    archive.ingest(incoming)
    answer = archive.series[ROWS.name].fetch()
    with pytest.raises(Conflict):
        _declare(archive, bent)
    assert archive.series[ROWS.name].spec == ROWS
    assert archive.series[ROWS.name].fetch()["value"].tolist() == answer["value"].tolist()


@pytest.mark.parametrize("bent", BENT[:-1], ids=NAMES[:-1])
def test_what_holds_nothing_yet_may_be_declared_anew(archive: Archive, bent: SeriesSpec | CubeSpec) -> None:
    _declare(archive, ROWS, MAP)
    _declare(archive, bent)
    assert bent in {archive.series[ROWS.name].spec, archive.cubes[MAP.name].spec}
