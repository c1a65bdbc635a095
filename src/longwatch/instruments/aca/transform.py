"""From CCD pixels to angles on the sky and back, by the plate-scale polynomials of the camera.

Owns the coefficients and both directions. Must not know images or archives. See spec/aca-dark-hdr3-l0.md 5 and 0.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longwatch.errors import BadQuery

Floats = NDArray[np.float64]

HOUSING_C: Final = 20.0
"""Temperature of the camera's housing unless another is given [deg_C]; the published pairs hold for it."""

GROUND: Final = np.array(
    [
        (30.3464845, -24.6503911),
        (8.23205783e-3, 4.99591058),
        (-4.99553676, 9.23841252e-3),
        (0.0, 0.0),
        (-1.37602599e-6, 2.42501739e-6),
        (-1.09954525e-6, 4.56650996e-6),
        (-2.90995528e-7, -1.39358988e-4),
        (-6.20856605e-6, 1.25436052e-6),
        (1.54786392e-4, -1.17830290e-4),
        (0.0, 0.0),
        (5.48539877e-10, -1.20837365e-7),
        (1.17004831e-7, -3.32899187e-10),
        (1.18654095e-8, -5.22646769e-9),
        (-1.47271099e-10, -1.17362370e-7),
        (-5.27874970e-9, -6.02546684e-9),
        (5.17812325e-8, -3.09403378e-7),
        (1.18612895e-7, -3.38209660e-10),
        (-3.82947347e-9, 9.81968414e-9),
        (-3.87317729e-7, 3.94460903e-6),
    ]
)
"""(19, 2) coefficients of yag and zag fitted on the ground in 2020, a row a term; the terms are those of `_terms`."""

FLIGHT: Final = np.array(
    [
        (30.3464844, -24.6503906),
        (9.38110352e-3, 4.99642792),
        (-4.99528198, 9.14611816e-3),
        (0.0, 0.0),
        (-1.14440918e-6, 2.53915787e-6),
        (-1.19805336e-6, 3.72529030e-6),
        (7.62343407e-6, -1.25670433e-4),
        (-5.62667847e-6, 1.03116035e-6),
        (1.40523911e-4, -1.25801563e-4),
        (0.0, 0.0),
        (4.65661287e-11, -1.20745972e-7),
        (1.17020682e-7, -3.25962901e-10),
        (1.06869265e-8, -9.35979187e-9),
        (-2.09547579e-10, -1.18976459e-7),
        (-2.56113708e-9, -6.51925802e-9),
        (-4.74276021e-7, -1.41877681e-6),
        (1.18394382e-7, -3.72529030e-10),
        (-3.70200723e-9, 1.03842467e-8),
        (5.06476499e-7, 4.46331687e-6),
    ]
)
"""As `GROUND`, the coefficients in the camera's own memory."""

_EDGE: Final = {"edge": 0.0, "center": 0.5}
_STEPS: Final = 12
_CLOSE_ARCSEC: Final = 1e-7
_HALF: Final = 512.0
_BEYOND: Final = 3000.0


def pixels_to_yagzag(
    row: ArrayLike,
    col: ArrayLike,
    *,
    flight: bool = False,
    t_aca: float = HOUSING_C,
    pix_zero_loc: str = "edge",
    allow_bad: bool = False,
) -> tuple[Floats, Floats]:
    """Give the angles of places on the CCD.

    Parameters
    ----------
    row, col
        CCD rows and columns; any shape.
    flight
        True: as the camera itself computes; False: by the fit on the ground.
    t_aca
        Temperature of the camera's housing [deg_C].
    pix_zero_loc
        `edge`: a whole number is the lower-left edge of a pixel; `center`: its centre.
    allow_bad
        True: places off the CCD too.

    Returns
    -------
    tuple of np.ndarray
        yag and zag [arcsec].

    Raises
    ------
    BadQuery
        Raised if a place is off the CCD, or `pix_zero_loc` is neither of the two.
    """
    rows, cols = (np.asarray(one, dtype=float) + _to_edge(pix_zero_loc) for one in (row, col))
    if not allow_bad and ((np.abs(rows) > _HALF) | (np.abs(cols) > _HALF)).any():
        raise BadQuery("There are places off the CCD, whose rows and columns reach from -512 to 512. Give allow_bad.")
    yag, zag = _angles(rows, cols, t_aca, FLIGHT if flight else GROUND)
    return yag, zag


