"""Films of images."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from longwatch.errors import BadQuery
from longwatch.instruments.aca.movie import film


def test_a_frame_an_image_and_row_0_at_the_bottom() -> None:
    images = np.zeros((3, 8, 8))
    images[:, 0, 0] = 1000.0
    images[1, 4, 4] = 500.0
    images[2, 5, 5] = 700.0
    with Image.open(io.BytesIO(film(images))) as found:
        assert found.n_frames == 3
        pixels = np.asarray(found.convert("L"))
    assert pixels[-1, 0] == 255
    assert pixels[0, -1] == 0


def test_nothing_to_show() -> None:
    with pytest.raises(BadQuery, match="no images"):
        film(np.zeros((0, 8, 8)))
