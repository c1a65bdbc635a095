"""Simulated nights of LANTERN, with the truth known: one pixel is hot, and in the last night the pump fails."""

from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.table import Table

FIRST_MJD = 61041.0
HOT = (12, 40)
SET_POINT_C = -30.0


def simulate(out: Path, *, seed: int, small: bool) -> None:
    """Write a dark a night; the same seed gives the same numbers."""
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    nights = 5 if small else 100
    for night in range(nights):
        mjd = FIRST_MJD + night + np.arange(6) / 144
        warming = 8.0 if night == nights - 1 else 0.0
        temps = SET_POINT_C + rng.normal(0, 0.2, 6) + np.linspace(0, warming, 6)
        rate = rng.normal(0.01, 0.001, (64, 64)).astype("f4")
        rate[HOT] += 0.1 * night
        cards = fits.Header(
            {"INSTRUME": "LANTERN", "NIGHT": night, "EXPTIME": 3600.0, "DATE": f"2026-01-{night + 1:02}"}
        )
        dark = fits.ImageHDU(rate, name="DARK")
        readings = fits.BinTableHDU(Table({"MJD": mjd, "CCD_TEMP": temps}), name="TEMPS")
        hdus = fits.HDUList([fits.PrimaryHDU(header=cards), dark, readings])
        hdus.writeto(out / f"lantern_{night:04}.fits", checksum=True, overwrite=True)
