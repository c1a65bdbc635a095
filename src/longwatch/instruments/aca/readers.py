"""Reading ACA level-0 image telemetry: one file to rows of the series `aca.l0` and `aca.hdr3`.

Owns claim, identity, version and rows of the kind `aca.l0`. Must not know where files come from or rows go.
See spec/aca-dark-hdr3-l0.md 3.1 to 3.3.
"""

from __future__ import annotations

import math
import re
from typing import Final

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading, Rows
from longwatch.domain.product import version_text
from longwatch.domain.times import us_from_cxc
from longwatch.errors import BadFile
from longwatch.fits.file import FitsFile, Hdu
from longwatch.fits.header import Header
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca.hdr3_decode import decode

SERIES: Final = "aca.l0"
"""Name of the series the rows go to."""

HDR3_SERIES: Final = "aca.hdr3"
"""Name of the series the decoded header-3 bytes go to."""

_CONTENT = b"CONTENT = 'ACAIMG"
_TELEMETRY = (b"= 'IMGFUNC1'", b"= 'IMGROW0 '")
_NAME = re.compile(r"acaf\d{9,10}N\d{3}_(?P<slot>[0-7])_img0\.fits")
_LAST_DIGIT = re.compile(r"_(?P<slot>[0-7])(_img0)?\.fits")
_VERSION_PARTS = 3


def claim(name: str, head: bytes, _header: Header | None) -> float:
    """Say how sure it is that a file is level-0 image telemetry.

    The primary header of these files is empty, so the first bytes must reach the header after it.

    Parameters
    ----------
    name
        File name.
    head
        First bytes, uncompressed.

    Returns
    -------
    float
        1 by CONTENT, 0.9 by the telemetry columns, 0.6 by the file name alone, else 0.
    """
    if _CONTENT in head:
        return 1.0
    if all(column in head for column in _TELEMETRY):
        return 0.9
    return 0.6 if _NAME.match(name) else 0.0


def read(source: Source) -> Reading:
    """Give the rows of one level-0 file.

    Parameters
    ----------
    source
        The opened file.

    Returns
    -------
    Reading
        Key `<filetime>_<slot>`; version from REVISION and ASCDSVER.

    Raises
    ------
    BadFile
        Raised if there is no image table, or its columns, slot or times are not what telemetry has.
    """
    hdu = _image_table(source)
    table = {name.lower(): values for name, values in hdu.table().items()}
    if "time" not in table or "imgraw" not in table:
        raise BadFile(
            f"{source.name}: sought the columns TIME and IMGRAW of image telemetry; "
            f"there are {', '.join(table)}. This is another kind of file."
        )
    slot = _slot(source.name, table)
    t_min, t_max = _span(source.name, table, hdu.header)
    return Reading(
        key=f"{math.floor(_t_start(source.name, hdu.header))}_{slot}",
        t_min_us=int(us_from_cxc(t_min)),
        t_max_us=int(us_from_cxc(t_max)),
        version=version(hdu.header),
        keywords={"SLOT": slot, "IMGSIZE": _size(source.name, table["imgraw"])},
        rows=slot_rows(source.name, table, slot),
    )


def version(header: Header) -> str:
    """Give the version of a file: REVISION, then the numbers in ASCDSVER.

    Parameters
    ----------
    header
        Header of the image table.

    Returns
    -------
    str
        Text whose order is version order.
    """
    software = [int(number) for number in re.findall(r"\d+", str(header.get("ASCDSVER", "")))[:_VERSION_PARTS]]
    padded = software + [0] * (_VERSION_PARTS - len(software))
    return version_text(header.number("REVISION") or 0, *padded)


def slot_rows(name: str, table: dict[str, np.ndarray], slot: int) -> tuple[Rows, ...]:
    """Give the rows of images of one slot and size, and of their header-3 bytes where they have them.

    Parameters
    ----------
    name
        What to call the file in messages.
    table
        (n,) columns of level-0 telemetry by name in lower case.
    slot
        Image slot.

    Raises
    ------
    BadFile
        Raised if the images are not of 4x4, 6x6 or 8x8 pixels.
    """
    images = _columns(name, table, slot)
    rows = [Rows(series=SERIES, columns=images)]
    if all(byte in table for byte in c.HEADER_3):
        data = np.stack([table[byte] for byte in c.HEADER_3], axis=1).astype(np.uint8)
        shared = {column: images[column] for column in ("time", "slot", "quality") if column in images}
        rows.append(Rows(series=HDR3_SERIES, columns=shared | decode(slot, data)))
    return tuple(rows)


