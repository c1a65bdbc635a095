"""Fitting an image to the property it is stored as, without changing what it says.

Owns the rules of type and place. Must not know slabs, stores or the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from longwatch.contracts.reading import Plane
from longwatch.errors import BadFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from longwatch.domain.column import Column
    from longwatch.domain.cube import CubeSpec

    Image: TypeAlias = NDArray[np.generic]

_NULLS = 256
"""Candidates for a null value: enough to find a free one among all values of u1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A plane as it is stored.

    Parameters
    ----------
    values
        (n_row, n_col) in the property's own type, native byte order.
    null
        The number that stands for a missing pixel in an integer image; None where no pixel is missing.
    origin
        Native (row, col) of the first pixel.
    """

    values: Image
    null: int | None
    origin: tuple[int, int]


def fit_plane(spec: CubeSpec, plane: Plane) -> Fitted:
    """Give a plane in the type of its property.

    Parameters
    ----------
    spec
        The cube's declaration.
    plane
        The plane; a masked pixel becomes NaN in a float property and a null value in an integer one.

    Returns
    -------
    Fitted
        What is stored.

    Raises
    ------
    BadFile
        Raised if the cube has no such property, the image leaves the detector, or the type cannot hold the values.
    """
    column = _property(spec, plane)
    origin = _placed(spec, plane)
    if plane.image.dtype.kind not in "biuf":
        raise BadFile(f"{_named(plane)}: sought an image of numbers; there is {plane.image.dtype}. Convert it.")
    if column.dtype in {"f4", "f8"}:
        return Fitted(values=_as_float(plane, column), null=None, origin=origin)
    values, null = _as_integer(plane, column)
    return Fitted(values=values, null=null, origin=origin)


def fitted_plane(spec: CubeSpec, plane: Plane) -> Plane:
    """Give the plane with its image in the property's type and its origin written; raises as `fit_plane` does."""
    fitted = fit_plane(spec, plane)
    image = fitted.values
    if fitted.null is not None:
        image = np.ma.masked_equal(image, fitted.null)
    return replace(plane, image=image, origin=fitted.origin)


def _named(plane: Plane) -> str:
    return f"Cube {plane.cube!r}, epoch {plane.epoch}, property {plane.property!r}"


def _property(spec: CubeSpec, plane: Plane) -> Column:
    for column in spec.properties:
        if column.name == plane.property:
            return column
    known = ", ".join(column.name for column in spec.properties)
    raise BadFile(f"{_named(plane)}: the cube has no such property. It has: {known}.")


def _placed(spec: CubeSpec, plane: Plane) -> tuple[int, int]:
    """Give the origin of a plane that lies on the detector."""
    row0, col0 = spec.origin if plane.origin is None else plane.origin
    shape = plane.image.shape
    if len(shape) == 2 and min(shape) > 0:
        low = (row0 - spec.origin[0], col0 - spec.origin[1])
        if min(low) >= 0 and low[0] + shape[0] <= spec.shape[0] and low[1] + shape[1] <= spec.shape[1]:
            return int(row0), int(col0)
    raise BadFile(
        f"{_named(plane)}: an image of shape {shape} at {(row0, col0)} does not lie on the detector, which has shape "
        f"{spec.shape} from {spec.origin} on. Give a sub-array its `origin`."
    )


def _as_float(plane: Plane, column: Column) -> Image:
    image = plane.image
    dtype = np.dtype(column.dtype)
    with np.errstate(over="ignore"):
        values = np.ma.getdata(image).astype(dtype)
    if image.dtype.itemsize > dtype.itemsize and np.any(np.isinf(values) & np.isfinite(np.ma.getdata(image))):
        raise BadFile(f"{_named(plane)}: values leave the range of {column.dtype}. Declare the property as f8.")
    missing = np.ma.getmask(image)
    if missing is not np.ma.nomask:
        values[missing] = np.nan
    return values


def _as_integer(plane: Plane, column: Column) -> tuple[Image, int | None]:
    image = np.ma.getdata(plane.image)
    missing = np.ma.getmaskarray(plane.image)
    dtype = np.dtype(column.dtype)
    with np.errstate(invalid="ignore"):
        values = image.astype(dtype)
    changed = (values != image) & ~missing
    if np.any(changed):
        row, col = np.argwhere(changed)[0]
        raise BadFile(
            f"{_named(plane)}: {column.dtype} cannot hold {image[row, col]!s} at {(int(row), int(col))} of the image. "
            "Declare the property as f4 or f8, or mask such pixels."
        )
    if not missing.any():
        return values, None
    null = _free(values[~missing], dtype, plane)
    values[missing] = null
    return values, null


def _free(taken: Image, dtype: np.dtype[np.generic], plane: Plane) -> int:
    """Give a number that no observed pixel has."""
    limits = np.iinfo(dtype.str[1:])
    numbers = range(limits.min, limits.min + _NULLS) if limits.min else range(limits.max, limits.max - _NULLS, -1)
    used = set(np.unique(taken).tolist())
    for number in numbers:
        if number not in used:
            return number
    raise BadFile(
        f"{_named(plane)}: pixels are missing and every number of {dtype} that could say so is in use. "
        "Declare a wider type."
    )
