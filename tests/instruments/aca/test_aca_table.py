"""The table of images: places, flags and masks from rows."""

from __future__ import annotations

import numpy as np

from longwatch.instruments.aca.aca_table import centred


def test_small_images_move_to_the_middle() -> None:
    images = np.ma.masked_all((3, 8, 8))
    for image, size in zip(images, (4, 6, 8), strict=True):
        image[:size, :size] = size
    found = centred(images, np.array([4, 6, 8]))
    assert np.array_equal(~found.mask[0], np.pad(np.ones((4, 4), bool), 2))
    assert np.array_equal(~found.mask[1], np.pad(np.ones((6, 6), bool), 1))
    assert (found[2] == 8).all()
    assert images[0].mask[7, 7]
