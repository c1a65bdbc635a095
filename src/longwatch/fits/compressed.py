"""Tile-compressed images, decoded by astropy.

Owns which compressions are safe to decode, and turns astropy's failures into ours. Must not know who asks.
"""

from __future__ import annotations

import warnings
import zlib
from io import BytesIO
from math import prod
from typing import TYPE_CHECKING, Final, cast

import numpy as np
from astropy.io import fits
from astropy.io.fits.hdu.compressed import _compression
from astropy.io.fits.verify import VerifyError

from longwatch.errors import BadFile
from longwatch.fits.checksum import verify
from longwatch.fits.layout import DTYPES, MAX_AXES, count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from longwatch.fits.header import Header

MAX_IMAGE: Final = 2**31
"""Most bytes a compressed image may decode to."""

SAFE: Final = frozenset({"GZIP_1", "GZIP_2", "NOCOMPRESS"})
"""Compressions whose decoder refuses damaged tiles; the others may end the process, so their DATASUM must hold.

Astropy's decoder of RICE_1 reads on past the end of a damaged tile until it finds a byte that is not zero.
"""

_FAILURES = (
    EOFError,
    AssertionError,
    VerifyError,
    cast("type[Exception]", _compression.CfitsioException),
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zlib.error,
)


def read_compressed_image(header: Header, raw: memoryview, *, where: str) -> NDArray[np.generic]:
    """Decode a tile-compressed image.

    Parameters
    ----------
    header
        Header of the table that holds the tiles.
    raw
        Bytes of header and data of that table, padding included.
    where
        What to call the HDU in messages.

    Returns
    -------
    ndarray
        Physical values in native byte order, shape in index order; scaled, and blanks as NaN, as astropy has them.

    Raises
    ------
    BadFile
        Raised if the image is larger than `MAX_IMAGE` or cannot be decoded, or if its compression is not `SAFE` and
        no right DATASUM vouches for it.
    """
    _check_size(header, where=where)
    _check_compression(header, raw, where=where)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(BytesIO(_PRIMARY + bytes(raw)), memmap=False) as hdus:
                image = np.asarray(hdus[1].data)
                return cast("NDArray[np.generic]", image.astype(image.dtype.newbyteorder("=")))
        except _FAILURES as error:
            raise BadFile(
                f"{where}: sought a tile-compressed image; its tiles cannot be decoded ({error}). Fetch the file again."
            ) from error


def _check_size(header: Header, *, where: str) -> None:
    """Refuse an image that claims to be absurdly large."""
    axes = count(header, "ZNAXIS", where=where, most=MAX_AXES)
    lengths = [count(header, f"ZNAXIS{axis}", where=where) for axis in range(1, axes + 1)]
    bitpix = header.number("ZBITPIX")
    size = prod(lengths) * abs(int(bitpix)) // 8 if bitpix in DTYPES else 0
    if not 0 < size <= MAX_IMAGE:
        raise BadFile(
            f"{where}: sought a compressed image of 1 to {MAX_IMAGE} bytes; axes {lengths[:9]} make {size}. "
            "Mend the header."
        )


def _check_compression(header: Header, raw: memoryview, *, where: str) -> None:
    """Refuse tiles that could crash their decoder, unless their checksum is right."""
    compression = header.text("ZCMPTYPE")
    if compression in SAFE:
        return
    if not header.text("DATASUM").strip():
        raise BadFile(
            f"{where}: sought a DATASUM, which {compression or 'unnamed'} compression needs to be safely read; there "
            "is none. Add it, or compress with GZIP_2."
        )
    verify(header, raw[len(header.raw) :], where=where)


_PRIMARY = fits.PrimaryHDU().header.tostring(padding=True).encode("ascii")