def full_frame(images: np.ndarray) -> np.ma.MaskedArray:
    """Give images of any size in the low corner of an 8x8 frame.

    Parameters
    ----------
    images
        (n, size, size), pixels [DN].

    Returns
    -------
    np.ma.MaskedArray
        (n, 8, 8) float32; what was not read out is masked: 48 pixels of a 4x4 image, 28 of a 6x6 image. The four
        corners of a 6x6 image are 0 and not masked, as in the files.
    """
    size = images.shape[1]
    pixels = np.zeros((len(images), c.FULL, c.FULL), np.float32)
    missing = np.ones(pixels.shape, bool)
    pixels[:, :size, :size] = images
    missing[:, :size, :size] = False
    return np.ma.MaskedArray(pixels, mask=missing)


def _image_table(source: Source) -> Hdu:
    """Give the table of images of a file."""
    file: FitsFile | None = source.fits
    for hdu in file.hdus if file else ():
        if hdu.header.text("CONTENT") == "ACAIMG" or hdu.header.text("HDUCLAS2") == "ACADATA":
            return hdu
    raise BadFile(
        f"{source.name}: sought a table with CONTENT = 'ACAIMG' or HDUCLAS2 = 'ACADATA'; there is none. "
        "This is no ACA image telemetry, or it is cut short: fetch it again."
    )


def _slot(name: str, table: dict[str, np.ndarray]) -> int:
    """Give the slot: the image number of every row; of a file without rows, the digit in its name."""
    numbers = np.unique(table["imgnum1"]) if "imgnum1" in table else np.array([])
    if len(numbers) == 1 and 0 <= numbers[0] < c.SLOTS:
        return int(numbers[0])
    named = _LAST_DIGIT.search(name)
    if len(numbers) == 0 and named:
        return int(named["slot"])
    raise BadFile(
        f"{name}: sought one slot from 0 to 7 in IMGNUM1; there are {numbers[:8].tolist()}. "
        "Rename a file without rows as acaf<time>N<version>_<slot>_img0.fits."
    )


def _t_start(name: str, header: Header) -> float:
    """Give TSTART, the packet time of the file's first row [Chandra seconds]."""
    start = header.number("TSTART")
    if start is None or not math.isfinite(start):
        raise BadFile(f"{name}: sought the number TSTART that names the file; there is {header.get('TSTART')!r}.")
    return start


def _span(name: str, table: dict[str, np.ndarray], header: Header) -> tuple[float, float]:
    """Give start of the first and end of the last integration; of a file without rows, TSTART and TSTOP."""
    times = table["time"]
    if not len(times):
        start = _t_start(name, header)
        return start, header.number("TSTOP") or start
    if not np.isfinite(times).all():
        raise BadFile(
            f"{name}: sought a time in every row; {np.count_nonzero(~np.isfinite(times))} of {len(times)} have none. "
            "Fetch the file again."
        )
    half = 0.5 * float(np.nanmax(table["integ"])) if "integ" in table else 0.0
    return float(times.min()) - half, float(times.max()) + half


def _size(name: str, images: np.ndarray) -> int:
    """Give rows (and columns) of the images."""
    size = math.isqrt(math.prod(images.shape[1:]))
    if size not in c.SIZES:
        raise BadFile(f"{name}: sought images of 4x4, 6x6 or 8x8 pixels; IMGRAW holds {images.shape[1:]}.")
    return size


def _columns(name: str, table: dict[str, np.ndarray], slot: int) -> dict[str, np.ndarray]:
    """Give the columns of the series that the file has, and those that follow from it."""
    n = len(table["time"])
    size = _size(name, table["imgraw"])
    rows = {
        column.name: table[column.name].astype(column.dtype, copy=False) for column in c.IN_FILE if column.name in table
    }
    for column, fill in c.FILLED.items():
        rows[column] = np.char.strip(table[column].astype(str)) if column in table else np.full(n, fill)
    rows[c.SLOT.name] = np.full(n, slot, np.uint8)
    rows[c.IMGSIZE.name] = np.full(n, size, np.uint8)
    rows[c.IMGRAW.name] = full_frame(table["imgraw"].reshape(n, size, size))
    return rows
