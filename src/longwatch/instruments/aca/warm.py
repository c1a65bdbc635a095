"""Warm pixels of every dark calibration: as measured, brought to one temperature, and as the model has them.

Owns how the three follow from the stored counts. Must not know how counts are stored, nor pictures.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.contracts.monitor import View
from longwatch.domain.times import from_us, to_us
from longwatch.instruments.aca.dark_files import CALS, CONDITIONS, WARM
from longwatch.instruments.aca.dark_model import LAWS, PIXELS, REFERENCE_C, get_warm_fracs, level_at
from longwatch.instruments.aca.dark_statistics import pixels_above

_MODEL_FROM_US: Final = to_us("2007-01-02")


def temperatures(view: View) -> dict[int, float]:
    """Give the CCD temperature [deg_C] of each calibration that says it, by dark id."""
    table = view.series[CONDITIONS].fetch(["dark_id", "ccd_temp"])
    return dict(zip(table["dark_id"].tolist(), table["ccd_temp"].tolist(), strict=True))


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
        `measured`, `corrected` to the temperature, and `model`, the histogram model for day and temperature, from 2007
        on. Masked without a temperature.
    """
    cals = view.series[CALS].fetch(["time", "dark_id", "above"])
    known = temperatures(view)
    rows = [
        (pixels_above(counts, above), *_with_temperature(time, counts, known.get(dark_id), above, t_ccd_ref, law))
        for time, dark_id, counts in zip(cals["time"].tolist(), cals["dark_id"].tolist(), cals["above"], strict=True)
    ]
    values = np.array(rows, dtype=float).reshape(-1, 4)
    found = Table([cals["time"], cals["dark_id"]])
    found["ccd_temp"] = np.ma.masked_invalid(values[:, 1])
    found["measured"] = values[:, 0] / PIXELS
    found["corrected"] = np.ma.masked_invalid(values[:, 2] / PIXELS)
    found["model"] = np.ma.masked_invalid(values[:, 3])
    return found


def _with_temperature(
    time_us: int, counts: np.ndarray, t_ccd: float | None, above: float, t_ccd_ref: float, law: str
) -> tuple[float, float, float]:
    """Give temperature, pixels above the level at the reference, and the model's share; NaN where not known."""
    if t_ccd is None:
        return (np.nan,) * 3
    corrected = pixels_above(counts, level_at(above, t_ccd, t_ccd_ref, law=law))
    modelled = float(get_warm_fracs(above, from_us(time_us), t_ccd)) if time_us >= _MODEL_FROM_US else np.nan
    return t_ccd, corrected, modelled
