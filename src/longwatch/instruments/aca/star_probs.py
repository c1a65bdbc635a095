"""How likely stars are acquired, and how warm the CCD may be for that.

Owns the acquisition and guide models with their coefficients. Must not know where tables are kept, nor archives.
See spec/aca-dark-hdr3-l0.md 1.3 and 2.3.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

import numpy as np
from astropy.time import Time
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline
from scipy.optimize import bisect, brentq
from scipy.stats import beta, binom, norm

from longwatch.domain.times import Instant
from longwatch.errors import BadQuery
from longwatch.instruments.aca.acq_grids import ANY, AcquisitionTable, grid_named
from longwatch.instruments.aca.dark_model import get_warm_fracs

Floats = NDArray[np.float64]

_SOTA: Final = {
    False: ((4.38145, 6.22480, 2.20862), (-2.24494, 0.32180, 0.08306)),
    True: ((4.73283, 7.63540, 4.56612), (-1.49046, 0.53391, -0.37074)),
}
_KNOTS: Final = (8.5, 9.25, 10.0, 10.4, 10.7)
_SPLINE: Final = {
    False: (
        (-2.69826, -1.96063, -1.20245, -0.01713, 1.23724),
        (0.07135, 0.12711, 0.14508, 0.59646, 0.64262),
        (0.02341, 0.0, 0.00704, 0.06926, 0.05629),
    ),
    True: (
        (-2.56169, -1.65157, -0.26794, 1.00488, 3.52181),
        (0.0, 0.09193, 0.23026, 0.61243, 0.94157),
        (0.00471, 0.00637, 0.01118, 0.07461, 0.09556),
    ),
}
_BRIGHT: Final = 8.5
_RED: Final = 1.5
_COLOR_07, _COLOR_07_FACTOR = 0.7, 0.4294
_SPOILED: Final = 0.9241
_RANGE: Final = (1e-6, 0.985)
_RELATION_2013: Final = {"code": 0.999, "doc": 0.888}
_GUIDE_STEPS: Final = (0.0, 0.2, 0.3, 0.4)
_GUIDE_C: Final = -10.9


def acq_success_prob(
    date: Instant | None = None,
    t_ccd: ArrayLike = -10.0,
    mag: ArrayLike = 10.0,
    color: ArrayLike = 0.6,
    spoiler: ArrayLike = 0,
    halfwidth: ArrayLike = 120.0,
    model: str | None = None,
) -> float | Floats:
    """Give the probability that stars are acquired; all arguments broadcast.

    Parameters
    ----------
    date
        Any accepted time; None: now. Only the model `sota` depends on it.
    t_ccd
        CCD temperature [deg_C].
    mag, color
        Magnitude, and B-V; 0.7 and 1.5 are marks for stars of unknown colour and red stars.
    spoiler
        Whether another star is near (1) or not (0).
    halfwidth
        Half width of the search box [arcsec].
    model
        `sota`, `spline`, or `grid-*`: the table of that name in `$LONGWATCH_ACA_MODELS`, the newest of several; asked
        by its full name and not there, its published nodes. None: `grid-*`.

    Raises
    ------
    BadQuery
        Raised if there is no such model.
    NotFound
        Raised if there is no such table.
    """
    given = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (t_ccd, mag, color, spoiler, halfwidth)))
    t, m, c, s, hw = (np.atleast_1d(one) for one in given)
    name = model or ANY
    red = np.isclose(c, _RED, atol=1e-6, rtol=0)
    probability = np.zeros(m.shape)
    for is_red in (False, True):
        chosen = red == is_red
        if chosen.any():
            probability[chosen] = norm.cdf(-_probit(name, date, t[chosen], m[chosen], hw[chosen], red=is_red))
    if name == "sota":
        probability[m < _BRIGHT] = _RANGE[1]
    probability *= np.where(np.isclose(c, _COLOR_07, atol=1e-6, rtol=0), _COLOR_07_FACTOR, 1.0)
    probability *= np.where(s != 0, _SPOILED, 1.0)
    if not name.startswith("grid-"):
        probability = np.clip(probability, *_RANGE)
    return float(probability[0]) if given[0].ndim == 0 else probability


def sota_model_acq_prob(
    mag: ArrayLike, warm_frac: ArrayLike, color: float = 0.0, halfwidth: ArrayLike = 120.0
) -> Floats:
    """Give the probability of the model `sota` from a fraction of warm pixels, before any factor."""
    m = np.asarray(mag, dtype=float)
    probit = _sota(m, np.asarray(warm_frac), np.asarray(halfwidth, dtype=float), red=abs(color - _RED) < 1e-6)
    return np.where(m < _BRIGHT, _RANGE[1], norm.cdf(-probit))


model_acq_success_prob = sota_model_acq_prob
"""Its former name."""


def spline_model_acq_prob(
    mag: ArrayLike = 10.0,
    t_ccd: ArrayLike = -12.0,
    color: float = 0.6,
    halfwidth: ArrayLike = 120.0,
    *,
    probit: bool = False,
) -> Floats:
    """Give the probability of the model `spline` before any factor; with `probit` the probit of failure."""
    m, t, hw = (np.asarray(one, dtype=float) for one in (mag, t_ccd, halfwidth))
    found = _spline(m, t, hw, red=abs(color - _RED) < 1e-6)
    return found if probit else np.asarray(norm.cdf(-found))


def grid_model_acq_prob(
    mag: ArrayLike = 10.0,
    t_ccd: ArrayLike = -12.0,
    color: float = 0.6,
    halfwidth: ArrayLike = 120.0,
    model: str | None = None,
    *,
    probit: bool = False,
) -> Floats:
    """Give the probability of a table before any factor; with `probit` the probit of failure.

    Raises
    ------
    NotFound
        Raised if there is no such table.
    """
    given = np.broadcast_arrays(*(np.asarray(one, dtype=float) for one in (mag, t_ccd, halfwidth)))
    m, t, hw = (np.atleast_1d(one) for one in given)
    found = grid_named(model or ANY).probit_fail(m.ravel(), t.ravel(), hw.ravel(), red=abs(color - _RED) < 1e-6)
    found = found.reshape(given[0].shape)
    return found if probit else np.asarray(norm.cdf(-found))


def get_grid_func_model(model: str | None = None) -> AcquisitionTable:
    """Give the table that answers for a name; None: the newest."""
    return grid_named(model or ANY)


def get_default_acq_prob_model_info() -> dict[str, str]:
    """Give which table answers where no model is named: name, MD5 of the file, and its path."""
    found = grid_named()
    return {"model": found.name, "md5": found.checksum, "path": str(found.path)}


def acq_success_prob_2013(
    mag: ArrayLike, warm_frac: ArrayLike, prob_offset: float = 0.0, version: str = "code"
) -> Floats:
    """Give the probability by the relation of 2013.

    Parameters
    ----------
    mag, warm_frac
        Magnitude, and fraction of pixels above 100 electron / s.
    prob_offset
        Added.
    version
        `code`: as it was computed; `doc`: as it was written down, with 0.888 in place of 0.999.

    Returns
    -------
    np.ndarray
        Not clipped to [0, 1].
    """
    m = np.asarray(mag, dtype=float) - 10.0
    scale = 10 ** (0.185 + 0.990 * m - 0.491 * m**2)
    offset = 10 ** (-1.489 + _RELATION_2013[version] * m + 0.280 * m**2)
    return np.asarray(1.0 - (offset + scale * np.asarray(warm_frac) - prob_offset))


def prob_n_acq(star_probs: Sequence[float]) -> tuple[Floats, Floats]:
    """Give the probability of acquiring exactly n of the stars, n from 0, and of n or fewer."""
    pmf = np.ones(1)
    for p in star_probs:
        pmf = np.convolve(pmf, [1.0 - p, p])
    return pmf, np.cumsum(pmf)


def t_ccd_warm_limit(
    mags: ArrayLike,
    date: Instant | None = None,
    colors: ArrayLike = 0.0,
    halfwidths: ArrayLike = 120.0,
    min_n_acq: float | tuple[int, float] = 5.0,
    cold_t_ccd: float = -16.0,
    warm_t_ccd: float = -5.0,
    model: str | None = None,
) -> tuple[float, float]:
    """Give the warmest CCD temperature at which enough stars are acquired.

    Parameters
    ----------
    mags, date, colors, halfwidths, model
        As for `acq_success_prob`.
    min_n_acq
        Stars to be expected; or (n, p): n or fewer may be acquired with probability p.
    cold_t_ccd, warm_t_ccd
        Where to look [deg_C]; the answer lies between.

    Returns
    -------
    tuple of float
        The temperature [deg_C], and the number expected there (or the probability).
    """

    def reached(t_ccd: float) -> float:
        probs = np.atleast_1d(acq_success_prob(date, t_ccd, mags, colors, halfwidth=halfwidths, model=model))
        match min_n_acq:
            case (n, _):
                return float(prob_n_acq(list(probs))[1][n])
            case _:
                return float(probs.sum())

    match min_n_acq:
        case (_, wanted):
            sign = -1.0
        case wanted:
            sign = 1.0
    limit = _crossing(lambda t: sign * (reached(t) - float(wanted)), cold_t_ccd, warm_t_ccd)
    return limit, reached(limit)


def mag_for_p_acq(
    p_acq: float, date: Instant | None = None, t_ccd: float = -10.0, halfwidth: float = 120.0, model: str | None = None
) -> float:
    """Give the magnitude, from 5 to 12, at which a star is acquired with a probability."""

    def missing(mag: float) -> float:
        return float(acq_success_prob(date, t_ccd, mag, halfwidth=halfwidth, model=model)) - p_acq

    return float(brentq(missing, 5.0, 12.0, xtol=1e-4, rtol=1e-4))


def guide_count(mags: ArrayLike, t_ccd: ArrayLike, *, count_9th: bool = False) -> float:
    """Give the number of guide stars, faint ones counted in part.

    Parameters
    ----------
    mags
        Magnitudes.
    t_ccd
        CCD temperature [deg_C]; one, or one a star.
    count_9th
        True: stars count less from 9.0 on; False: from 9.95 on.
    """
    m, t = np.broadcast_arrays(np.atleast_1d(np.asarray(mags, dtype=float)), np.asarray(t_ccd, dtype=float))
    shift = (t - _GUIDE_C) * np.log10(1 / 0.70) / 1.6
    faint = (9.0 if count_9th else 9.95) + np.array(_GUIDE_STEPS)
    counts = (0.0, 1.0005, 1.0, 0.75, 0.5, 0.0)
    return float(sum(np.interp(one, [5.25, 5.35, *(faint - by)], counts) for one, by in zip(m, shift, strict=True)))


def t_ccd_warm_limit_for_guide(
    mags: ArrayLike, min_guide_count: float = 4.0, warm_t_ccd: float = -5.0, cold_t_ccd: float = -16.0
) -> float:
    """Give the warmest CCD temperature [deg_C] at which enough guide stars count."""

    def more(t_ccd: float) -> float:
        return guide_count(mags, t_ccd) - min_guide_count

    if more(warm_t_ccd) >= 0:
        return warm_t_ccd
    return cold_t_ccd if more(cold_t_ccd) <= 0 else float(bisect(more, cold_t_ccd, warm_t_ccd, xtol=1e-3))


def binom_ppf(k: int, n: int, conf: ArrayLike, n_sample: int = 1000) -> Floats:
    """Give the success rates below which the true one lies with given confidence, where k of n succeeded.

    Parameters
    ----------
    k, n
        Successes and trials.
    conf
        Confidences, 0 to 1.
    n_sample
        Rates tried, from 0 to 1, all as likely.
    """
    rates = np.linspace(0.0, 1.0, n_sample)
    below = np.cumsum(binom.pmf(k, n, rates))
    return np.asarray(np.interp(np.asarray(conf, dtype=float), below / below[-1], rates))


def binomial_confidence_interval(
    n_success: float, n_trials: float, coverage: float = 0.682689
) -> tuple[float, float, float]:
    """Give the ratio and the ends of the Jeffreys interval."""
    tail = (1.0 - coverage) / 2.0
    low, high = beta.ppf([tail, 1.0 - tail], n_success + 0.5, n_trials - n_success + 0.5)
    return n_success / n_trials, float(low), float(high)


def _probit(name: str, date: Instant | None, t_ccd: Floats, mag: Floats, halfwidth: Floats, *, red: bool) -> Floats:
    """Give the probit of failure."""
    if name.startswith("grid-"):
        return grid_named(name).probit_fail(mag, t_ccd, halfwidth, red=red)
    match name:
        case "sota":
            temperatures, place = np.unique(t_ccd, return_inverse=True)
            when = Time.now() if date is None else date
            warm = np.array([get_warm_fracs(100.0, when, float(t)) for t in temperatures])[place]
            return _sota(mag, warm, halfwidth, red=red)
        case "spline":
            return _spline(mag, t_ccd, halfwidth, red=red)
        case _:
            raise BadQuery(f"No acquisition model {name!r}. There are 'sota', 'spline' and tables 'grid-*'.")


def _sota(mag: Floats, warm_frac: Floats, halfwidth: Floats, *, red: bool) -> Floats:
    scale, offset = _SOTA[red]
    m = mag - 10.0
    return np.asarray(
        np.polynomial.polynomial.polyval(m, offset)
        + np.polynomial.polynomial.polyval(m, scale) * warm_frac
        + _box_delta(halfwidth)
    )


def _spline(mag: Floats, t_ccd: Floats, halfwidth: Floats, *, red: bool) -> Floats:
    if np.any(t_ccd < -16.0):
        warnings.warn("the model 'spline' was fitted to temperatures above -16 deg_C", stacklevel=4)
    tc = t_ccd + 12.0
    faint = np.maximum(mag, _BRIGHT)
    p0, p1, p2 = (curve(faint) for curve in _curves(red=red))
    return np.asarray(p0 + p1 * tc + p2 * tc**2 + _box_delta(halfwidth) - np.maximum(0.0, _BRIGHT - mag) / 10.0)


@cache
def _curves(*, red: bool) -> tuple[CubicSpline, ...]:
    return tuple(CubicSpline(_KNOTS, values, bc_type=((1, 0.0), (2, 0.0))) for values in _SPLINE[red])


def _box_delta(halfwidth: Floats) -> Floats:
    b = (halfwidth - 120.0) / 120.0
    return np.asarray(0.96 * b - 0.30 * b**2)


def _crossing(excess: Callable[[float], float], cold: float, warm: float) -> float:
    """Give where a falling function is 0, or the end where it does not change sign."""
    if excess(warm) >= 0:
        return warm
    return cold if excess(cold) <= 0 else float(brentq(excess, cold, warm, xtol=1e-4, rtol=1e-4))
