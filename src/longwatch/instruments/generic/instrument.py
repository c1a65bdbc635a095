"""The built-in plug-in for FITS files of unknown instruments: headers, product, find.

Owns one kind. Must not know any instrument.
"""

from __future__ import annotations

from astropy.time import Time

from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.domain.product import version_text
from longwatch.domain.times import to_us
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.header import Header

_LEAST = 0.001
"""Confidence below that of any plug-in."""

_SCALES = {"tai", "tt", "tdb", "tcb", "tcg"}
"""Values of TIMESYS, beside UTC, that say what a time is; without one, or with another, it is UTC."""

_DAY_US = 86_400_000_000


def claim(_name: str, _head: bytes, header: Header | None) -> float:
    """Take any FITS file, with the least confidence there is."""
    return 0.0 if header is None else _LEAST


def version_key(header: Header) -> str:
    """Give the date the file was written, where it says so."""
    return version_text(header.text("DATE"))


def read(source: Source) -> Reading:
    """Give the product alone: its key is the file name without suffixes, its time what the usual keywords say."""
    if source.fits is None:
        raise BadFile(f"{source.name} is no FITS file. Files of other formats need a plug-in that claims them.")
    span = _span([hdu.header for hdu in source.fits.hdus])
    low, high = span or (None, None)
    return Reading(key=source.name.split(".fits")[0].split(".fit")[0], t_min_us=low, t_max_us=high)


def _span(headers: list[Header]) -> tuple[int, int] | None:
    for header in headers:
        start = _instant(header)
        if start is not None:
            exposure = header.number("EXPTIME", header.number("EXPOSURE", 0.0)) or 0.0
            length = int(exposure * 1e6) if 0 < exposure * 1e6 < 1000 * _DAY_US else 0
            return start, start + length
    return None


def _instant(header: Header) -> int | None:
    date = header.text("DATE-BEG") or header.text("DATE-OBS")
    time = header.text("TIME-OBS")
    text = f"{date}T{time}" if date and time and "T" not in date else date
    if not text:
        return None
    scale = header.text("TIMESYS").lower()
    try:
        utc = to_us(text)
        return to_us(Time(text, scale=scale)) if scale in _SCALES else utc
    except (BadQuery, ValueError):
        return None


INSTRUMENT = Instrument(
    name="generic",
    title="Any FITS file",
    kinds=(
        FileKind(
            name="generic.fits",
            description="A FITS file that no plug-in claims: kept with its headers, found by time and keyword.",
            claim=claim,
            read=read,
            version_key=version_key,
            keywords=("TELESCOP", "INSTRUME", "OBJECT", "EXPTIME", "DATE-OBS", "FILTER"),
        ),
    ),
)
