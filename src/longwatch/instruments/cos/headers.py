"""What HST keywords mean: rootname, times, version, reference files.

Owns the keyword conventions every COS product shares. Must not know tables, images or how anything is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Exposure, version_text
from longwatch.domain.times import to_us, us_from_mjd
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.header import Header

TEXTS: Final = {
    "target_name": "TARGNAME",
    "detector": "DETECTOR",
    "exptype": "EXPTYPE",
    "opt_elem": "OPT_ELEM",
    "aperture": "APERTURE",
}
NUMBERS: Final = {
    "proposal_id": "PROPOSID",
    "s_ra": "RA_TARG",
    "s_dec": "DEC_TARG",
    "cenwave": "CENWAVE",
    "life_adj": "LIFE_ADJ",
}
"""What an exposure says of itself, and the keyword that says it."""


def rootname(header: Header, *, name: str) -> str:
    """Give the rootname of a product in lower case.

    Parameters
    ----------
    header
        Primary header.
    name
        What to call the file in messages.

    Raises
    ------
    BadFile
        Raised if there is no ROOTNAME.
    """
    found = header.text("ROOTNAME").strip().lower()
    if not found:
        raise BadFile(f"{name}: sought ROOTNAME in the primary header; there is none. Fetch the file again.")
    return found


def file_root(value: str) -> str:
    """Give the name of a reference file without path variable and suffix.

    Parameters
    ----------
    value
        As in a header, `lref$23n1744jl_lamp.fits`, or a file name.

    Returns
    -------
    str
        `23n1744jl_lamp`; empty for `N/A`.
    """
    found = value.strip().rpartition("$")[2].rpartition("/")[2].lower()
    return "" if found in {"n", "a", "n/a"} else found.removesuffix(".gz").removesuffix(".fits")


def span_us(headers: Iterable[Header]) -> tuple[int, int] | None:
    """Give the span from the first EXPSTART to the last EXPEND of the headers that have both (MJD UTC).

    Returns
    -------
    tuple of int, or None
        Start and end [microseconds of TAI]; None if no header has the two, or the two are out of order.
    """
    pairs = [(header.number("EXPSTART"), header.number("EXPEND")) for header in headers]
    spans = [(start, stop) for start, stop in pairs if start and stop]
    if not spans:
        return None
    start_us, stop_us = us_from_mjd(min(s for s, _ in spans)), us_from_mjd(max(s for _, s in spans))
    return (start_us, stop_us) if start_us <= stop_us else None


def planned_span_us(header: Header) -> tuple[int, int] | None:
    """Give the planned span of a support file, PSTRTIME to PSTPTIME (`2010.006:11:35:16`, UTC), or None."""
    start, stop = (header.text(keyword).strip().replace(".", ":", 1) for keyword in ("PSTRTIME", "PSTPTIME"))
    try:
        span = to_us(start), to_us(stop)
    except BadQuery:
        return None
    return span if span[0] <= span[1] else None


def exposure(primary: Header, first: Header, span: tuple[int, int]) -> Exposure:
    """Give the exposure a product tells of.

    Parameters
    ----------
    primary, first
        Primary header and that of the first extension.
    span
        Its start and end [microseconds of TAI].
    """
    attributes: dict[str, Scalar] = {
        "obs_collection": "HST",
        "instrument_name": "COS",
        "t_exptime": first.number("EXPTIME"),
        **{attribute: primary.text(keyword).strip() for attribute, keyword in TEXTS.items() if keyword in primary},
        **{attribute: primary.number(keyword) for attribute, keyword in NUMBERS.items() if keyword in primary},
    }
    return Exposure(
        instrument="cos",
        obs_id=primary.text("ROOTNAME").strip().lower(),
        t_min_us=span[0],
        t_max_us=span[1],
        attributes=attributes,
    )


def product_version(header: Header) -> str:
    """Give when and by what a product was made, so that a later file and a later CalCOS win.

    Parameters
    ----------
    header
        Primary header: DATE, then PROCTIME, then CAL_VER.
    """
    numbers = [float(number) for number in re.findall(r"\d+", header.text("CAL_VER").partition("(")[0])]
    return version_text(header.text("DATE").strip(), max(header.number("PROCTIME") or 0.0, 0.0), *numbers)


def date_version(header: Header) -> str:
    """Give the date a file was written: the version of files that have no processing time."""
    return version_text(header.text("DATE").strip())
