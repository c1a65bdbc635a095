"""Warm pixels of every dark calibration: measured, brought to one temperature, and modelled; and when one is hot.

Owns how these follow from the stored counts and temperatures. Must not know how counts are stored, nor pictures.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.contracts.monitor import View
from longwatch.cubes.lives import Level
from longwatch.domain.times import from_us, to_us
from longwatch.instruments.aca.dark_files import CALS, CONDITIONS, CUBE, WARM
from longwatch.instruments.aca.dark_model import LAWS, PIXELS, REFERENCE_C, get_warm_fracs, level_at
from longwatch.instruments.aca.dark_statistics import pixels_above

OFF_SHARE: Final = 0.8
"""A hot pixel stays hot down to this share of the level."""

_MODEL_FROM_US: Final = to_us("2007-01-02")


def temperatures(view: View) -> dict[int, float]:
    """Give the CCD temperature [deg_C] of each calibration that says it, by dark id."""
    if CONDITIONS not in view.series:
        return {}
    table = view.series[CONDITIONS].fetch(["dark_id", "ccd_temp"])
    return dict(zip(table["dark_id"].tolist(), table["ccd_temp"].tolist(), strict=True))


def hot_levels(view: View, above: float, *, t_ccd_ref: float = REFERENCE_C, law: str = LAWS[0]) -> dict[int, Level]:
    """Give when a pixel is hot in each map whose CCD temperature is known, by dark id.

    Parameters
    ----------
    view
        The archive, or what a monitor is given.
    above
        It turns hot above this at the temperature `t_ccd_ref` [electron / s], and stays so down to 0.8 of it.
    t_ccd_ref, law
        As for `warm_pixels`.
    """
    held = set(view.cubes[CUBE].epochs()["epoch"].tolist()) if CUBE in view.cubes else set()
    return {
        epoch: Level(
            on=level_at(above, t_ccd, t_ccd_ref, law=law), off=level_at(OFF_SHARE * above, t_ccd, t_ccd_ref, law=law)
        )
        for epoch, t_ccd in sorted(temperatures(view).items())
        if epoch in held
    }


def warm_pixels(view: View, *, above: float = WARM, t_ccd_ref: float = REFERENCE_C, law: str = LAWS[0]) -> Table:
    """Give the warm pixels of each calibration.

    Parameters
    ----------
    view
        The archive, or what a monitor is given.
    above
        A pixel above this is warm [electron / s].
    t_ccd_ref, law
        Temperature [deg_C] to which maps are brought, and by which law.

    Returns
    -------
    Table
        A row a calibration: time (its midnight, TAI microseconds), dark_id, ccd_temp [deg_C], and shares of all pixels:
        `measured`, and `corrected` to the temperature. Masked without a temperature.
    """
    if CALS not in view.series:
        return Table(
            names=["time", "dark_id", "ccd_temp", "measured", "corrected"], dtype=["i8", "i4", "f8", "f8", "f8"]
        )
    cals = view.series[CALS].fetch(["time", "dark_id", "above"])
    known = temperatures(view)
    t_ccd = np.array([known.get(dark_id, np.nan) for dark_id in cals["dark_id"].tolist()])
    levels = [np.nan if np.isnan(t) else level_at(above, t, t_ccd_ref, law=law) for t in t_ccd.tolist()]
    counts = np.asarray(cals["above"])
    found = Table([cals["time"], cals["dark_id"]])
    found["ccd_temp"] = np.ma.masked_invalid(t_ccd)
    found["ccd_temp"].unit = "deg_C"
    found["measured"] = np.array([pixels_above(one, above) for one in counts]) / PIXELS
    corrected = np.array([pixels_above(one, level) for one, level in zip(counts, levels, strict=True)]) / PIXELS
    found["corrected"] = np.ma.masked_invalid(corrected)
    return found


def modelled(table: Table, *, above: float = WARM) -> np.ma.MaskedArray:
    """Give the shares of warm pixels that the histogram model has for the calibrations of `warm_pixels`.

    Returns
    -------
    np.ma.MaskedArray
        (n,) for day and temperature; masked before 2007, where the model does not hold, and without a temperature.
    """
    known = ~np.ma.getmaskarray(np.ma.asarray(table["ccd_temp"])) & (np.asarray(table["time"]) >= _MODEL_FROM_US)
    shares = np.zeros(len(table))
    for place in np.flatnonzero(known):
        date = from_us(int(table["time"][place]))
        shares[place] = get_warm_fracs(above, date, float(table["ccd_temp"][place]))
    return np.ma.MaskedArray(shares, mask=~known)
