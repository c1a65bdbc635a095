"""Models of the dark current: how it scales with temperature, and how many pixels are warm.

Owns the laws and their versions. Must not know where dark maps are stored. See spec/aca-dark-hdr3-l0.md 2.1 and 2.2.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
from astropy.time import Time
from numpy.typing import ArrayLike, NDArray

from longwatch.domain.times import Instant, to_time
from longwatch.errors import BadQuery

Floats = NDArray[np.float64]

DARK_SCALE_4C: Final = 1.0 / 0.70
"""Factor of the dark current for 4 degrees warmer, law `global-2016`."""

LAWS: Final = ("global-2016", "pixel-2023")
"""Names of the temperature laws: one factor for all pixels, and one that depends on a pixel's own dark current."""

REFERENCE_C: Final = -14.0
"""Temperature to which the histogram model was fitted [deg_C]."""

PIXELS: Final = 1024 * 1024
"""Pixels of the CCD."""

_TRIED: Final = np.geomspace(0.1, 1e6, 7001)
_COEFFICIENTS: Final = (-4.88802057, -1.66791619e-4, -0.222596103, -2.45720364e-3, 0.190718453)
_FIXED_K: Final = 265.15
_LOWEST, _HIGHEST = 20.0, 1e4
_EPOCH_YEAR: Final = 2012.0
_SLOPES: Final = {
    "g1": (0.075, -0.00692, -0.0207),
    "g2": (3.32, 0.0203, 0.0),
    "g3": (2.40, 0.061, 0.061),
    "x_b": (192.0, 0.1, 0.1),
    "ampl": (18400.0, 1450.0, 742.0),
}
_SECOND_BREAK: Final = 1000.0
_PIVOT: Final = 50.0
_FIRST_YEAR: Final = 2007.0


def dark_temp_scale(t_ccd: float, t_ccd_ref: float = -19.0, scale_4c: float | None = None) -> float:
    """Give the factor that brings a dark current from one temperature to another, law `global-2016`.

    Parameters
    ----------
    t_ccd, t_ccd_ref
        Temperature it was measured at, and the one wanted [deg_C].
    scale_4c
        Factor for 4 degrees warmer; None: `DARK_SCALE_4C`.
    """
    return float((scale_4c or DARK_SCALE_4C) ** ((t_ccd_ref - t_ccd) / 4.0))


def temp_scalefac(T_ccd: float) -> float:
    """Give `dark_temp_scale(-19, T_ccd)`; an older name, which warns."""
    warnings.warn("temp_scalefac is deprecated: use dark_temp_scale(-19, T_ccd)", DeprecationWarning, stacklevel=2)
    return dark_temp_scale(-19.0, T_ccd)


def dark_temp_scale_img(img: ArrayLike, t_ccd: float, t_ccd_ref: float | Floats) -> float | Floats:
    """Give dark currents at another temperature, law `pixel-2023`: bright pixels change less than faint ones.

    Parameters
    ----------
    img
        Dark current of any shape [electron / s]; NaN stays NaN.
    t_ccd, t_ccd_ref
        Temperature it was measured at, and the one wanted [deg_C]; of many images an array that broadcasts with `img`.

    Returns
    -------
    float or np.ndarray
        In the shape of `img`.
    """
    a, b, c, d, e = _COEFFICIENTS
    value = np.asarray(img, dtype=float)
    y = np.log(np.clip(value, _LOWEST, _HIGHEST)) - e * _FIXED_K
    k = a + b * _FIXED_K + c * y + d * y**2
    scaled = value * np.exp(k * (t_ccd_ref - t_ccd))
    return scaled if scaled.ndim else float(scaled)


def scaled_map(img: NDArray[np.floating], t_ccd: float, t_ccd_ref: float, *, law: str = LAWS[0]) -> Floats:
    """Give a dark map at another temperature by a named law.

    Raises
    ------
    BadQuery
        Raised if there is no such law.
    """
    match law:
        case "global-2016":
            return np.asarray(img * dark_temp_scale(t_ccd, t_ccd_ref))
        case "pixel-2023":
            return np.asarray(dark_temp_scale_img(img, t_ccd, t_ccd_ref))
        case _:
            raise BadQuery(f"No temperature law {law!r}. There are: {', '.join(LAWS)}.")


def level_at(level: float, t_ccd: float, t_ccd_ref: float, *, law: str = LAWS[0]) -> float:
    """Give the dark current that, measured at `t_ccd`, is `level` at `t_ccd_ref` [electron / s]; a law turned round."""
    return float(np.interp(level, scaled_map(_TRIED, t_ccd, t_ccd_ref, law=law), _TRIED))


def get_sbp_pars(dates: Instant | Sequence[Instant]) -> list[float] | list[list[float]]:
    """Give g1, g2, g3, x_b and ampl of the histogram model on a date, or a list of them for many.

    Raises
    ------
    BadQuery
        Raised before 2007, where the model does not hold.
    """
    match dates:
        case list() | tuple() | np.ndarray():
            return [_pars(one) for one in dates]
        case _:
            return _pars(dates)


def _pars(date: Instant) -> list[float]:
    years = decimal_year(date) - _EPOCH_YEAR
    if years + _EPOCH_YEAR < _FIRST_YEAR:
        raise BadQuery(f"The model of the dark current holds from {_FIRST_YEAR:.0f} on, not on {date}. Use dark maps.")
    return [value + years * (after if years >= 0 else before) for value, before, after in _SLOPES.values()]


