"""What a cube of detector images declares about itself.

Owns the declaration. Must not know how planes are stored or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from longwatch.domain.column import Column
from longwatch.errors import BadQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class CubeSpec:
    """Properties of every pixel (or superpixel) in every epoch of a timeline.

    Parameters
    ----------
    name
        Name in the archive, `instrument.cube`.
    description
        One sentence.
    shape
        Rows and columns of the whole detector.
    origin
        Native (row, col) of the first stored pixel: `(0, 0)` for most, `(-512, -512)` for ACA.
    properties
        One column per property; its dtype is one of i2, i4, f4, f8, u1.
    timeline
        Name of the timeline whose epochs the cube follows.
    key
        Names of the values that part planes of one epoch, such as `("segment", "hvlevel")`.
    instrument
        The instrument it belongs to; `user` for a cube made by hand.
    """

    name: str
    description: str
    shape: tuple[int, int]
    properties: tuple[Column, ...]
    timeline: str
    origin: tuple[int, int] = (0, 0)
    key: tuple[str, ...] = ()
    instrument: str = "user"

    def __post_init__(self) -> None:
        """Refuse a property that a plane cannot hold."""
        for column in self.properties:
            if column.dtype not in {"i2", "i4", "f4", "f8", "u1"}:
                raise BadQuery(
                    f"Cube {self.name!r}: property {column.name!r} is {column.dtype}; planes are i2, i4, f4, f8 or u1."
                )


def plane_key(key: tuple[str, ...], values: Mapping[str, str | int]) -> str:
    """Write the key values of a plane as one canonical text.

    Parameters
    ----------
    key
        Names the cube declares.
    values
        Value of each.

    Returns
    -------
    str
        `segment=FUVA;hvlevel=163`, in the declared order; empty for a cube without a key.

    Raises
    ------
    BadQuery
        Raised if a value is missing or one too many is given.
    """
    if set(values) != set(key):
        raise BadQuery(f"A plane of this cube is named by {list(key)}; given: {sorted(values)}.")
    return ";".join(f"{name}={values[name]}" for name in key)
