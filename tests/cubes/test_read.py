"""The same answers from a store that cannot map; a slab cut short is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectId
from longwatch.cubes.face import CubeRoom
from longwatch.errors import Unavailable
from longwatch.ingest.hand import HandWriter
from longwatch.objects.folder import FolderStore
from longwatch.testing.cube import RATE, SHAPE, CubeTests


class Unmapped(FolderStore):
    """A folder that answers as a bucket does."""

    @override
    def view(self, oid: ObjectId) -> memoryview | None:
        return None


class TestCubesWithoutMaps(CubeTests):
    @pytest.fixture
    def cubes(self, catalog: Catalog, tmp_path: Path) -> CubeRoom:
        store = Unmapped(tmp_path / "store")
        return CubeRoom(catalog, store, writer=HandWriter(catalog, store))


def test_a_slab_cut_short_is_no_answer(cubes: CubeRoom, store: FolderStore, tmp_path: Path):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": RATE})
    (slab,) = (path for path in (tmp_path / "store" / "objects").rglob("*") if path.is_file())
    slab.chmod(0o644)
    with slab.open("r+b") as file:
        file.truncate(6000)
    assert cube.pixel(0, 0)["rate"][0] == RATE[0, 0]
    with pytest.raises(Unavailable, match="ends early"):
        cube.pixel(11, 8)
    with pytest.raises(Unavailable, match="ends early"):
        cube.image("rate", epoch=1)


def test_many_pixels_of_nothing_are_no_rows(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    assert len(cube.pixel(0, 0)) == 0
    cube.append(epoch=1, images={"rate": np.zeros(SHAPE)})
    table = cube.pixels([])
    assert (len(table), table.colnames[:3]) == (0, ["row", "col", "epoch"])
    assert cube.pixel(0, 0, properties=[]).colnames == ["epoch", "start", "stop"]
