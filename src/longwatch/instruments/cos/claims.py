"""Which files are COS products, told by what stands in them; a file name is only supporting evidence.

Owns the claims of all COS kinds. Must not know how a file is read.
"""

from __future__ import annotations

from typing import Final

from longwatch.fits.header import Header

SURE: Final = 0.9
"""The content says it."""
LIKELY: Final = 0.6
"""The content allows it and the file name says it."""
NO: Final = 0.0
"""Not ours."""

_NAME_AGREES: Final = 0.05
_SMS_TITLE: Final = b"COS Exposure Report: SMS "


def claim_lampflash(name: str, first: bytes, header: Header | None) -> float:
    """Claim an extracted lamp-flash table.

    Its primary header is that of any COS spectrum: the name it was made with (FILENAME) or that of its table decides.
    """
    if header is None or not _is_cos(header) or _text(header, "FILETYPE") != "SCI":
        return NO
    if "_lampflash" in _text(header, "FILENAME").lower() or b"EXTNAME = 'LAMPFLASH'" in first:
        return _agreed(SURE, name, "_lampflash")
    return LIKELY if "_lampflash" in name and not _text(header, "FILENAME") else NO


def claim_rawacq(name: str, _first: bytes, header: Header | None) -> float:
    """Claim a raw target acquisition: a COS exposure of type ACQ/... that CalCOS has not made anything else of."""
    if header is None or not _is_cos(header) or not _text(header, "EXPTYPE").startswith("ACQ/"):
        return NO
    if _text(header, "FILETYPE") not in {"SCI", "ACQ"}:
        return NO
    made_as = _text(header, "FILENAME").lower()
    return _agreed(SURE, name, "_rawacq") if "_rawacq" in made_as or not made_as else NO


def claim_spt(name: str, _first: bytes, header: Header | None) -> float:
    """Claim a COS support file."""
    if header is None or not _is_cos(header) or _text(header, "FILETYPE") != "SPT":
        return NO
    return _agreed(SURE, name, "_spt")


def claim_jit(name: str, _first: bytes, header: Header | None) -> float:
    """Claim the jitter table of a COS exposure; its INSTRUME is FGS, so CONFIG tells for whom it was made."""
    if header is None or _text(header, "FILETYPE") != "JTB" or not _text(header, "CONFIG").startswith("COS/"):
        return NO
    return _agreed(SURE, name, "_jit")


def claim_lamptab(name: str, _first: bytes, header: Header | None) -> float:
    """Claim a table of lamp template spectra."""
    return _reference(name, header, "TEMPLATE CAL LAMP SPECTRA TABLE", "_lamp")


def claim_wcptab(name: str, _first: bytes, header: Header | None) -> float:
    """Claim a table of wavecal parameters."""
    return _reference(name, header, "WAVECAL PARAMETERS REFERENCE TABLE", "_wcp")


def claim_sms(_name: str, first: bytes, header: Header | None) -> float:
    """Claim a COS exposure report: a text whose title stands at its head."""
    return SURE if header is None and _SMS_TITLE in first[:256] else NO


def _reference(name: str, header: Header | None, filetype: str, suffix: str) -> float:
    if header is None or _text(header, "INSTRUME") != "COS" or _text(header, "FILETYPE").upper() != filetype:
        return NO
    return _agreed(SURE, name, suffix)


def _is_cos(header: Header) -> bool:
    return _text(header, "TELESCOP") == "HST" and _text(header, "INSTRUME") == "COS"


def _text(header: Header, keyword: str) -> str:
    return header.text(keyword).strip()


def _agreed(confidence: float, name: str, suffix: str) -> float:
    """Add a little where the file name agrees."""
    return confidence + _NAME_AGREES if suffix in name.lower() else confidence
