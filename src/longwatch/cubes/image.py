"""An image of a detector as users get it: a numpy array that knows what it shows.

Owns `DetectorImage`. Must not know where images come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar, cast

import numpy as np
from typing_extensions import override

Meta: TypeAlias = Mapping[str, object]
"""cube, property, unit, epoch, key and origin of an image."""

Shape = TypeVar("Shape", bound=tuple[int, ...])
Kind = TypeVar("Kind", bound=np.dtype[np.generic])


class DetectorImage(np.ndarray):
    """An image with `meta`: cube, property, unit, epoch, key, and origin, the native (row, col) of pixel [0, 0].

    A slice keeps the `meta` of the whole. A masked image is a `numpy.ma.MaskedArray` with the same attribute.
    """

    meta: Meta

    @override
    def __array_finalize__(self, obj: np.ndarray | None, /) -> None:
        """Take over what the source of a view or copy knows."""
        self.meta = getattr(obj, "meta", {})

    @override
    def __array_wrap__(
        self,
        array: np.ndarray[Shape, Kind],
        context: tuple[np.ufunc, tuple[object, ...], int] | None = None,
        return_scalar: bool = False,
        /,
    ) -> np.ndarray[Shape, Kind]:
        """Give plain numbers and arrays from calculations: their result is no longer this image."""
        plain = array.view(np.ndarray)
        return cast("np.ndarray[Shape, Kind]", plain[()] if return_scalar else plain)


def detector_image(values: np.ndarray, meta: Meta, *, missing: np.ndarray | None = None) -> np.ndarray:
    """Give an array as an image.

    Parameters
    ----------
    values
        (n_row, n_col).
    meta
        What it shows.
    missing
        True where nothing was observed; None where all was.

    Returns
    -------
    ndarray
        A `DetectorImage`, or a `MaskedArray` of one where pixels are missing.
    """
    image = values.view(DetectorImage)
    image.meta = meta
    return image if missing is None else np.ma.MaskedArray(image, mask=missing)
