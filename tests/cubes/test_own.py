"""What a user hands over is a reading like any other."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.cubes.own import epoch_reading, own_column
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery

SPEC = CubeSpec(
    name="lab.ccd",
    description="",
    shape=(2, 2),
    properties=(own_column("rate", "adu"), own_column("flag", "")),
    timeline="lab.ccd",
    key=("amp",),
)


def test_a_unit_is_enough_for_a_property():
    assert own_column("dark_rate", "adu") == Column(name="dark_rate", unit="adu", description="dark rate")
    given = Column(name="n", unit="", description="count", dtype="i2")
    assert own_column("n", given) is given
    with pytest.raises(BadQuery, match="no unit"):
        own_column("n", "electrons per fortnight")


def test_the_reading_names_cube_epoch_key_and_properties():
    images = {"rate": np.zeros((2, 2)), "flag": np.ones((2, 2), dtype=int)}
    reading = epoch_reading(SPEC, 3, images, span=Timespan(10, 20), key={"amp": "D"}, origin=None)
    assert reading.key == "lab.ccd/3/amp=D/flag+rate"
    assert (reading.t_min_us, reading.t_max_us) == (10, 20)
    assert [(epoch.timeline, epoch.number, epoch.stop_us) for epoch in reading.epochs] == [("lab.ccd", 3, 20)]
    assert [plane.image.dtype.str[1:] for plane in reading.planes] == ["f8", "f8"]


def test_without_a_span_the_timeline_is_left_alone():
    reading = epoch_reading(SPEC, 3, {"rate": [[1, 2], [3, 4]]}, span=None, key={"amp": "D"}, origin=None)
    assert reading.epochs == ()
    assert reading.t_min_us is None


def test_what_does_not_fit_is_a_bad_question():
    with pytest.raises(BadQuery, match="does not lie"):
        epoch_reading(SPEC, 3, {"rate": np.zeros((3, 3))}, span=None, key={"amp": "D"}, origin=None)
    with pytest.raises(BadQuery, match="amp"):
        epoch_reading(SPEC, 3, {"rate": np.zeros((2, 2))}, span=None, key={}, origin=None)
