"""What the planes of a slab were made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.reading import Plane, Reading
from longwatch.cubes.face import CubeRoom
from longwatch.cubes.inputs import history, inputs_of
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Identity
from longwatch.errors import NotFound
from longwatch.ingest.hand import HandWriter
from longwatch.objects.folder import FolderStore

SPEC = CubeSpec(
    name="toy.map",
    description="A map.",
    shape=(4, 5),
    properties=tuple(Column(name=name, unit="", description=name, dtype="f4") for name in ("level", "count")),
    timeline="toy.month",
)
MADE = (("odbridnaq[1]", "0" * 64), ("odbriengq[1]", "f" * 64))


def store_planes(writer: HandWriter, epoch: int, *names: str, inputs: tuple[tuple[str, str], ...] = MADE) -> None:
    image = np.zeros(SPEC.shape, dtype="f4")
    planes = tuple(Plane(cube=SPEC.name, epoch=epoch, property=name, image=image, inputs=inputs) for name in names)
    key = f"{epoch} {names}"
    writer.store(Identity("toy", "toy.hand", key), Reading(key=key, planes=planes))


@pytest.fixture
def writer(catalog: Catalog, store: FolderStore) -> HandWriter:
    writer = HandWriter(catalog, store)
    writer.declare(SPEC)
    return writer


def test_lines_come_back() -> None:
    assert tuple(inputs_of(history(MADE))) == MADE
    assert all(len(line) <= 72 for line in history(MADE).splitlines())
    assert list(inputs_of("something else\nsha256 abc")) == []


def test_a_slab_names_its_inputs(writer: HandWriter, cubes: CubeRoom, tmp_path: Path) -> None:
    store_planes(writer, 1, "level", "count")
    table = cubes[SPEC.name].inputs(1)
    assert list(zip(table["name"].tolist(), table["sha256"].tolist(), strict=True)) == list(MADE)
    (slab,) = [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes()[:6] == b"SIMPLE"]
    with fits.open(slab) as file:
        assert f"sha256 {'f' * 64}" in list(file[0].header["HISTORY"])


def test_planes_of_several_slabs_name_each_input_once(writer: HandWriter, cubes: CubeRoom) -> None:
    store_planes(writer, 1, "level")
    store_planes(writer, 1, "count", inputs=(MADE[0], ("later", "a" * 64)))
    assert sorted(cubes[SPEC.name].inputs(1)["name"]) == ["later", "odbridnaq[1]", "odbriengq[1]"]


def test_images_that_came_in_as_they_are_name_none(writer: HandWriter, cubes: CubeRoom) -> None:
    store_planes(writer, 1, "level", inputs=())
    table = cubes[SPEC.name].inputs(1)
    assert (len(table), table.colnames) == (0, ["name", "sha256"])
    with pytest.raises(NotFound, match="epoch 2"):
        cubes[SPEC.name].inputs(2)
