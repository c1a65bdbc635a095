"""Cubes on SQLite and a folder, against the public kit."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.cubes.face import CubeRoom
from longwatch.errors import Conflict, NotFound, Refused
from longwatch.objects.folder import FolderStore
from longwatch.testing.cube import RATE, SHAPE, CubeTests


class TestCubesOnSqliteAndFolder(CubeTests):
    @pytest.fixture
    def cubes(self, cubes: CubeRoom) -> CubeRoom:
        return cubes


def test_room_is_a_mapping_that_says_what_it_holds(cubes: CubeRoom):
    assert len(cubes) == 0
    cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"}).append(epoch=7, images={"rate": RATE})
    assert list(cubes) == ["lab.ccd"]
    assert "lab.ccd" in cubes
    assert "1 epochs of lab.ccd, 7 to 7; rate [adu]" in repr(cubes)
    with pytest.raises(NotFound, match=r"There are: lab\.ccd"):
        cubes["lab.cdd"]


def test_a_second_declaration_must_not_contradict_the_first(cubes: CubeRoom):
    cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu", "more": ""})
    assert [column.name for column in cubes["lab.ccd"].spec.properties] == ["rate", "more"]
    cubes["lab.ccd"].append(epoch=1, start="2026:001", stop="2026:002", images={"rate": np.zeros(SHAPE)})
    with pytest.raises(Conflict):
        cubes.create("lab.ccd", shape=(3, 3), properties={"rate": "adu"})


def test_without_a_writer_nothing_is_written(catalog: Catalog, store: FolderStore, cubes: CubeRoom):
    cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    reading = CubeRoom(catalog, store)
    with pytest.raises(Refused):
        reading.create("lab.more", shape=SHAPE, properties={"rate": "adu"})
    with pytest.raises(Refused):
        reading["lab.ccd"].append(epoch=1, images={"rate": RATE})


def test_a_pinned_room_does_not_move(catalog: Catalog, store: FolderStore, cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": RATE})
    pinned = CubeRoom(catalog, store, commit=catalog.head())["lab.ccd"]
    cube.append(epoch=2, images={"rate": RATE})
    assert list(pinned.epochs()["epoch"]) == [1]
    assert list(cube.epochs()["epoch"]) == [1, 2]