def yagzag_to_pixels(
    yag: ArrayLike,
    zag: ArrayLike,
    *,
    flight: bool = False,
    t_aca: float = HOUSING_C,
    pix_zero_loc: str = "edge",
    allow_bad: bool = False,
) -> tuple[Floats, Floats]:
    """Give the places on the CCD of angles; the inverse of `pixels_to_yagzag`.

    Parameters
    ----------
    yag, zag
        Angles [arcsec]; any shape.
    flight, t_aca, pix_zero_loc, allow_bad
        As for `pixels_to_yagzag`.

    Returns
    -------
    tuple of np.ndarray
        Rows and columns.

    Raises
    ------
    BadQuery
        Raised if a place is off the CCD, or `pix_zero_loc` is neither of the two.
    """
    shift = _to_edge(pix_zero_loc)
    wanted_y, wanted_z = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (yag, zag)))
    if not allow_bad and (np.hypot(wanted_y, wanted_z) > np.sqrt(2) * _BEYOND).any():
        raise BadQuery("There are angles more than 3000 arcsec off, which no pixel sees. Give allow_bad.")
    row, col = _inverse(wanted_y, wanted_z, t_aca, FLIGHT if flight else GROUND)
    if not allow_bad and ((np.abs(row) > _HALF) | (np.abs(col) > _HALF)).any():
        raise BadQuery("There are angles that fall off the CCD. Give allow_bad to have their places all the same.")
    return row - shift, col - shift


def get_ccd_quadrant(row: ArrayLike, col: ArrayLike, pix_zero_loc: str = "center") -> str | NDArray[np.str_]:
    """Give the quadrant of places on the CCD: `a` to `d`.

    Parameters
    ----------
    row, col
        CCD rows and columns; any shape.
    pix_zero_loc
        As for `pixels_to_yagzag`.

    Returns
    -------
    str or np.ndarray
        `a`: row below 0, column not; `b`: both below; `c`: neither below; `d`: column below 0, row not.
    """
    rows, cols = (np.asarray(one, dtype=float) + _to_edge(pix_zero_loc) for one in (row, col))
    found = np.where(rows < 0, np.where(cols < 0, "b", "a"), np.where(cols < 0, "d", "c"))
    return found if found.ndim else str(found)


def _to_edge(pix_zero_loc: str) -> float:
    if pix_zero_loc not in _EDGE:
        raise BadQuery(f"pix_zero_loc is {pix_zero_loc!r}; it may be 'center' or 'edge'.")
    return _EDGE[pix_zero_loc]


def _terms(r: Floats, c: Floats, t: float) -> Floats:
    """Give the 19 terms, the last axis."""
    ones = np.ones_like(r)
    linear = (ones, c, r, t * ones)
    square = (c * c, c * r, c * t, r * r, r * t, t * t * ones)
    mixed = (c**3, r * c * c, t * c * c, c * r * r, c * r * t, c * t * t, r**3, t * r * r, r * t * t)
    return np.stack([*linear, *square, *mixed], axis=-1)


def _angles(row: Floats, col: Floats, t_aca: float, coefficients: Floats) -> tuple[Floats, Floats]:
    rows, cols = np.broadcast_arrays(row, col)
    both = _terms(rows, cols, t_aca) @ coefficients
    return both[..., 0], both[..., 1]


def _inverse(yag: Floats, zag: Floats, t_aca: float, coefficients: Floats) -> tuple[Floats, Floats]:
    """Invert by Newton's method with the slopes at the middle of the CCD, for the polynomial is nearly linear."""
    (yc, zc), (yr, zr) = coefficients[1], coefficients[2]
    inverse = np.linalg.inv(np.array([[yr, yc], [zr, zc]]))
    row, col = np.zeros(yag.shape), np.zeros(yag.shape)
    for _ in range(_STEPS):
        found_y, found_z = _angles(row, col, t_aca, coefficients)
        miss_y, miss_z = yag - found_y, zag - found_z
        row = row + inverse[0, 0] * miss_y + inverse[0, 1] * miss_z
        col = col + inverse[1, 0] * miss_y + inverse[1, 1] * miss_z
        if max(np.abs(miss_y).max(initial=0), np.abs(miss_z).max(initial=0)) < _CLOSE_ARCSEC:
            break
    return row, col
