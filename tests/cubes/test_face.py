"""Cubes on SQLite and a folder, against the public kit."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.cubes.face import CubeRoom
from longwatch.errors import BadQuery, Conflict, NotFound, Refused
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


def test_one_end_of_an_epoch_is_no_span(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    with pytest.raises(BadQuery, match="both"):
        cube.append(epoch=1, start="2026:001", images={"rate": RATE})
    with pytest.raises(BadQuery, match="no image"):
        cube.append(epoch=1, images={})


def test_answers_belong_to_who_asked(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, start="2026:001", stop="2026:029", images={"rate": RATE})
    table, image = cube.pixel(1, 1), cube.image("rate", epoch=1)
    table["rate"][0], table["epoch"][0], image[1, 1] = -1, -1, -1
    again = cube.pixel(1, 1)
    assert (again["rate"][0], again["epoch"][0]) == (RATE[1, 1], 1)
    assert cube.image("rate", epoch=1)[1, 1] == RATE[1, 1]
    with pytest.raises(ValueError, match="read-only"):
        cube.image("rate", epoch=1, view=True)[0, 0] = 1


def test_a_threshold_needs_a_number(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": np.full(SHAPE, np.nan)})
    assert len(cube.where("rate", epoch=1, above=-1e9)) == 0
    with pytest.raises(BadQuery, match="above"):
        cube.where("rate", epoch=1)


def test_ranges_are_half_open_and_on_the_detector(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": RATE})
    assert cube.region((0, 12), (0, 9))["rate"].shape == (1, 12, 9)
    for rows in ((0, 13), (3, 3), (-1, 2)):
        with pytest.raises(BadQuery, match="half-open"):
            cube.region(rows, (0, 9))
