"""Images know what they show, and results of calculations do not pretend to."""

from __future__ import annotations

import numpy as np

from longwatch.cubes.image import DetectorImage, detector_image

META = {"property": "rate", "epoch": 3}


def test_views_and_slices_keep_what_they_show():
    image = detector_image(np.arange(6.0).reshape(2, 3), META)
    assert isinstance(image[1:], DetectorImage)
    assert image[1:].meta == META


def test_calculations_give_plain_numbers():
    image = detector_image(np.arange(6.0).reshape(2, 3), META)
    assert type(image * 2) is np.ndarray
    assert type(image.sum()) is np.float64
    assert type(np.median(image, axis=0)) is not np.ma.MaskedArray


def test_a_masked_image_keeps_it_too():
    missing = np.array([[True, False, False], [False, False, False]])
    image = detector_image(np.arange(6.0).reshape(2, 3), META, missing=missing)
    assert image.meta == META
    assert image.sum() == 15
    assert image[0].meta == META
