"""Images with the dark current taken off: the map nearest in time, brought to the CCD temperature of each image.

Owns how maps, temperatures and images come together. Must not know how any of them is stored.
See spec/aca-dark-hdr3-l0.md 1.6 and 2.4.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from astropy.table import MaskedColumn, Table
from numpy.typing import ArrayLike, NDArray
from scipy.signal import medfilt

from longwatch.archive import Archive
from longwatch.domain.times import Instant, from_us, us_from_cxc
from longwatch.errors import NotFound
from longwatch.instruments.aca import aca_l0
from longwatch.instruments.aca.background import background_subtracted, dark_background
from longwatch.instruments.aca.columns import KELVIN
from longwatch.instruments.aca.dark_cal import get_dark_cal_props
from longwatch.instruments.aca.opening import shown

Floats = NDArray[np.float64]

STEP_S: Final = 32.8
"""Temperatures are averaged over major frames [s]."""

_LEAST_PAD_S: Final = 600.0
_SERIES: Final = "aca.l0"


def get_aca_images(
    start: Instant,
    stop: Instant,
    *,
    bgsub: bool = False,
    t_ccd: ArrayLike | None = None,
    archive: Archive | None = None,
) -> Table:
    """Give the images of all slots, with the dark current taken off if wanted.

    Parameters
    ----------
    start, stop
        Ends of the span, both included.
    bgsub
        True: with the columns IMG_DARK and IMG_BGSUB [DN] and T_CCD_SMOOTH [deg_C].
    t_ccd
        CCD temperature [deg_C] of each image, or of all; None: `get_tccd_data` at their times.
    archive
        None: `$LONGWATCH_ARCHIVE`, else the folder one stands in.

    Returns
    -------
    Table
        As `aca_l0.get_aca_images`. IMG_DARK and IMG_BGSUB are masked where IMG is; nothing in IMG_BGSUB is below 0.

    Raises
    ------
    NotFound
        Raised if there is no dark calibration with a temperature, or no CCD temperature.
    """
    with shown(archive) as site:
        table = aca_l0.get_aca_images(start, stop, archive=site)
        if not bgsub:
            return table
        if not len(table):
            return _subtracted(table, np.zeros((0, 8, 8)), np.zeros(0))
        times = np.asarray(table["TIME"], dtype=float)
        known = get_tccd_data(times, archive=site) if t_ccd is None else np.broadcast_to(t_ccd, times.shape)
        return _subtracted(table, get_dark_current_imgs(table, known, archive=site), np.asarray(known, dtype=float))


def get_dark_current_imgs(table: Table, t_ccd: ArrayLike, *, archive: Archive | None = None) -> Floats:
    """Give the dark current under images [DN], (n, 8, 8), 0 off the CCD.

    Parameters
    ----------
    table
        Images: TIME, INTEG, IMGROW0_8X8 and IMGCOL0_8X8, as `aca_l0.get_aca_images` gives them.
    t_ccd
        CCD temperature [deg_C] of each image, or of all.
    archive
        As for `get_aca_images`; the calibration nearest to the first image answers for all.

    Raises
    ------
    NotFound
        Raised if there is no such calibration, or it does not say how warm the CCD was.
    """
    first = from_us(int(us_from_cxc(float(table["TIME"][0]))))
    with shown(archive) as site:
        found = get_dark_cal_props(first, "nearest", archive=site, include_image=True, allow_negative=True)
    if found.get("ccd_temp") is None:
        raise NotFound(f"Dark calibration {found['id']} does not say how warm the CCD was. Ingest its properties.json.")
    rows, cols, integ = (np.ma.getdata(table[name]) for name in ("IMGROW0_8X8", "IMGCOL0_8X8", "INTEG"))
    temperatures = np.broadcast_to(np.asarray(t_ccd, dtype=float), rows.shape)
    return dark_background(found["image"], rows, cols, t_dark=found["ccd_temp"], t_ccd=temperatures, integ=integ)


def get_tccd_data(
    times: ArrayLike, smooth_window: int = 30, median_window: int = 3, archive: Archive | None = None
) -> Floats:
    """Give the CCD temperature [deg_C] at times, smoothed, so that its steps of 0.4 degrees are not seen.

    Parameters
    ----------
    times
        (n,) [Chandra seconds].
    smooth_window
        Length of the Hanning window, in major frames.
    median_window
        Length of the median before it, in major frames; odd.
    archive
        As for `get_aca_images`; TEMPCCD of the images of 6x6 and 8x8 pixels is averaged over major frames.

    Raises
    ------
    NotFound
        Raised if there is no telemetry around the times.
    """
    at = np.asarray(times, dtype=float)
    pad = max(_LEAST_PAD_S, 0.5 * smooth_window * STEP_S)
    first, last = at.min() - pad, at.max() + pad
    span = [from_us(int(us_from_cxc(end))) for end in (first, last)]
    with shown(archive) as site:
        rows = site.series[_SERIES].fetch(["time", "tempccd", "quality"], *span)
    kelvin = np.ma.asarray(rows["tempccd"])
    good = ~np.ma.getmaskarray(kelvin) & (np.asarray(rows["quality"]) == 0)
    if not good.any():
        raise NotFound(
            f"No CCD temperature from {span[0].isot} to {span[1].isot}: images of 6x6 or 8x8 pixels carry it. "
            "Ingest them, or give t_ccd."
        )
    frame = np.floor((np.asarray(rows["time"], dtype=float)[good] - first) / STEP_S).astype(np.int64)
    count, total = (np.bincount(frame, weights) for weights in (None, np.ma.getdata(kelvin)[good].astype(float)))
    there = np.flatnonzero(count)
    middle, celsius = first + (there + 0.5) * STEP_S, total[there] / count[there] - KELVIN
    return np.asarray(np.interp(at, middle, _smooth(celsius, smooth_window, median_window)))


def _smooth(values: Floats, smooth_window: int, median_window: int) -> Floats:
    """Give a running median and Hanning mean; at the ends the value there goes on."""
    ends = smooth_window + median_window
    padded = medfilt(np.pad(values, ends, mode="edge"), median_window)
    weights = np.hanning(smooth_window + 2)[1:-1]
    smooth = np.convolve(padded, weights / weights.sum(), mode="same")
    return np.asarray(smooth[ends : ends + len(values)])


def _subtracted(table: Table, dark: Floats, t_ccd: Floats) -> Table:
    images = np.ma.asarray(table["IMG"])
    mask = np.ma.getmaskarray(images)
    table["IMG_DARK"] = MaskedColumn(dark, mask=mask, unit="adu")
    table["IMG_BGSUB"] = MaskedColumn(background_subtracted(np.ma.getdata(images), dark), mask=mask, unit="adu")
    table["T_CCD_SMOOTH"] = t_ccd
    table["T_CCD_SMOOTH"].unit = "deg_C"
    return table
