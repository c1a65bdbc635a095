"""What reading a file gives: identity, times, rows and planes, as plain values.

Owns the values that travel from a reader to the writer. Must not know how any of them is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from longwatch.domain.epoch import Epoch, EpochMember, Scalar
from longwatch.domain.product import Exposure

Columns: TypeAlias = Mapping[str, np.ndarray]
"""Arrays of equal first dimension by column name; a masked array marks missing elements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows for a series.

    Parameters
    ----------
    series
        Name of a declared series.
    columns
        Arrays of equal length; a declared column that is absent is missing (masked) in every row.
    """

    series: str
    columns: Columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """One image for a cube.

    Parameters
    ----------
    cube
        Name of a declared cube.
    epoch
        Number in the cube's timeline.
    property
        Name of one of the cube's properties.
    image
        (n_row, n_col), the whole detector or a sub-array.
    key
        Values of the cube's key, `{"segment": "FUVA"}`.
    origin
        Native (row, col) of the image's first pixel; None: the cube's own origin.
    inputs
        Name and SHA-256 of each file it was made from, where that is not the file it comes from; they are written into
        the header of its slab.
    """

    cube: str
    epoch: int
    property: str
    image: np.ndarray
    key: Mapping[str, str | int] = field(default_factory=dict)
    origin: tuple[int, int] | None = None
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one file says, in values.

    Parameters
    ----------
    key
        Identity inside the kind.
    t_min_us, t_max_us
        Time range of the data [microseconds of TAI]; None where the file does not say.
    version
        Text whose order is version order; empty: the kind's `version_key` of the header decides.
    keywords
        Searchable values beyond those the kind declares by keyword (for files without headers).
    exposures
        Exposures the file tells of.
    epochs, members
        Timeline entries the file brings.
    rows, planes
        Rows for series and images for cubes.
    """

    key: str
    t_min_us: int | None = None
    t_max_us: int | None = None
    version: str = ""
    keywords: Mapping[str, Scalar] = field(default_factory=dict)
    exposures: tuple[Exposure, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    members: tuple[EpochMember, ...] = ()
    rows: tuple[Rows, ...] = ()
    planes: tuple[Plane, ...] = ()

    @property
    def span(self) -> tuple[int, int] | None:
        """First and last instant of the data [microseconds of TAI]; None where it lacks either."""
        if self.t_min_us is None or self.t_max_us is None:
            return None
        return self.t_min_us, self.t_max_us
