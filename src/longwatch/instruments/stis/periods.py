"""Anneal periods and their darks: the tables that list them, and the look-up by time.

Owns parsing of the two tables and the rule "start <= t < end". Must not know archives. See spec/stis.md 2.4 and 2.6.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.times import to_us
from longwatch.domain.utc import DAY_US, utc_from_us
from longwatch.errors import BadFile, BadQuery, NotFound
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


def period_at(epochs: Sequence[Epoch], t_us: int) -> Epoch:
    """Give the period that holds an instant: start <= t < end.

    Parameters
    ----------
    epochs
        Periods of one timeline.
    t_us
        Instant [microseconds of TAI].

    Returns
    -------
    Epoch
        Of several that hold it, the one that began last.

    Raises
    ------
    NotFound
        Raised if none holds it; the message names the periods before and after.
    """
    known = sorted((e for e in epochs if e.start_us is not None and e.stop_us is not None), key=_start)
    begun = [epoch for epoch in known if _start(epoch) <= t_us]
    holding = [epoch for epoch in begun if epoch.stop_us is not None and t_us < epoch.stop_us]
    if holding:
        return holding[-1]
    before = f"period {begun[-1].number} ended at {_utc(begun[-1].stop_us)}" if begun else "no period is earlier"
    after = next((e for e in known if _start(e) > t_us), None)
    later = f"period {after.number} begins at {_utc(after.start_us)}" if after else "no period is later"
    raise NotFound(
        f"No anneal period holds {_utc(t_us)} UTC: {before}, {later}. "
        "Ask by number, or ingest a newer table of periods."
    )


def _start(epoch: Epoch) -> int:
    """Give the start of a period whose start is known."""
    return epoch.start_us or 0


def _utc(us: int | None) -> str:
    """Write an instant."""
    if us is None:
        return "unknown"
    day, us_of_day = utc_from_us(us)
    return str(np.datetime64(int(day) * DAY_US + int(us_of_day), "us").astype("M8[s]")).replace("T", " ")


def _each(data: bytes, make: Callable[[dict[str, str]], T], *, name: str) -> list[T]:
    """Make one value of each line after the first."""
    made = []
    for number, line in enumerate(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"))), 2):
        try:
            made.append(make(line))
        except (ValueError, TypeError) as error:
            raise BadFile(f"{name}: sought a period or a dark in line {number}; {error}. Correct the line.") from error
    return made


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
