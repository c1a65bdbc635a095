"""Images: where their bytes stand, and their physical values.

Owns image planes. Must not know tables, nor what an image shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from longwatch.fits.scaling import read_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from longwatch.fits.header import Header
    from longwatch.fits.layout import Layout

_KEYWORDS = ("BSCALE", "BZERO", "BLANK")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlane:
    """Where an unscaled image stands in a file, for reading a pixel or mapping the whole.

    Parameters
    ----------
    offset
        First byte of the image, from the beginning of the file.
    dtype
        Stored type, big-endian, as numpy writes it: ">i2", ">i4", ">i8", ">f4", ">f8" or "u1".
    shape
        Axes in index order, slowest first: (ny, nx).
    """

    offset: int
    dtype: str
    shape: tuple[int, ...]


def plane_of(header: Header, layout: Layout, offset: int, *, where: str) -> ImagePlane | None:
    """Give where the image stands, or None if its stored numbers are not the physical ones.

    Parameters
    ----------
    header, layout
        Header of the image and what it says.
    offset
        Where the data begin [byte].
    where
        What to call the HDU in messages.

    Raises
    ------
    BadFile
        Raised if the scaling is there and is no number.
    """
    if not read_scaling(header, _KEYWORDS, where=where).plain:
        return None
    return ImagePlane(offset=offset, dtype=layout.dtype, shape=layout.shape)


def read_image(header: Header, layout: Layout, data: memoryview, *, where: str) -> NDArray[np.generic]:
    """Give the physical values of an image in native byte order.

    Parameters
    ----------
    header, layout
        Header of the image and what it says.
    data
        The bytes of the data.
    where
        What to call the HDU in messages.

    Returns
    -------
    ndarray
        Shape in index order. The stored type, or its unsigned partner, or float64 where scaled. NaN is a value of
        the file; a masked array where an integer image states BLANK: masked = blank.

    Raises
    ------
    BadFile
        Raised if the scaling is there and is no number.
    """
    stored = np.frombuffer(data, layout.dtype, prod(layout.shape)).reshape(layout.shape)
    return read_scaling(header, _KEYWORDS, where=where).physical(stored)
