"""Files of pixel properties: a million lines of CSV to images.

Owns parsing and checking of `anneal_{N}.csv`. Must not know archives or timelines. See spec/stis.md 2.2.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import numpy as np

from longwatch.domain.column import Column
from longwatch.errors import BadFile
from longwatch.instruments.stis import columns as c

_FIELDS = c.PIXELS_HEADER.count(b",") + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelImages:
    """Properties of the pixels of a file, as images of the rectangle they fill.

    Parameters
    ----------
    origin
        (row, col) of the images' first pixel.
    images
        (n_row, n_col) by name of the property; NaN where a property could not be derived.
    n_pixels
        Pixels in the file.
    """

    origin: tuple[int, int]
    images: dict[str, np.ndarray]
    n_pixels: int


def parse_pixels(data: bytes, *, name: str) -> PixelImages:
    """Give the images in a file of pixel properties.

    Parameters
    ----------
    data
        The whole file. Lines may stand in any order.
    name
        What to call the file in messages.

    Returns
    -------
    PixelImages
        The smallest rectangle that holds the pixels; the file must fill it.

    Raises
    ------
    BadFile
        Raised if a line cannot be read, a pixel lies outside the detector, comes twice, or is missing inside the
        rectangle.
    """
    values = _numbers(data, name=name)
    place, origin, shape = _places(values[:, 0], values[:, 1], name=name)
    images = {}
    for number, column in enumerate(c.PROPERTIES, 2):
        image = np.empty(len(values), column.dtype)
        image[place] = _fitting(values[:, number], column, name=name)
        images[column.name] = image.reshape(shape)
    return PixelImages(origin=origin, images=images, n_pixels=len(values))


def check_pixel_map(data: bytes, *, name: str) -> int:
    """Check a map of pixels, lines `row,col,CCD`.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call the file in messages.

    Returns
    -------
    int
        How many pixels it names.

    Raises
    ------
    BadFile
        Raised if a line names no pixel of the CCD, or one comes twice.
    """
    lines = data.split()
    try:
        places = np.loadtxt(io.BytesIO(data.replace(b",CCD", b"")), delimiter=",", ndmin=2, dtype=np.int64)
    except ValueError as error:
        raise BadFile(f"{name}: sought lines row,col,CCD; {error}. Write the map again.") from error
    if places.shape != (len(lines), 2) or data.count(b",CCD") != len(lines):
        raise BadFile(f"{name}: sought lines row,col,CCD; there are others. Write the map again.")
    inside = ((places >= 0) & (places < c.SHAPE)).all(axis=1)
    if not inside.all() or len(np.unique(places @ (c.SHAPE[1], 1))) != len(places):
        raise BadFile(f"{name}: sought every pixel of 1024 x 1024 at most once; some lie outside or come twice.")
    return len(places)


def _numbers(data: bytes, *, name: str) -> np.ndarray:
    """Give the lines as (n, 7) float64; an empty field is NaN."""
    lines = io.BytesIO(data)
    header = lines.readline().strip()
    if header != c.PIXELS_HEADER:
        raise BadFile(f"{name}: sought the first line {c.PIXELS_HEADER.decode()}; there is {header[:100]!r}.")
    if not data[len(header) : len(header) + 100].strip():
        raise BadFile(f"{name}: sought pixels after the first line; there are none. The file is cut short.")
    try:
        values = _load(lines)
    except ValueError:
        values = _load_with_empty_fields(data[len(header) :].lstrip(), name=name)
    if values.shape[1] != _FIELDS:
        raise BadFile(f"{name}: sought seven numbers in every line; there are {values.shape[1]}. Write the file again.")
    return values


def _load(lines: io.BytesIO) -> np.ndarray:
    """Parse lines of numbers."""
    return np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)


def _load_with_empty_fields(body: bytes, *, name: str) -> np.ndarray:
    """Parse lines of numbers, an empty field as NaN; seldom needed, so the common file is not searched for them."""
    try:
        return _load(io.BytesIO(re.sub(rb",(?=,|\r?\n|$)", b",nan", body)))
    except ValueError as error:
        raise BadFile(f"{name}: sought seven numbers in every line; {error}. Write the file again.") from error


def _places(row: np.ndarray, col: np.ndarray, *, name: str) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    """Give the place of each pixel in the rectangle that they fill, its origin and its shape."""
    for axis, index, size in (("Row", row, c.SHAPE[0]), ("Column", col, c.SHAPE[1])):
        inside = (index >= 0) & (index < size) & (index == np.floor(index))
        if not inside.all():
            at = int(np.argmin(inside))
            raise BadFile(
                f"{name}: sought {axis} as a whole number from 0 to {size - 1}; line {at + 2} has {index[at]}."
            )
    origin = int(row.min()), int(col.min())
    shape = int(row.max()) - origin[0] + 1, int(col.max()) - origin[1] + 1
    place = ((row - origin[0]) * shape[1] + (col - origin[1])).astype(np.int64)
    times = np.bincount(place, minlength=shape[0] * shape[1])
    if (times != 1).any():
        bad = int(np.argmax(times != 1))
        r, q = origin[0] + bad // shape[1], origin[1] + bad % shape[1]
        raise BadFile(
            f"{name}: sought every pixel of rows {origin[0]} to {origin[0] + shape[0] - 1} and columns {origin[1]} to "
            f"{origin[1] + shape[1] - 1} once; pixel ({r}, {q}) is there "
            f"{times[bad]} times. Give the whole detector or a full rectangle of it."
        )
    return place, origin, shape


def _fitting(values: np.ndarray, column: Column, *, name: str) -> np.ndarray:
    """Refuse counts that are no whole numbers in the range of their type."""
    if column.dtype != "i2":
        return values
    fits = (values >= 0) & (values <= np.iinfo(np.int16).max) & (values == np.floor(values))
    if not fits.all():
        at = int(np.argmin(fits))
        raise BadFile(f"{name}: sought {column.name} as a whole number; line {at + 2} has {values[at]}.")
    return values
