"""The contract of cubes as tests: subclass `CubeTests`, give an empty, writable `cubes`, and run it.

Owns what every catalogue and store must answer about pixels. Must not know which ones are under test.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from longwatch.cubes.cube import Cube
from longwatch.cubes.face import CubeRoom
from longwatch.domain.column import Column
from longwatch.errors import BadQuery, LongwatchError, NotFound

SHAPE = (12, 9)
ORIGIN = (-6, 3)
RATE = np.arange(108, dtype="f4").reshape(SHAPE)
COUNT = Column(name="n_bad", unit="", description="bad frames", dtype="i2")


class CubeTests:
    """What every cube must do. A subclass overrides the fixture `cubes` with an empty room one may write to."""

    @pytest.fixture
    def cubes(self) -> CubeRoom:
        """Give an empty room of cubes with a writer."""
        raise NotImplementedError

    @pytest.fixture
    def cube(self, cubes: CubeRoom) -> Cube:
        """Give a cube with an origin, a float and an integer property, and no epochs."""
        rate = Column(name="rate", unit="electron / s", description="dark rate", dtype="f4")
        return cubes.create("lab.ccd", shape=SHAPE, properties={"rate": rate, "n_bad": COUNT}, origin=ORIGIN)

    def test_gives_back_the_image_that_was_put(self, cube: Cube) -> None:
        """Values and type come back; a view shows the same numbers."""
        cube.append(epoch=1, start="2026:001", stop="2026:029", images={"rate": RATE})
        image = cube.image("rate", epoch=1)
        assert image.dtype == np.dtype("f4")
        np.testing.assert_array_equal(image, RATE)
        np.testing.assert_array_equal(cube.image("rate", epoch=1, view=True), RATE)

    def test_a_pixel_is_asked_in_native_coordinates(self, cube: Cube) -> None:
        """(row, col) counts from the detector's own origin."""
        cube.append(epoch=1, images={"rate": RATE})
        assert cube.pixel(-6, 3)["rate"][0] == RATE[0, 0]
        assert cube.pixel(5, 11)["rate"][0] == RATE[11, 8]
        with pytest.raises(BadQuery, match="Rows are -6 to 5"):
            cube.pixel(6, 3)

    def test_a_pixels_life_has_a_row_for_each_epoch(self, cube: Cube) -> None:
        """Epochs come in order, with their times and units; what an epoch lacks is masked."""
        cube.append(epoch=3, images={"rate": RATE + 2})
        cube.append(epoch=1, start="2026:001", stop="2026:029", images={"rate": RATE, "n_bad": np.ones(SHAPE)})
        life = cube.pixel(0, 5)
        assert list(life["epoch"]) == [1, 3]
        assert life["start"][0].isot == "2026-01-01T00:00:00.000"
        assert bool(life["start"].mask[1])
        assert str(life["rate"].unit) == "electron / s"
        assert list(life["n_bad"].mask) == [False, True]

    def test_not_observed_is_not_nan(self, cube: Cube) -> None:
        """Outside a sub-array pixels are masked; a NaN inside it stays a value."""
        part = np.full((2, 3), 7.0)
        part[0, 0] = np.nan
        cube.append(epoch=1, images={"rate": part}, origin=(0, 5))
        image = cube.image("rate", epoch=1)
        assert np.ma.count(image) == 6
        assert np.isnan(image[6, 2])
        assert image[7, 4] == 7
        assert np.isnan(cube.pixel(0, 5)["rate"][0])
        assert bool(cube.pixel(0, 4)["rate"].mask[0])
        with pytest.raises(BadQuery, match="without `view`"):
            cube.image("rate", epoch=1, view=True)

    def test_a_masked_integer_stays_missing(self, cube: Cube) -> None:
        """No number stands for "missing" in an answer."""
        counts = np.ma.masked_equal(np.arange(108).reshape(SHAPE), 17)
        cube.append(epoch=1, images={"n_bad": counts})
        image = cube.image("n_bad", epoch=1)
        np.testing.assert_array_equal(np.ma.getmaskarray(image), counts.mask)
        np.testing.assert_array_equal(np.ma.compressed(image), np.ma.compressed(counts))

    def test_a_replaced_epoch_keeps_its_predecessor(self, cube: Cube) -> None:
        """The newest answers, and the older one does for the time it stood."""
        cube.append(epoch=1, images={"rate": RATE})
        before = datetime.now(UTC)
        cube.append(epoch=1, images={"rate": RATE + 1})
        np.testing.assert_array_equal(cube.image("rate", epoch=1), RATE + 1)
        np.testing.assert_array_equal(cube.image("rate", epoch=1, as_of=before), RATE)
        assert cube.pixel(-6, 3, as_of=before)["rate"][0] == 0
        assert cube.where("rate", epoch=1, above=-1, below=1, as_of=before)["rate"].tolist() == [0]

    def test_the_same_images_again_change_nothing(self, cube: Cube) -> None:
        """Appending twice is appending once."""
        assert cube.append(epoch=1, images={"rate": RATE})
        assert not cube.append(epoch=1, images={"rate": RATE})

    def test_a_property_may_come_later(self, cube: Cube) -> None:
        """What an epoch holds already stays."""
        cube.append(epoch=1, images={"rate": RATE})
        cube.append(epoch=1, images={"n_bad": np.ones(SHAPE)})
        assert cube.epochs()["planes"].tolist() == [2]
        np.testing.assert_array_equal(cube.image("rate", epoch=1), RATE)

    def test_keys_part_the_planes_of_an_epoch(self, cubes: CubeRoom) -> None:
        """A key chooses; without it an image is ambiguous and a pixel gives every key."""
        cube = cubes.create("lab.gain", shape=SHAPE, properties={"gain": ""}, key=("segment", "hvlevel"))
        for segment, level in (("FUVA", 163), ("FUVB", 175)):
            cube.append(epoch=1, images={"gain": RATE + level}, key={"segment": segment, "hvlevel": level})
        assert cube.image("gain", epoch=1, segment="FUVB")[0, 0] == 175
        life = cube.pixel(0, 0)
        assert list(life["segment"]) == ["FUVA", "FUVB"]
        assert list(life["hvlevel"]) == [163, 175]
        with pytest.raises(BadQuery, match="2 images"):
            cube.image("gain", epoch=1)
        with pytest.raises(NotFound, match="FUVA"):
            cube.image("gain", epoch=1, segment="FUVC")

    def test_every_question_agrees_with_the_image(self, cube: Cube) -> None:
        """Region, pixels and threshold are parts of the image."""
        for epoch in (1, 2):
            cube.append(epoch=epoch, images={"rate": RATE * epoch})
        cube.append(epoch=3, images={"rate": RATE[2:6, 1:5]}, origin=(-4, 4))
        region = cube.region((-5, -1), (4, 8))
        places = [(-5, 4), (-2, 7), (-4, 4)]
        pixels = cube.pixels(places, properties=["rate"])
        for number, epoch in enumerate((1, 2, 3)):
            image = np.ma.asarray(cube.image("rate", epoch=epoch))
            _same(region["rate"][number], image[1:5, 1:5])
            listed = pixels[pixels["epoch"] == epoch]["rate"]
            rows, cols = np.transpose(places)
            _same(listed, image[rows + 6, cols - 3])
            found = cube.where("rate", epoch=epoch, above=20.0, below=90.0)
            assert len(found) == int(((image > 20) & (image < 90)).sum())
            assert all(
                image[r + 6, c - 3] == v for r, c, v in zip(found["row"], found["col"], found["rate"], strict=True)
            )
        assert np.ma.getmaskarray(region["n_bad"]).all()

    def test_an_epoch_has_many_names(self, cube: Cube) -> None:
        """A number, the timeline's form, or a time inside it; a gap names its neighbours."""
        cube.append(epoch=4, start="2026:001", stop="2026:029", images={"rate": RATE})
        for form in (4, "ccd:4", "lab.ccd:4", "2026-01-28T23:59:59", "2026:001"):
            np.testing.assert_array_equal(cube.image("rate", epoch=form), RATE)
        with pytest.raises(NotFound, match="after epoch 4"):
            cube.image("rate", epoch="2026:029")
        with pytest.raises(BadQuery, match="follows the timeline"):
            cube.image("rate", epoch="anneal:4")

    @pytest.mark.parametrize(
        "image",
        [
            np.full(SHAPE, 0.5),
            np.full(SHAPE, np.nan),
            np.full(SHAPE, 40_000),
            np.ones((13, 9)),
            np.ones(9),
            np.full(SHAPE, "one"),
        ],
        ids=["fraction", "nan", "range", "shape", "flat", "text"],
    )
    def test_an_image_that_does_not_fit_is_refused(self, cube: Cube, image: np.ndarray) -> None:
        """Nothing is stored rounded, cut or in the wrong place."""
        with pytest.raises(LongwatchError):
            cube.append(epoch=1, images={"n_bad": image})
        assert len(cube.epochs()) == 0


def _same(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(np.ma.getmaskarray(found), np.ma.getmaskarray(expected))
    np.testing.assert_array_equal(np.ma.compressed(found), np.ma.compressed(expected))
