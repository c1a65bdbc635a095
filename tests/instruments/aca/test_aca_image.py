"""Images that know their place. Rules: spec/aca-dark-hdr3-l0.md 5; defects mended: 8.1 B14."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from longwatch.errors import BadQuery
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.flicker import FlickerModel


@pytest.fixture
def image() -> ACAImage:
    return ACAImage(np.arange(64.0).reshape(8, 8), row0=11, col0=-4, meta={"BGDAVG": 5})


def test_absolute_and_relative_indices(image: ACAImage) -> None:
    assert image[2, 3] == image.aca[13, -1] == 19.0
    part = image.aca[12:15, -2:100]
    assert (part.shape, part.row0, part.col0) == ((3, 6), 12, -2)
    assert part[0, 0] == image[1, 2]
    assert image.aca[..., -4].tolist() == image[:, 0].tolist()
    assert image.aca[...].shape == (8, 8)
    assert image[2:].row0 == 13
    assert image.aca[12].tolist() == image[1].tolist()


@pytest.mark.parametrize("index", [(10, 0), (19, 0)])
def test_absolute_indices_end_with_the_image(image: ACAImage, index: tuple[int, int]) -> None:
    with pytest.raises(IndexError, match=rf"index {index[0]} is out of bounds for axis 0 with limits 11:19"):
        image.aca[index]


def test_views_share_memory(image: ACAImage) -> None:
    image.aca[11:13, -4] = -1.0
    image[3:5].aca[14, 0] = -2.0
    assert image[0, 0] == image[1, 0] == -1.0
    assert image[3, 4] == -2.0


def test_lists_and_masks_index_like_arrays(image: ACAImage) -> None:
    assert image[[1, 2]].shape == (2, 8)
    assert image[image > 61].tolist() == [62.0, 63.0]
    assert type(image[[1, 2]]) is np.ndarray


def test_lists_through_aca_are_ccd_coordinates(image: ACAImage) -> None:
    assert image.aca[[12, 13]].tolist() == image[[1, 2]].tolist()
    assert image.aca[[12, 13], [-4, -3]].tolist() == [8.0, 17.0]
    assert image.aca[image > 61].tolist() == [62.0, 63.0]
    with pytest.raises(IndexError, match="index 19 is out of bounds for axis 0 with limits 11:19"):
        image.aca[[12, 19]]


def test_an_image_as_index(image: ACAImage) -> None:
    small = ACAImage(shape=(2, 2), row0=12, col0=-3)
    assert image[small].tolist() == [[9.0, 10.0], [17.0, 18.0]]
    image[small] = 0.0
    assert image[1:3, 1:3].sum() == 0.0


def test_arithmetic_over_the_overlap(image: ACAImage) -> None:
    small = ACAImage(np.full((4, 4), 100.0), row0=17, col0=2)
    total = image + small.aca
    assert (total.shape, total.row0, total.col0) == ((8, 8), 11, -4)
    assert (total - image).sum() == 400.0
    assert (total - image)[6:, 6:].sum() == 400.0
    assert (image.aca + ACAImage(shape=(2, 2), row0=500)).tolist() == image.tolist()
    image.aca += small
    assert image.tolist() == total.tolist()


def test_whole_numbers_and_fractions_meet(image: ACAImage) -> None:
    whole = ACAImage(np.ones((8, 8), int), row0=11, col0=-4)
    assert (whole.aca + image).dtype == float
    assert (whole + image)[0, 1] == 2.0


def test_other_arithmetic_keeps_place(image: ACAImage) -> None:
    twice = image * 2
    assert (twice.row0, twice.BGDAVG) == (11, 5)
    twice -= image
    assert twice.tolist() == image.tolist()
    assert type(image.sum()) is np.float64
    assert type(image > 3) is np.ndarray


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda i: pickle.loads(pickle.dumps(i)), ACAImage])
def test_copies_and_pickles_keep_metadata(image: ACAImage, again: object) -> None:
    found = again(image)
    assert found.tolist() == image.tolist()
    assert found.meta == image.meta == {"BGDAVG": 5, "IMGROW0": 11, "IMGCOL0": -4}
    found.row0 = 3
    assert image.row0 == 11


def test_metadata_by_capitals(image: ACAImage) -> None:
    image.IMGSCALE = 230
    assert image.meta["IMGSCALE"] == image.IMGSCALE == 230
    with pytest.raises(AttributeError, match="BGDAVG"):
        _ = image.NOTHING


def test_the_callers_metadata_are_not_touched() -> None:
    meta = {"IMGROW0": 3}
    ACAImage(np.zeros((2, 2)), meta=meta, row0=7)
    assert meta == {"IMGROW0": 3}
    assert ACAImage(np.zeros((2, 2)), meta=meta).row0 == 3


def test_only_two_dimensions() -> None:
    with pytest.raises(BadQuery, match="dimensions"):
        ACAImage(np.zeros(3))


@pytest.mark.real
def test_flicker_follows_the_fixed_sequence(real_data: Path) -> None:
    model = FlickerModel.read(real_data / "aca" / "flicker_cdf.fits.gz")
    image = ACAImage(np.linspace(0, 800, 9).reshape(3, 3), row0=5)
    image.flicker_init(flicker_mean_time=15, seed=-1, model=model)
    for expected in (
        [[0, 100, 200], [300, 400, 500], [600, 700, 800]],
        [[0, 80, 229], [447, 374, 531], [952, 693, 815]],
        [[0, 80, 229], [278, 374, 531], [592, 693, 815]],
        [[0, 80, 185], [278, 374, 531], [592, 693, 815]],
    ):
        image.flicker_update(10)
        assert np.round(image).tolist() == expected


def test_flicker_begins_by_itself() -> None:
    image = ACAImage(np.full((100, 100), 300.0))
    image.flicker_update(1e4)
    assert 0.4 < np.mean(image != 300.0) < 0.8


def test_centroids_in_either_coordinates() -> None:
    image = ACAImage(shape=(6, 6), row0=100, col0=-20)
    image[2, 3] = 5.0
    assert image.centroid_fm() == (2.0, 3.0, 5.0)
    assert image.aca.centroid_fm() == (102.0, -17.0, 5.0)
    with pytest.raises(BadQuery, match="pixels"):
        image.aca = ACAImage(shape=(6, 6))
