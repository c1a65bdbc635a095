"""Exposure reports of COS: the planned exposures of one Science Mission Schedule, as text.

Owns the layout of the report, line by line. Must not know where the rows go. See spec/cos.md 2.20.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading, Rows
from longwatch.domain.product import version_text
from longwatch.domain.times import us_from_mjd
from longwatch.errors import BadFile
from longwatch.instruments.cos import columns
from longwatch.instruments.cos.osm import NOMINAL_FPPOS

SKIPPED: Final = ("MEMORY", "ALIGN/OSM", "ALIGN/APER")
"""Words of lines that are no exposure."""

_TITLE: Final = re.compile(r"COS Exposure Report: SMS\s+(?P<id>\d{6})(?P<version>[0-9A-Za-z]{2,3})\b")
_LINE: Final = re.compile(
    r"(?P<rootname>\w{8}) (?P<proposid>\d{4,5}) (?P<target>.{10}) (?P<prg>\w{3}) (?P<ob>\w\w) (?P<al>\w\w) \w\w "
    r"(?P<detector>FUV|NUV)\s+(?P<opmode>\S+)\s+(?P<exptime>\d+\.\d+)\s+"
    r"(?P<year>\d{4})\.(?P<doy>\d{3}):(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)\s+"
    r"(?:(?P<hvstate>HV\w+|\d+/\d+)\s+)?(?P<aperture>PSA|BOA|WCA|FCA|REL)\s+(?:(?P<life_adj>\w)\s+)?"
    r"(?P<osm1>[A-Z]\w{3,})\s+(?P<osm2>[A-Z]\w{3,}|-+)\s+(?P<cenwave>\d+)\s+(?P<fp>-?\d)\s+"
    r"(?P<tsinceosm1>\d+)\s+(?P<tsinceosm2>\d+)(?:\s.*)?",
    re.ASCII,
)
_MJD_0: Final = date(1858, 11, 17).toordinal()
_MISSING: Final = ("", "-----")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is neither an exposure nor known decoration.

    Parameters
    ----------
    number
        Place in the file, from 1.
    text
        The line.
    """

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one report says.

    Parameters
    ----------
    sms_id
        Six digits: year, day of year, and a digit.
    version
        Two or three characters in lower case; the highest holds.
    exposures
        Fields of each exposure by column name; None where the report leaves them blank.
    bad_lines
        Lines that could not be read.
    """

    sms_id: str
    version: str
    exposures: tuple[dict[str, str | float | None], ...]
    bad_lines: tuple[BadLine, ...]


def parse_report(text: str, *, name: str) -> Report:
    """Read a report line by line, so that one odd line costs only itself.

    Parameters
    ----------
    text
        The report.
    name
        What to call it in messages.

    Raises
    ------
    BadFile
        Raised if the title is missing.
    """
    title = _TITLE.search(text)
    if title is None:
        raise BadFile(f"{name}: sought the title 'COS Exposure Report: SMS ...'; it is not there. Is it a COS report?")
    exposures: list[dict[str, str | float | None]] = []
    bad: list[BadLine] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LINE.fullmatch(line.rstrip())
        if found is not None:
            exposures.append(_fields(found))
        elif not _decoration(line):
            bad.append(BadLine(number=number, text=line.rstrip()))
    file_id = f"{title['id']}{title['version'].lower()}"
    rows = tuple({**fields, "file_id": file_id} for fields in exposures)
    return Report(sms_id=title["id"], version=title["version"].lower(), exposures=rows, bad_lines=tuple(bad))


def read_sms(source: Source) -> Reading:
    """Give the exposures of a report; lines that cannot be read are reported as keyword `bad_lines`.

    Identity is the schedule (`181137`), so that b3, b4 and c2 are versions of one report.
    """
    report = parse_report(source.data.decode("ascii", errors="replace"), name=source.name)
    if not report.exposures and report.bad_lines:
        raise BadFile(f"{source.name}: sought exposures; none of {len(report.bad_lines)} lines can be read as one.")
    values = _arrays(report.exposures)
    times = values[columns.SMS_TIME.name]
    return Reading(
        key=report.sms_id,
        version=version_text(report.version),
        t_min_us=us_from_mjd(float(times.min())) if len(times) else None,
        t_max_us=us_from_mjd(float((times + values["exptime"] / 86400.0).max())) if len(times) else None,
        keywords={
            "file_id": f"{report.sms_id}{report.version}",
            "n_exposures": len(report.exposures),
            "n_bad_lines": len(report.bad_lines),
            "bad_lines": "; ".join(f"{line.number}: {line.text}" for line in report.bad_lines) or None,
        },
        rows=(Rows(series="cos.sms", columns=values),),
    )


def _decoration(line: str) -> bool:
    """Tell whether a line belongs to the head of the report, is a rule, or speaks of no exposure."""
    bare = line.strip()
    if not bare.strip("-") or any(word in line for word in SKIPPED):
        return True
    return bare.startswith(("COS Exposure Report", "Data ", "Filename "))


def _fields(found: re.Match[str]) -> dict[str, str | float | None]:
    """Turn a line into values by column name."""
    fields: dict[str, str | float | None] = {
        column.name: _present(found[column.name])
        for column in columns.SMS_TEXT
        if column.name not in {"exposure", "file_id"}
    }
    fields |= {name: float(found[name]) for name in ("proposid", "exptime", "cenwave", "tsinceosm1", "tsinceosm2")}
    fields["fppos"] = float(found["fp"]) + NOMINAL_FPPOS
    fields["exposure"] = f"{found['prg']}{found['ob']}{found['al']}"
    fields["time"] = _mjd(found)
    return fields


def _present(text: str | None) -> str | None:
    """Give a text, or None where the report leaves it blank or writes dashes."""
    bare = (text or "").strip()
    return None if bare in _MISSING else bare


def _mjd(found: re.Match[str]) -> float:
    """Give the planned start as MJD UTC [d]."""
    day = date(int(found["year"]), 1, 1).toordinal() + int(found["doy"]) - 1 - _MJD_0
    return day + (int(found["hour"]) * 3600 + int(found["minute"]) * 60 + int(found["second"])) / 86400.0


def _arrays(exposures: Sequence[dict[str, str | float | None]]) -> dict[str, np.ndarray]:
    """Give the exposures as arrays; masked where None."""
    arrays: dict[str, np.ndarray] = {}
    for column in columns.SMS:
        values = [fields[column.name] for fields in exposures]
        mask = [value is None for value in values]
        blank = "" if column.dtype == "str" else 0
        data = np.array([blank if value is None else value for value in values], "U" if blank == "" else column.dtype)
        arrays[column.name] = np.ma.MaskedArray(data, mask=mask) if any(mask) else data
    return arrays
