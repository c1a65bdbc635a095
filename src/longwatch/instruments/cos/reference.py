"""COS reference tables: lamp templates (LAMPTAB) and wavecal parameters (WCPTAB) as values.

Owns what their columns mean. Must not know where the files come from. See spec/cos.md 3.7.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from longwatch.errors import BadFile
from longwatch.fits.file import FitsFile
from longwatch.instruments.cos.osm import FpShifts, SearchRange, Setting

FP_COLUMNS = ("SEGMENT", "OPT_ELEM", "CENWAVE", "FP_PIXEL_SHIFT")
"""What a LAMPTAB must have."""


def fp_shifts(fits: FitsFile) -> FpShifts:
    """Give the FP-POS shifts of a LAMPTAB.

    Raises
    ------
    BadFile
        Raised if its table lacks a column that is needed.
    """
    table = reference_table(fits, FP_COLUMNS)
    fpoffset = table.get("FPOFFSET")
    offsets = np.zeros(len(table["SEGMENT"]), np.int64) if fpoffset is None else fpoffset
    columns = (_strings(table["SEGMENT"]), _strings(table["OPT_ELEM"]), table["CENWAVE"].tolist(), offsets.tolist())
    settings = (Setting(*row) for row in zip(*columns, strict=True))
    pixels = dict(zip(settings, table["FP_PIXEL_SHIFT"].tolist(), strict=True))
    return FpShifts(pixels=pixels, by_fpoffset=fpoffset is not None)


def search_ranges(fits: FitsFile) -> dict[str, SearchRange]:
    """Give the search range of each grating of a WCPTAB; a table without SEARCH_OFFSET searches about zero.

    Raises
    ------
    BadFile
        Raised if its table lacks a column that is needed.
    """
    table = reference_table(fits, ("OPT_ELEM", "XC_RANGE"))
    half = table["XC_RANGE"].astype(float)
    centre = table["SEARCH_OFFSET"].astype(float) if "SEARCH_OFFSET" in table else np.zeros_like(half)
    ranges = map(SearchRange, (centre - half).tolist(), (centre + half).tolist())
    return dict(zip(_strings(table["OPT_ELEM"]), ranges, strict=True))


def reference_table(fits: FitsFile, needed: tuple[str, ...]) -> Mapping[str, NDArray[np.generic]]:
    """Give the first table of a reference file.

    Parameters
    ----------
    fits
        The file.
    needed
        Columns it must have.

    Raises
    ------
    BadFile
        Raised if it has no table with these columns.
    """
    table = next((hdu.table() for hdu in fits.hdus if hdu.columns()), {})
    missing = [name for name in needed if name not in table]
    if missing:
        raise BadFile(
            f"{fits.name}: sought a table with {', '.join(needed)}; {', '.join(missing)} is not there. "
            "Fetch the reference file again."
        )
    return table


def _strings(column: NDArray[np.generic]) -> list[str]:
    """Give strings without the blanks some tables pad them with."""
    return [str(value).strip() for value in column.tolist()]
