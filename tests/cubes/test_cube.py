"""What one cube answers beyond the public kit."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.cubes.face import CubeRoom
from longwatch.errors import BadQuery
from longwatch.testing.cube import RATE, SHAPE


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
