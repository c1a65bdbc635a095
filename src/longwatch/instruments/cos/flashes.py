"""Lamp flashes as the monitors need them: found spectra only, corrected for FP-POS.

Owns joining flashes with the reference tables they name. Must not know what is measured on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from longwatch.contracts.monitor import View
from longwatch.errors import NotFound
from longwatch.fits.file import FitsFile, parse
from longwatch.instruments.cos import reference
from longwatch.instruments.cos.osm import NOMINAL_FPPOS, Bools, Floats, Setting, search_margin

T = TypeVar("T")

STORED: Final = (
    *("time", "rootname", "detector", "segment", "flash", "elapsed", "opt_elem", "cenwave", "fppos"),
    *("lamptab", "wcptab", "shift_disp", "shift_xdisp", "spec_found"),
)
"""Columns of the series that are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flashes:
    """Rows whose lamp spectrum was found; all arrays are (n,).

    Parameters
    ----------
    time
        MJD UTC [d].
    rootname, detector, segment, opt_elem, wcptab
        Of the exposure, segment and setting.
    flash
        Number of the flash in its exposure.
    elapsed
        Since the start of the exposure [s].
    shift_disp, shift_xdisp
        As measured [pix].
    corrected
        `shift_disp` without what FP-POS makes [pix]; NaN: the LAMPTAB that says it is not in the archive, or does not
        know the setting.
    margin
        Distance of `corrected` from the nearer end of the search range [pix]; NaN: cannot tell.
    """

    time: Floats
    rootname: NDArray[np.str_]
    detector: NDArray[np.str_]
    segment: NDArray[np.str_]
    opt_elem: NDArray[np.str_]
    wcptab: NDArray[np.str_]
    flash: NDArray[np.int64]
    elapsed: Floats
    shift_disp: Floats
    shift_xdisp: Floats
    corrected: Floats
    margin: Floats

    def where(self, rows: Bools) -> Flashes:
        """Give some of the rows."""
        return Flashes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def of(self, detector: str, opt_elem: str) -> Flashes:
        """Give the rows of a detector and grating."""
        return self.where((self.detector == detector) & (self.opt_elem == opt_elem))

    def setups(self) -> list[tuple[str, str]]:
        """Give the pairs of detector and grating there are, in order."""
        return sorted(set(zip(self.detector.tolist(), self.opt_elem.tolist(), strict=True)))


def found_flashes(view: View, start: object = None, stop: object = None) -> Flashes:
    """Give the flashes of a span whose lamp spectrum was found.

    Parameters
    ----------
    view
        The archive.
    start, stop
        Half-open span; None: all.
    """
    table = view.series["cos.lampflash"].fetch(STORED, start, stop)
    rows = {name: np.ma.filled(np.ma.asarray(table[name]), _blank(np.asarray(table[name]))) for name in STORED}
    found = rows.pop("spec_found").astype(bool)
    rows = {name: values[found] for name, values in rows.items()}
    shift = rows["shift_disp"].astype(float)
    corrected = shift - _fp_pixels(view, rows)
    return Flashes(
        **{name: rows[name].astype(float) for name in ("time", "elapsed", "shift_xdisp")},
        **{name: rows[name].astype(str) for name in ("rootname", "detector", "segment", "opt_elem", "wcptab")},
        flash=rows["flash"].astype(np.int64),
        shift_disp=shift,
        corrected=corrected,
        margin=_margins(view, rows, corrected),
    )


def in_archive(view: View, kind: str, key: str, read: Callable[[FitsFile], T]) -> T | None:
    """Give what a reference table says, or None if the archive does not hold it.

    Parameters
    ----------
    view
        The archive.
    kind, key
        `cos.lamptab` or `cos.wcptab`, and the name by which headers cite the table.
    read
        What to make of the file.
    """
    try:
        content = view.products.content(kind=kind, key=key)
    except NotFound:
        return None
    return read(parse(content, name=key, checksum=False))


def _fp_pixels(view: View, rows: dict[str, np.ndarray]) -> Floats:
    """Give the shift FP-POS makes for each row [pix]; NaN where it cannot be told."""
    pixels = np.full(len(rows["time"]), np.nan)
    for key in set(rows["lamptab"].tolist()):
        shifts = in_archive(view, "cos.lamptab", key, reference.fp_shifts)
        if shifts is None:
            continue
        at = np.flatnonzero(rows["lamptab"] == key)
        offsets = rows["fppos"][at].astype(int) - NOMINAL_FPPOS
        columns = (rows["segment"][at], rows["opt_elem"][at], rows["cenwave"][at], offsets)
        settings = [Setting(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        pixels[at] = [np.nan if (found := shifts.of(setting)) is None else found for setting in settings]
    return pixels


def _margins(view: View, rows: dict[str, np.ndarray], corrected: Floats) -> Floats:
    """Give the distance of each row from the nearer end of its search range [pix]; NaN where it cannot be told."""
    margins = np.full(len(corrected), np.nan)
    for key in set(rows["wcptab"].tolist()):
        ranges = in_archive(view, "cos.wcptab", key, reference.search_ranges) or {}
        for opt_elem, search in ranges.items():
            at = (rows["wcptab"] == key) & (rows["opt_elem"] == opt_elem)
            margins[at] = search_margin(corrected[at], search)
    return margins


def _blank(values: np.ndarray) -> float | str:
    """Give what stands for a missing element: NaN, an empty text, or 0 (False)."""
    blanks: dict[str, float | str] = {"f": np.nan, "U": "", "S": "", "O": ""}
    return blanks.get(values.dtype.kind, 0)
