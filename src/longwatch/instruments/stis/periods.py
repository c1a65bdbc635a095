"""Anneal periods and their darks: the tables that list them.

Owns parsing of the two tables. Must not know archives, nor how a period is looked up. See spec/stis.md 2.4 and 2.6.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TypeVar

from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.times import to_us
from longwatch.errors import BadFile, BadQuery
from longwatch.instruments.stis import columns as c

T = TypeVar("T")


def parse_periods(data: bytes, *, name: str) -> tuple[Epoch, ...]:
    """Give the anneal periods in a table.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call the file in messages.

    Returns
    -------
    tuple[Epoch, ...]
        In the order of the file, half-open; the other columns as attributes under their names.

    Raises
    ------
    BadFile
        Raised if a line cannot be read, or a period ends before it begins.
    """
    return tuple(_each(data, _period, name=name))


def parse_darks(data: bytes, *, name: str) -> tuple[EpochMember, ...]:
    """Give the dark exposures in a table.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call the file in messages.

    Returns
    -------
    tuple[EpochMember, ...]
        In the order of the file; attributes `exptime` [s] and `proposid`.

    Raises
    ------
    BadFile
        Raised if a line cannot be read.
    """
    return tuple(_each(data, _dark, name=name))


def _each(data: bytes, make: Callable[[dict[str, str]], T], *, name: str) -> list[T]:
    """Make one value of each line after the first."""
    lines = csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline=None), restval="")
    try:
        return [make(line) for line in lines]
    except (ValueError, TypeError, KeyError, csv.Error) as error:
        number = lines.line_num
        raise BadFile(f"{name}: sought a period or a dark in line {number}; {error}. Correct the line.") from error


def _period(line: dict[str, str]) -> Epoch:
    """Make the period of a line."""
    start_us, stop_us = to_us(line["start_utc"]), to_us(line["end_utc"])
    if stop_us <= start_us:
        raise BadQuery(f"the period from {line['start_utc']} to {line['end_utc']} ends before it begins")
    return Epoch(
        timeline=c.TIMELINE,
        number=int(line["number"]),
        start_us=start_us,
        stop_us=stop_us,
        attributes={
            "n_darks": int(line["n_darks"]),
            "exptime_counts": line["exptime_counts"],
            "proposals": line["proposals"],
            "first_dark": line["first_dark"],
            "last_dark": line["last_dark"],
        },
    )


def _dark(line: dict[str, str]) -> EpochMember:
    """Make the dark of a line."""
    return EpochMember(
        timeline=c.TIMELINE,
        number=int(line["number"]),
        member=line["rootname"].strip(),
        t_us=to_us(line["start_utc"]),
        attributes={"exptime": float(line["exptime_s"]), "proposid": int(line["proposid"])},
    )
