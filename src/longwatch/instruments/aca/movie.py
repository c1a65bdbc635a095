"""Images of a slot as a film.

Owns scaling and the animated GIF. Must not know where images come from.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from longwatch.errors import BadQuery

_ZOOM: Final = 32
_PERCENTILES: Final = (1.0, 99.7)


def film(images: NDArray[np.floating], *, frame_ms: int = 100) -> bytes:
    """Give an animated GIF of images, all on one scale: the square root of DN above the background.

    Parameters
    ----------
    images
        (n, 8, 8) [DN]; masked pixels are black.
    frame_ms
        How long each image is shown [ms].

    Raises
    ------
    BadQuery
        Raised if there is no image.
    """
    if not len(images):
        raise BadQuery("There are no images to show. Ask for another span or slot.")
    pixels = np.ma.filled(np.ma.asarray(images).astype(float), np.nan)
    low, high = np.nanpercentile(pixels, _PERCENTILES)
    grey = 255 * np.sqrt(np.clip((pixels - low) / max(high - low, 1.0), 0, 1))
    shown = np.nan_to_num(grey)[:, ::-1].astype(np.uint8).repeat(_ZOOM, axis=1).repeat(_ZOOM, axis=2)
    first, *rest = (Image.fromarray(frame) for frame in shown)
    file = io.BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=rest, duration=frame_ms, loop=0)
    return file.getvalue()
