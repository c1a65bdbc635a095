"""What a star looks like in 8x8 pixels, by where in a pixel it lies.

Owns the library of images and the interpolation between them. Must not know stars or telemetry.
See spec/aca-dark-hdr3-l0.md 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import floor
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from longwatch.errors import BadFile, BadQuery
from longwatch.instruments.aca.aca_image import ACAImage

Floats = NDArray[np.float64]

STEP: Final = 0.1
"""Sub-pixel step of the library [pix]."""

FWHM_PIX: Final = 1.9
"""Full width at half maximum of a star [pix], where there is no measured library."""

_GRID: Final = 12
_SIZE: Final = 8
_EDGE: Final = {"edge": 0.0, "center": 0.5}
_PLACE: Final = ("row_bin_idx", "col_bin_idx")
_PIXELS: Final = tuple(f"{letter}{number}" for number in "1234" for half in ("ABCDEFGH", "IJKLMNOP") for letter in half)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcaPsfLibrary:
    """Images of a star of sum 1 at 12x12 places in the pixel around its centre.

    Parameters
    ----------
    name
        Which library it is.
    images
        (12, 12, 8, 8) by row and column of the place, from -0.55 to 0.55 in steps of 0.1 pixels.
    """

    name: str
    images: Floats

    @classmethod
    def read(cls, path: Path) -> Self:
        """Give the library in a text table such as `aca_psf_lib.dat`: place, and the 64 pixels by their names.

        Raises
        ------
        BadFile
            Raised if the file is no such table.
        """
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        names = lines[0] if lines else []
        missing = [name for name in (*_PLACE, *_PIXELS) if name not in names]
        rows = [dict(zip(names, line, strict=False)) for line in lines[1:]]
        if missing or len(rows) != _GRID**2:
            raise BadFile(
                f"{path.name}: sought {_GRID**2} rows with {', '.join(_PLACE)} and the pixels A1 to P4; there are "
                f"{len(rows)} rows, without {', '.join(missing[:5]) or 'nothing'}."
            )
        images = np.zeros((_GRID, _GRID, _SIZE, _SIZE))
        first = min(int(row[_PLACE[0]]) for row in rows)
        for row in rows:
            place = (int(row[_PLACE[0]]) - first, int(row[_PLACE[1]]) - first)
            images[place] = np.array([float(row[name]) for name in _PIXELS]).reshape(_SIZE, _SIZE)
        return cls(name=path.name.split(".")[0], images=images)

    @classmethod
    def gaussian(cls, fwhm: float = FWHM_PIX) -> Self:
        """Give a library that needs no file: a round Gaussian, summed over each pixel; its full sum is 1."""
        sigma = fwhm / (2 * np.sqrt(2 * np.log(2)))
        places = STEP * (np.arange(_GRID) - (_GRID - 1) / 2)
        edges = np.arange(_SIZE + 1) - _SIZE / 2 - places[:, None]
        along = np.diff(0.5 * erf(edges / (np.sqrt(2) * sigma)), axis=1)
        return cls(name=f"gaussian-{fwhm:g}", images=np.einsum("ik,jl->ijkl", along, along))

    def get_psf_image(
        self,
        row: float,
        col: float,
        norm: float = 1.0,
        pix_zero_loc: str = "center",
        interpolation: str = "bilinear",
    ) -> ACAImage:
        """Give the image of a star.

        Parameters
        ----------
        row, col
            CCD row and column of its centre.
        norm
            Sum of the image were it without end, in whatever unit is wanted.
        pix_zero_loc
            `center`: a whole number is the centre of a pixel; `edge`: its lower-left edge.
        interpolation
            `bilinear` between places of the library, or the `nearest`.

        Returns
        -------
        ACAImage
            8x8 pixels around it.

        Raises
        ------
        BadQuery
            Raised if one of the words is neither of its two.
        """
        if pix_zero_loc not in _EDGE:
            raise BadQuery(f"pix_zero_loc is {pix_zero_loc!r}; it may be 'center' or 'edge'.")
        edge = [one + _EDGE[pix_zero_loc] for one in (row, col)]
        corner = [round(one) for one in edge]
        places = [(one - near) / STEP + (_GRID - 1) / 2 for one, near in zip(edge, corner, strict=True)]
        match interpolation:
            case "bilinear":
                image = self._between(*places)
            case "nearest":
                image = self.images[round(places[0]), round(places[1])]
            case _:
                raise BadQuery(f"interpolation is {interpolation!r}; it may be 'bilinear' or 'nearest'.")
        return ACAImage(norm * image, row0=corner[0] - _SIZE // 2, col0=corner[1] - _SIZE // 2)

    def _between(self, i: float, j: float) -> Floats:
        """Give the image between four places."""
        low_i, low_j = floor(i), floor(j)
        share_i, share_j = (1 - i + low_i, i - low_i), (1 - j + low_j, j - low_j)
        parts = [share_i[a] * share_j[b] * self.images[low_i + a, low_j + b] for a, b in product((0, 1), repeat=2)]
        return np.asarray(sum(parts))
