"""Tables filled from one that was laid out before are nobody else's."""

from __future__ import annotations

import numpy as np
from astropy.table import MaskedColumn

from longwatch.cubes.face import CubeRoom
from longwatch.cubes.tables import epoch_table, fill, pixel_table
from longwatch.testing.cube import COUNT, RATE, SHAPE


def test_a_column_is_masked_only_where_something_is_missing(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu", "n_bad": COUNT})
    cube.append(epoch=1, images={"rate": RATE})
    table = cube.pixel(3, 3)
    assert not isinstance(table["rate"], MaskedColumn)
    assert isinstance(table["n_bad"], MaskedColumn)
    assert table["n_bad"].description == "bad frames"
    assert table.colnames == ["epoch", "start", "stop", "rate", "n_bad"]
    assert table.meta["cube"] == "lab.ccd"


def test_filling_one_table_leaves_the_next_alone(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": RATE})
    plan = cube._plans.get("lab.ccd")
    first, second = (pixel_table(plan, ["rate"], np.array([0])) for _ in range(2))
    fill(first, "rate", np.array([5.0]), np.array([False]))
    first.meta["mine"] = True
    first["start"].info.description = "mine"
    assert second["rate"][0] == 0
    third = pixel_table(plan, ["rate"], np.array([0]))
    assert "mine" not in third.meta
    assert third["start"].info.description is None


def test_the_epoch_table_says_what_each_frame_holds(cubes: CubeRoom):
    cube = cubes.create("lab.ccd", shape=SHAPE, properties={"rate": "adu", "n_bad": COUNT})
    assert len(cube.epochs()) == 0
    cube.append(epoch=1, images={"rate": RATE, "n_bad": np.ones(SHAPE)})
    cube.append(epoch=2, images={"rate": RATE})
    table = epoch_table(cube._plans.get("lab.ccd"))
    assert table["planes"].tolist() == [2, 1]
    assert table["properties"].tolist() == ["rate n_bad", "rate"]
