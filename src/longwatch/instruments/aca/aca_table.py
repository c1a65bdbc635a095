"""The table of images that all sources of ACA telemetry share: derived columns and flags by name.

Owns the columns of `get_aca_images`. Must not know where rows come from. See spec/aca-dark-hdr3-l0.md 3.4.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from astropy.table import Column, MaskedColumn, Table

from longwatch.instruments.aca import columns as c

GLBSTAT_FLAGS: Final = (
    "HIGH_BGD",
    "RAM_FAIL",
    "ROM_FAIL",
    "POWER_FAIL",
    "CAL_FAIL",
    "COMM_CHECKSUM_FAIL",
    "RESET",
    "SYNTAX_ERROR",
)
"""Flags of GLBSTAT, the highest bit first."""

IMGSTAT_FLAGS: Final = ("SAT_PIXEL", "DEF_PIXEL", "QUAD_BOUND", "COMMON_COL", "MULTI_STAR", "ION_RAD")
"""Flags of IMGSTAT, the highest of its six bits first."""

_RENAMED: Final = {
    "time": "TIME",
    "mjf": "MJF",
    "mnf": "MNF",
    "end_integ_time": "END_INTEG_TIME",
    "integ": "INTEG",
    "pixtlm": "AAPIXTLM",
    "bgdtyp": "AABGDTYP",
    "glbstat": "GLBSTAT",
    "commcnt": "COMMCNT",
    "commprog": "COMMPROG",
    "imgstat": "IMGSTAT",
    "imgrow0": "IMGROW0",
    "imgcol0": "IMGCOL0",
    "imgscale": "IMGSCALE",
    "bgdavg": "BGDAVG",
    "bgdrms": "BGDRMS",
    "tempccd": "TEMPCCD",
    "temphous": "TEMPHOUS",
    "tempprim": "TEMPPRIM",
    "tempsec": "TEMPSEC",
    "bgdstat": "BGDSTAT",
    "imgraw": "IMG",
    **{name: name.upper() for name in c.HEADER_3},
    "imgsize": "IMGSIZE",
    "imgfid1": "IMGFID",
    "imgfunc1": "IMGFUNC",
    "imgnum1": "IMGNUM",
}
_TYPE_OF_SIZE: Final = {4: 0, 6: 1, 8: 4}


def image_table(rows: Table) -> Table:
    """Give rows of `aca.l0` as the table engineers know.

    Parameters
    ----------
    rows
        Rows with all columns of the series; images in the low corner.

    Returns
    -------
    Table
        The 62 columns of the older readers and the flags by name; sorted by TIME and IMGNUM. IMG has the image in the
        middle of 8x8 and is masked; other columns are masked only where something is missing.
    """
    order = np.lexsort((np.asarray(rows["imgnum1"]), np.asarray(rows["time"])))
    rows = rows[order]
    table = Table({new: _plain(rows[old]) for old, new in _RENAMED.items() if old != "imgraw"})
    size = np.asarray(rows["imgsize"]).astype(np.int32)
    table["IMGSIZE"] = size
    table.add_column(
        MaskedColumn(centred(np.ma.asarray(rows["imgraw"]), size), unit="DN"),
        name="IMG",
        index=table.colnames.index("BGDSTAT") + 1,
    )
    for axis in ("ROW", "COL"):
        first = np.asarray(rows[f"img{axis.lower()}0"]).astype(np.int32)
        table[f"IMG{axis}_A1"] = first + (size == 6)
        table[f"IMG{axis}0_8X8"] = first - (c.FULL - size) // 2
    table["IMGTYPE"] = np.select([size == s for s in _TYPE_OF_SIZE], list(_TYPE_OF_SIZE.values()), 0)
    table["VCDUCTR"] = np.asarray(rows["mjf"]).astype(np.int64) * 128 + np.asarray(rows["mnf"])
    table["IMG_VCDUCTR"] = table["VCDUCTR"]
    _add_flags(table)
    return table


def centred(images: np.ma.MaskedArray, sizes: np.ndarray) -> np.ma.MaskedArray:
    """Give images in the middle of their 8x8 pixels.

    Parameters
    ----------
    images
        (n, 8, 8) with smaller images in the low corner, the rest masked.
    sizes
        (n,) rows and columns of each image.
    """
    data, mask = np.ma.getdata(images).copy(), np.ma.getmaskarray(images).copy()
    for size in c.SIZES[:2]:
        of_size = sizes == size
        shift = (c.FULL - size) // 2
        for part in (data, mask):
            part[of_size] = np.roll(part[of_size], (shift, shift), axis=(1, 2))
    return np.ma.MaskedArray(data, mask=mask)


def _add_flags(table: Table) -> None:
    for of, flags in (("GLBSTAT", GLBSTAT_FLAGS), ("IMGSTAT", IMGSTAT_FLAGS)):
        byte = np.asarray(table[of]).astype(np.uint8)
        for bit, flag in enumerate(reversed(flags)):
            table[flag] = (byte >> bit & 1).astype(bool)
    count, progress = (np.asarray(table[name]).astype(np.uint8) for name in ("COMMCNT", "COMMPROG"))
    table["COMMCNT_CHECKSUM_FAIL"] = (count & 1).astype(bool)
    table["COMMCNT_SYNTAX_ERROR"] = (count >> 1 & 1).astype(bool)
    table["COMMPROG_REPEAT"] = progress & 3
    table["COMMCNT"], table["COMMPROG"] = count >> 2, progress >> 2


def _plain(column: Column | MaskedColumn) -> Column | MaskedColumn:
    """Give a column without a mask where nothing is masked."""
    masked = np.ma.getmaskarray(np.ma.asarray(column)).any()
    return MaskedColumn(column) if masked else Column(np.ma.getdata(np.ma.asarray(column)), unit=column.unit)
