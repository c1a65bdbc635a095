"""From stored to physical numbers: scale, zero and null of an image or a column.

Owns the linear scaling and the unsigned convention. Must not know whether the numbers come from an image or a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from longwatch.errors import BadFile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from longwatch.fits.header import Header

_MAX: Final = 1e300
_SIGN: Final = {"u1": -(2**7), "i2": 2**15, "i4": 2**31, "i8": 2**63}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """How stored numbers become physical ones: `scale * stored + zero`, and which stored number means null.

    Parameters
    ----------
    scale
        Factor, per stored unit.
    zero
        Physical value of a stored zero.
    null
        Stored integer that means "no value", or None.
    """

    scale: float = 1
    zero: float = 0
    null: int | None = None

    @property
    def plain(self) -> bool:
        """Whether the stored numbers are the physical ones."""
        return self.scale == 1 and self.zero == 0

    def physical(self, stored: NDArray[np.generic]) -> NDArray[np.generic]:
        """Give physical numbers in native byte order, in memory of their own.

        Parameters
        ----------
        stored
            Numbers of any shape as they stand in the file.

        Returns
        -------
        ndarray
            The stored type where nothing is scaled; the other signedness, exactly, where the zero is that of the
            unsigned convention; else float64 (complex128). A masked array where `null` is set: masked = null.
        """
        native = stored.astype(stored.dtype.newbyteorder("="))
        values = native if self.plain else self._scaled(native)
        if self.null is None or native.dtype.kind not in "iu":
            return values
        return np.ma.MaskedArray(values, mask=native == self.null)

    def _scaled(self, native: NDArray[np.generic]) -> NDArray[np.generic]:
        """Apply scale and zero."""
        kind = native.dtype.str[1:]
        if self.scale == 1 and self.zero == _SIGN.get(kind):
            other = ("i" if kind[0] == "u" else "u") + kind[1:]
            flipped: NDArray[np.integer] = native.view(other) ^ np.array(int(self.zero), other)
            return flipped
        wide: NDArray[np.inexact] = native.astype(np.complex128 if native.dtype.kind == "c" else np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            wide *= self.scale
            wide += self.zero
        return wide


def read_scaling(header: Header, keywords: tuple[str, str, str], *, where: str) -> Scaling:
    """Read the scaling a header states.

    Parameters
    ----------
    header
        The header.
    keywords
        Keywords of scale, zero and null; those that are missing mean 1, 0 and none.
    where
        What to call the HDU in messages.

    Raises
    ------
    BadFile
        Raised if scale or zero is there and is no number.
    """
    scale, zero, null = keywords
    blank = header.number(null)
    return Scaling(
        scale=_number(header, scale, 1, where=where),
        zero=_number(header, zero, 0, where=where),
        null=None if blank is None or blank != blank // 1 else int(blank),
    )


def _number(header: Header, keyword: str, default: float, *, where: str) -> float:
    """Read a finite number that may be missing."""
    if header.get(keyword) is None:
        return default
    number = header.number(keyword)
    if number is None or not abs(number) < _MAX:
        raise BadFile(f"{where}: sought a number in {keyword}; there is {header[keyword]!r}. Mend the header.")
    return number