def get_dark_hist(date: Instant, t_ccd: float) -> tuple[Floats, Floats, Floats]:
    """Give the model's histogram of dark currents.

    Parameters
    ----------
    date
        Any accepted time from 2007 on.
    t_ccd
        CCD temperature [deg_C].

    Returns
    -------
    tuple of np.ndarray
        74 centres and 75 edges of bins [electron / s], moved to the temperature, and pixels in each bin.
    """
    edges = _edges()
    centres = np.sqrt(edges[1:] * edges[:-1])
    factor = dark_temp_scale(REFERENCE_C, t_ccd)
    return centres * factor, edges * factor, smooth_twice_broken_pow(_pars(date), centres)


def smooth_twice_broken_pow(pars: list[float], x: Floats) -> Floats:
    """Give a power law with breaks at `x_b` and 1000, smoothed over bins of 0.05 dex.

    The kernel has 15 taps and lies half a tap off its middle; the parameters were fitted with it, so it stays.

    Parameters
    ----------
    pars
        g1, g2, g3, x_b and ampl.
    x
        (n,) ascending centres of bins [electron / s].
    """
    g1, g2, g3, x_b, ampl = pars
    second = ampl * (x_b / _PIVOT) ** (g2 - g1)
    third = second * (_SECOND_BREAK / _PIVOT) ** (g3 - g2)
    first_break, second_break = np.searchsorted(x, [x_b, _SECOND_BREAK])
    y = ampl * (x / _PIVOT) ** -g1
    y[first_break:] = second * (x[first_break:] / _PIVOT) ** -g2
    y[second_break:] = third * (x[second_break:] / _PIVOT) ** -g3
    return _smoothed(y)


def smooth_broken_pow(pars: tuple[float, float, float, float, float], x: Floats) -> Floats:
    """Give a power law with one break, smoothed as `smooth_twice_broken_pow`: the model before 2016.

    Parameters
    ----------
    pars
        g1, g2, the break x_b, the pivot x_r and the amplitude there.
    x
        (n,) ascending centres of bins [electron / s].
    """
    g1, g2, x_b, x_r, ampl = pars
    second = ampl * (x_b / x_r) ** (g2 - g1)
    return _smoothed(np.where(x < x_b, ampl * (x / x_r) ** -g1, second * (x / x_r) ** -g2))


def _smoothed(y: Floats) -> Floats:
    taps = np.exp(-0.5 * ((-0.75 + 0.1 * np.arange(15)) / 0.30) ** 2)
    return np.convolve(y, taps / taps.sum(), mode="same")


def get_warm_fracs(
    warm_threshold: ArrayLike, date: Instant = "2013:001:12:00:00", T_ccd: float = -19.0
) -> float | Floats:
    """Give the fraction of all pixels above thresholds, by the histogram model.

    Parameters
    ----------
    warm_threshold
        One threshold or several [electron / s].
    date
        Any accepted time from 2007 on.
    T_ccd
        CCD temperature [deg_C].
    """
    _, edges, counts = get_dark_hist(date, T_ccd)
    above = np.array([_above(one, edges, counts) for one in np.atleast_1d(np.asarray(warm_threshold, dtype=float))])
    fractions = above / PIXELS
    return float(fractions[0]) if np.ndim(warm_threshold) == 0 else fractions


def synthetic_dark_image(
    date: Instant, t_ccd: float = REFERENCE_C, *, cool: NDArray[np.floating], rng: np.random.Generator
) -> Floats:
    """Give a random dark map whose warm pixels follow the histogram model.

    Parameters
    ----------
    date
        Any accepted time from 2007 on.
    t_ccd
        CCD temperature [deg_C].
    cool
        (1024, 1024) a cool map at -14 deg_C, such as a calibration of 1999 scaled; its pixels above 40 are replaced.
    rng
        Random numbers.

    Returns
    -------
    np.ndarray
        (1024, 1024) [electron / s at `t_ccd`].
    """
    dark = cool.ravel().astype(float)
    warm = dark > 40.0
    dark[warm] = rng.choice(dark[~warm], np.count_nonzero(warm))
    _, edges, counts = get_dark_hist(date, REFERENCE_C)
    drawn = rng.poisson(counts)
    low, high = np.repeat(np.log(edges[:-1]), drawn), np.repeat(np.log(edges[1:]), drawn)
    values = np.exp(low + (high - low) * rng.random(len(low)))[: dark.size]
    dark[rng.permutation(dark.size)[: len(values)]] += values
    return np.asarray(dark.reshape(cool.shape)) * dark_temp_scale(REFERENCE_C, t_ccd)


def decimal_year(date: Instant) -> float:
    """Give a date as a year with its fraction."""
    time: Time = to_time(date, now=Time.now)
    return float(time.decimalyear)


@cache
def _edges() -> Floats:
    step = (3.30103 - 0.30103) / 60
    return np.asarray(10 ** (np.log10(2) + step * np.arange(75)))


def _above(threshold: float, edges: Floats, counts: Floats) -> float:
    """Count pixels above a threshold: whole bins, and a share for the one it lies in, taken from the bin after it."""
    i = int(np.searchsorted(edges, threshold))
    if not 0 < i < len(counts):
        return float(counts.sum() if i == 0 else 0.0)
    x, x0, x1 = np.log([threshold, edges[i - 1], edges[i]])
    m = (np.log(counts[i]) - np.log(counts[i - 1])) / (x1 - x0)
    return float(counts[i:].sum() + counts[i] * (x1**m - x**m) / (x1**m - x0**m))
