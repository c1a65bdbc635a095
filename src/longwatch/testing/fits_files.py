"""Tiny real FITS files made in memory, for tests of readers.

Owns writing them, with right check sums. Must not know any instrument.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from astropy.io import fits
from astropy.table import Table

from longwatch.domain.epoch import Scalar


def fits_bytes(
    cards: Mapping[str, Scalar],
    *,
    images: Mapping[str, np.ndarray] | None = None,
    tables: Mapping[str, Mapping[str, np.ndarray]] | None = None,
) -> bytes:
    """Give the bytes of a FITS file.

    Parameters
    ----------
    cards
        Keywords and values of the primary header.
    images
        Image extensions by EXTNAME.
    tables
        Binary tables by EXTNAME: columns of equal length by name.

    Returns
    -------
    bytes
        The file, with CHECKSUM and DATASUM in every HDU.
    """
    hdus = [fits.PrimaryHDU(header=fits.Header(cards))]
    hdus += [fits.ImageHDU(image, name=name) for name, image in (images or {}).items()]
    hdus += [fits.BinTableHDU(Table(dict(table)), name=name) for name, table in (tables or {}).items()]
    buffer = io.BytesIO()
    fits.HDUList(hdus).writeto(buffer, checksum=True)
    return buffer.getvalue()
