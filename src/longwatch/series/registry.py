"""The public face of bad times: registering, listing and withdrawing them, and their CSV form.

Owns what people give and get. Must not know how bad rows are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray
from typing_extensions import override

from longwatch.domain.column import column_named
from longwatch.domain.times import Instant, from_us
from longwatch.domain.timespan import MAX_US, MIN_US
from longwatch.domain.utc import Ints
from longwatch.errors import BadFile, BadQuery, NoSuchName, NotFound
from longwatch.series.blocks import Blocks
from longwatch.series.desk import Desk
from longwatch.series.intervals import Intervals, merged
from longwatch.series.ledger import NOTED, WHO

CSV: Final = ("series", "channel", "start", "stop", "reason")
"""Columns of an entry, and of the CSV form: times in any accepted form, an empty stop is open."""


class Entry(NamedTuple):
    """A bad time: of which series and channel (empty: all), from when to when [microseconds of TAI], and why."""

    series: str
    channel: str
    start_us: int
    stop_us: int
    reason: str


class BadTimes:
    """Spans in which a series or one of its channels is known to be wrong.

    Parameters
    ----------
    desk
        Reads and writes them.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @override
    def __repr__(self) -> str:
        """Say how many there are."""
        return f"<{len(self.list())} bad times>"

    def list(self, series: str = "", channel: str = "", *, as_of: Instant | None = None) -> Table:
        """Give what is registered.

        Parameters
        ----------
        series, channel
            Which; empty: all.
        as_of
            A moment in the past: what was registered then.

        Returns
        -------
        Table
            `series`, `channel` (empty: all of them), `start`, `stop` (UTC; masked: open), `reason`, `who` and `noted`.
        """
        found = self._held(as_of)
        wanted = np.ones(len(found), dtype=bool)
        for name, value in (("series", series), ("channel", channel)):
            wanted &= (np.asarray(found[name]) == value) | (not value)
        return _shown(found[wanted])

    def add(self, series: str, intervals: Intervals, *, reason: str, channel: str = "") -> int:
        """Register bad times.

        Parameters
        ----------
        series
            Which series.
        intervals
            Half-open, in any accepted form; each needs a start, and an open stop means from then on.
        reason
            What is wrong.
        channel
            Which channel, stored or derived; empty: the whole row.

        Returns
        -------
        int
            How many spans, after those that overlap are joined.

        Raises
        ------
        BadQuery
            Raised if there is no such channel, no reason is given, or a span has no start.
        NotFound
            Raised if there is no such series.
        Refused
            Raised if the archive is open for reading only.
        """
        self._check(series, channel, reason)
        start, stop = merged(intervals, now=self._desk.now)
        spans = zip(start.tolist(), stop.tolist(), strict=True)
        return self._note([Entry(series, channel, begin, end, reason) for begin, end in spans])

    def remove(self, series: str, intervals: Intervals | None = None, *, channel: str = "") -> int:
        """Withdraw bad times; `as_of` still shows them.

        Parameters
        ----------
        series, channel
            Of what; an empty channel means those of the whole row, not those of any channel.
        intervals
            Every span that overlaps one of these is withdrawn as a whole; None: all.

        Returns
        -------
        int
            How many.

        Raises
        ------
        NotFound
            Raised if none is registered there; the message says how many there are.
        """
        mine = [one for one in _entries(self._held(None)) if (one.series, one.channel) == (series, channel)]
        spans = [(MIN_US, MAX_US)]
        if intervals is not None:
            spans = list(zip(*(side.tolist() for side in merged(intervals, now=self._desk.now)), strict=True))
        hit = [one for one in mine if any(one.start_us < stop and start < one.stop_us for start, stop in spans)]
        if not hit:
            raise NotFound(
                f"No bad time of {series} {channel or 'as a whole'} is registered there, and {len(mine)} elsewhere. "
                "List them with `bad_times.list()`, or `longwatch badtimes list`."
            )
        return self._kept(hit, withdrawn=True)

    def holds(self, table: Table, channel: str = "") -> NDArray[np.bool_]:
        """Give which rows of a fetched table lie in a bad time of its series, or of one of its channels."""
        return self._desk.bad.holds(table, str(table.meta["series"]), ("", channel), int(table.meta["commit"]))

    def spans(self, of: Blocks, channel: str = "") -> tuple[Ints, Ints]:
        """Give the bad times of a series, or of one of its channels, as blocks of its rows see them.

        Returns
        -------
        tuple of ndarray
            Starts and stops, half-open, ascending and apart from each other [microseconds of TAI].
        """
        return self._desk.bad.of(of.spec.name, ("", channel), of.commit)

    def read_csv(self, path: str | Path) -> int:
        """Register what a CSV file lists; those that are registered already in the same words are passed over.

        Parameters
        ----------
        path
            With the columns series, channel, start, stop and reason.

        Returns
        -------
        int
            How many were new.

        Raises
        ------
        BadFile
            Raised if the file is no such table.
        """
        try:
            with Path(path).open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise BadFile(f"{path} cannot be read as CSV ({error}). It needs the columns {', '.join(CSV)}.") from error
        if any(set(CSV) - {name for name, value in row.items() if value is not None} for row in rows):
            raise BadFile(f"{path} has rows without some of the columns {', '.join(CSV)}. Add them; nothing was read.")
        given = [entry for row in rows for entry in self._spans(row)]
        known = set(_entries(self._held(None)))
        return self._note([entry for entry in dict.fromkeys(given) if entry not in known])

    def write_csv(self, path: str | Path, *, as_of: Instant | None = None) -> int:
        """Write what is registered as CSV, as `read_csv` takes it; gives how many."""
        found = [
            (entry.series, entry.channel, _text(entry.start_us), _text(entry.stop_us), entry.reason)
            for entry in _entries(self._held(as_of))
        ]
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([CSV, *found])
        return len(found)

    def _held(self, as_of: Instant | None) -> Table:
        return self._desk.bad.ledger.entries(self._desk.commit_of(as_of))

    def _spans(self, row: Mapping[str, str]) -> Iterator[Entry]:
        start, stop = merged([(row["start"] or None, row["stop"] or None)], now=self._desk.now)
        for begin, end in zip(start.tolist(), stop.tolist(), strict=True):
            yield Entry(row["series"], row["channel"], begin, end, row["reason"])

    def _note(self, new: Sequence[Entry]) -> int:
        """Keep new entries, once each of them is known to make sense."""
        for entry in new:
            self._check(entry.series, entry.channel, entry.reason)
            if entry.start_us == MIN_US:
                raise BadQuery(
                    "A bad time needs a start; an open stop means from then on. Give the start of the series."
                )
        return self._kept(new)

    def _kept(self, entries: Sequence[Entry], *, withdrawn: bool = False) -> int:
        writer, commit = self._desk.writing(), self._desk.commit_of(None)
        return self._desk.bad.ledger.note(writer, _columns(entries), commit=commit, withdrawn=withdrawn)

    def _check(self, series: str, channel: str, reason: str) -> None:
        """Refuse what does not exist, and what nobody could judge later."""
        commit = self._desk.commit_of(None)
        declared = self._desk.plans.declared(commit)
        if series not in declared:
            raise NoSuchName(f"There is no series {series!r}. There are: {', '.join(declared)}.")
        columns = declared[series].spec.columns
        derived = [one.column for one in self._desk.derivations.of(series, commit).values()]
        if channel:
            column_named((*columns, *derived), channel, of=f"Series {series!r}")
        if not reason.strip():
            raise BadQuery("A bad time needs a reason, so that others can judge it later. Say what is wrong.")


def _entries(found: Table) -> list[Entry]:
    rows = zip(*(found[name].tolist() for name in CSV), strict=True)
    return [Entry(*row) for row in rows]


def _columns(entries: Sequence[Entry]) -> dict[str, list[object]]:
    return {name: [entry[place] for entry in entries] for place, name in enumerate(CSV)}


def _text(us: int) -> str:
    """Give an instant as text to the microsecond; an open one is empty."""
    if us == MAX_US:
        return ""
    time = from_us(us)
    time.precision = 6
    return str(time.isot)


def _shown(found: Table) -> Table:
    table = found[["series", "channel"]]
    table["start"] = from_us(np.asarray(found["start"]))
    stop = from_us(np.asarray(found["stop"]))
    if len(stop):
        stop[np.asarray(found["stop"]) == MAX_US] = np.ma.masked
    table["stop"] = stop
    table["reason"], table[WHO] = found["reason"], found[WHO]
    table[NOTED] = from_us(np.asarray(found[NOTED]))
    return table
