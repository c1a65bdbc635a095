"""A FITS file, HDU by HDU.

Owns the walk over a file and its limits. Must not know how headers, images and tables are read, nor what they mean.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from longwatch.errors import BadFile, NotFound
from longwatch.fits.checksum import verify
from longwatch.fits.columns import TableColumn, read_columns
from longwatch.fits.compressed import read_compressed_image
from longwatch.fits.header import BLOCK, Header, read_header
from longwatch.fits.image import ImagePlane, plane_of, read_image
from longwatch.fits.layout import Kind, Layout, read_layout
from longwatch.fits.table import read_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_HDUS: Final = 10_000
"""Most HDUs a file may have."""

_TABLES: Final = frozenset({"table", "ascii-table", "compressed-image"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hdu:
    """One header and its data, decoded when asked for.

    Parameters
    ----------
    index
        Place in the file; 0 is the primary HDU.
    name
        EXTNAME, or "PRIMARY" for a primary HDU without, else empty.
    version
        EXTVER; 1 if not stated.
    header
        The header.
    data_offset
        First byte of the data, from the beginning of the file.
    data_size
        Bytes of the data without padding.
    layout
        What the header says about the data.
    where
        What messages call this HDU: the file and the index.
    raw
        Bytes of header and data, padding included.
    """

    index: int
    name: str
    version: int
    header: Header
    data_offset: int
    data_size: int
    layout: Layout
    where: str
    raw: memoryview = field(repr=False)
    _columns: tuple[TableColumn, ...] = field(repr=False)

    @property
    def kind(self) -> Kind:
        """What the HDU holds."""
        return self.layout.kind

    @property
    def data(self) -> memoryview:
        """The bytes of the data without padding."""
        start = len(self.header.raw)
        return self.raw[start : start + self.data_size]

    def image(self) -> NDArray[np.generic] | None:
        """Physical values of an image, or None if the HDU holds none.

        Returns
        -------
        ndarray
            Shape in index order (ny, nx), native byte order, memory of its own. The stored type, its unsigned partner
            where BZERO says so, else float64 where scaled (a compressed image: as astropy scales it). NaN is a value
            of the file; a masked array where an integer image states BLANK: masked = blank.

        Raises
        ------
        BadFile
            Raised if the scaling is no number or a compressed image cannot be decoded.
        """
        if self.kind == "compressed-image":
            return read_compressed_image(self.header, self.raw, where=self.where)
        if self.kind != "image":
            return None
        return read_image(self.header, self.layout, self.data, where=self.where)

    def plane(self) -> ImagePlane | None:
        """Where the image stands in the file, or None if there is none or its stored numbers are scaled.

        Raises
        ------
        BadFile
            Raised if the scaling is no number.
        """
        if self.kind != "image":
            return None
        return plane_of(self.header, self.layout, self.data_offset, where=self.where)

    def columns(self) -> tuple[TableColumn, ...]:
        """Columns of a table in the order of the file; none if the HDU is no table."""
        return self._columns

    def table(self) -> dict[str, NDArray[np.generic]]:
        """All columns of a table by name; empty if the HDU is no table.

        Returns
        -------
        dict
            Arrays of shape (rows,) or (rows, *cell), in native byte order: numbers, str without trailing blanks, bool
            for logicals and bits, objects for arrays of varying length. NaN is a value of the file; masked = null.

        Raises
        ------
        BadFile
            Raised if the heap or the text of the table is not what its columns say.
        """
        return read_table(self.header, self.layout, self._columns, self.data, where=self.where)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FitsFile:
    """The HDUs of a file.

    Parameters
    ----------
    name
        What messages call the file.
    hdus
        Its HDUs; at least the primary one.
    """

    name: str
    hdus: tuple[Hdu, ...]

    @property
    def primary(self) -> Hdu:
        """The first HDU."""
        return self.hdus[0]

    def hdu(self, which: str | int, version: int | None = None) -> Hdu:
        """Find an HDU.

        Parameters
        ----------
        which
            Index, or EXTNAME in any case; the first of several equal names is given.
        version
            EXTVER it must have; None for any.

        Raises
        ------
        NotFound
            Raised if there is none.
        """
        for hdu in self.hdus:
            named = hdu.index == which or hdu.name.upper() == str(which).upper() != ""
            if named and version in {None, hdu.version}:
                return hdu
        there = ", ".join(f"{hdu.index}: {hdu.name or 'unnamed'},{hdu.version}" for hdu in self.hdus[:20])
        raise NotFound(
            f"{self.name}: sought HDU {which!r}, version {version or 'any'}; there are {there}. Ask for one."
        )


def parse(data: bytes | memoryview, *, name: str, checksum: bool = True, primary: Header | None = None) -> FitsFile:
    """Read a FITS file: all its headers, its data where asked for later.

    Parameters
    ----------
    data
        The whole file, inflated.
    name
        What to call the file in messages.
    checksum
        Whether to verify CHECKSUM and DATASUM where they are stated.
    primary
        The first header, where `primary_header` has read it already.

    Raises
    ------
    BadFile
        Raised if the file is not FITS, is cut short, is followed by something else, or contradicts itself. A file
        without CHECKSUM and DATASUM is not refused.
    """
    view = memoryview(data)
    if bytes(view[:9]) != b"SIMPLE  =":
        raise BadFile(
            f"{name}: sought a FITS file, which begins with SIMPLE; there is {bytes(view[:9])!r}. Fetch it again."
        )
    hdus: list[Hdu] = []
    start = 0
    while start < len(view) and not _ends(view, start, name=name):
        if len(hdus) == MAX_HDUS:
            raise BadFile(f"{name}: sought at most {MAX_HDUS} HDUs; there are more. Split the file.")
        hdu = _read_hdu(view, start, len(hdus), name=name, header=None if hdus else primary)
        if checksum:
            verify(hdu.header, hdu.raw[len(hdu.header.raw) :], where=hdu.where)
        hdus.append(hdu)
        start += len(hdu.raw)
    return FitsFile(name=name, hdus=tuple(hdus))


def _ends(view: memoryview, start: int, *, name: str) -> bool:
    """Tell whether only filling is left; refuse anything that is no extension."""
    if start == 0 or bytes(view[start : start + 8]) == b"XTENSION":
        return False
    if np.frombuffer(view[start:], np.uint8).any():
        raise BadFile(
            f"{name}: sought an extension or the end at byte {start}; {len(view) - start} other bytes follow. "
            "The file is cut short or something was appended: fetch it again."
        )
    return True


def _read_hdu(view: memoryview, start: int, index: int, *, name: str, header: Header | None) -> Hdu:
    """Read the HDU that begins at a byte, its header too unless it is given."""
    where = f"{name}[{index}]"
    header = header or read_header(view, start, name=where)
    layout = read_layout(header, where=where)
    begin = start + len(header.raw)
    stop = begin + -(-layout.size // BLOCK) * BLOCK
    if stop > len(view):
        raise BadFile(
            f"{where}: sought {layout.size} bytes of data, in whole blocks, from byte {begin}; the file has "
            f"{len(view) - begin}. It is cut short or the header is wrong: fetch it again."
        )
    version = header.number("EXTVER", 1)
    return Hdu(
        index=index,
        name=header.text("EXTNAME").strip() or ("" if index else "PRIMARY"),
        version=int(version) if version is not None and abs(version) < 2**31 else 1,
        header=header,
        data_offset=begin,
        data_size=layout.size,
        layout=layout,
        where=where,
        raw=view[start:stop],
        _columns=read_columns(header, layout, where=where) if layout.kind in _TABLES else (),
    )
