"""A saved copy of the observatory's page of anneal periods, or the same table as CSV.

Owns parsing of both. Must not know archives, and never fetches a page. See spec/stis.md 2.4.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.times import to_us
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.header import Header
from longwatch.instruments.stis import columns as c

COLUMNS: Final = ("number", "start", "end", "duration", "num", "exposure_time", "darks")
"""Columns of the table; on the page the first one has no name."""

_CSV: Final = ",".join(COLUMNS).encode()


def claim_saved(_name: str, head: bytes, _header: Header | None) -> float:
    """Claim a page with a table of periods, or a CSV file with its columns."""
    low = head.lower()
    is_page = b"<table" in low and all(word.encode() in low for word in COLUMNS[1:])
    return 0.9 * (is_page or head.startswith(_CSV))


def read_saved(source: Source) -> Reading:
    """Give the periods of a saved table and the darks it names; a newer copy takes the place of the one before.

    Raises
    ------
    BadFile
        Raised if there is no such table, or a line of it cannot be read.
    """
    text = source.data.decode("utf-8", "replace")
    rows = list(csv.reader(io.StringIO(text))) if source.data.startswith(_CSV) else _page_rows(text)
    if not rows or [cell.lower() for cell in rows[0][1:]] != list(COLUMNS[1:]):
        there = ", ".join(rows[0]) if rows else "no table"
        raise BadFile(f"{source.name}: sought a table with {', '.join(COLUMNS[1:])}; there is {there}. Save it again.")
    periods = [_period(row, line, name=source.name) for line, row in enumerate(rows[1:], start=1) if any(row)]
    starts = [epoch.start_us for epoch, _ in periods if epoch.start_us is not None]
    stops = [epoch.stop_us for epoch, _ in periods if epoch.stop_us is not None]
    return Reading(
        key="anneal_page",
        t_min_us=min(starts, default=None),
        t_max_us=max(stops, default=None),
        keywords={"N_PERIODS": len(periods)},
        epochs=tuple(epoch for epoch, _ in periods),
        members=tuple(member for _, members in periods for member in members),
    )


def _period(row: Sequence[str], line: int, *, name: str) -> tuple[Epoch, tuple[EpochMember, ...]]:
    """Make the period of a row and the darks it names."""
    try:
        number, start, stop, _, count, exposures, darks = (cell.strip() for cell in row)
        epoch = Epoch(
            timeline=c.TIMELINE,
            number=int(number),
            start_us=to_us(start),
            stop_us=to_us(stop),
            attributes={"n_darks": int(count), "exptime_counts": "; ".join(exposures.split("\n"))},
        )
    except (ValueError, BadQuery) as error:
        raise BadFile(f"{name}: sought a period in row {line} of the table; {error}. Correct the row.") from error
    members = tuple(
        EpochMember(timeline=c.TIMELINE, number=epoch.number, member=dark, t_us=None)
        for dark in darks.lower().replace(",", " ").split()
    )
    return epoch, members


def _page_rows(text: str) -> list[list[str]]:
    reader = _FirstTable()
    reader.feed(text)
    return reader.rows


class _FirstTable(HTMLParser):
    """Collects the cells of the first table of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._tables = 0
        self._in_cell = False

    @override
    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begin a row or a cell."""
        self._tables += tag == "table"
        if self._tables != 1:
            return
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "br" and self._in_cell:
            self.rows[-1][-1] += "\n"

    @override
    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        self._in_cell = self._in_cell and tag not in {"td", "th", "tr"}

    @override
    def handle_data(self, data: str) -> None:
        """Take the text of a cell."""
        if self._in_cell:
            self.rows[-1][-1] += data
