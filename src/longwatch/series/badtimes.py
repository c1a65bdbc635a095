"""What is known to be bad: rows whose quality says so, and spans that people registered.

Owns the ledger of bad times and the leaving out of what is bad. Must not know how rows are read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import MaskedColumn, Table
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.domain.series import BAD_TIMES, SeriesSpec
from longwatch.domain.utc import Ints
from longwatch.series.intervals import apart, instants_of, present, within
from longwatch.series.ledger import BOOKKEEPING, OWNER, Ledger
from longwatch.series.plan import Plans
from longwatch.series.read import Reader

SPEC: Final = SeriesSpec(
    name=BAD_TIMES,
    description="Spans in which a series or one of its channels is known to be wrong.",
    columns=(
        Column(name="start", unit="us", description="Begin, TAI since 1970", dtype="i8"),
        Column(name="stop", unit="us", description="End, TAI since 1970; the end of the year 9999: open", dtype="i8"),
        Column(name="series", unit="", description="Name of the series", dtype="str"),
        Column(name="channel", unit="", description="Name of the channel; empty: all of them", dtype="str"),
        Column(name="reason", unit="", description="What is wrong", dtype="str"),
        *BOOKKEEPING,
    ),
    time="start",
    key=("stop", "series", "channel", "reason"),
    instrument=OWNER,
)
"""The ledger's series."""

_ASKED = 1_024


class BadSpans:
    """The bad times of every channel.

    Parameters
    ----------
    plans, reader
        Read the ledger.
    """

    def __init__(self, plans: Plans, reader: Reader) -> None:
        self.ledger = Ledger(SPEC, plans, reader, until="stop")
        self.of = lru_cache(maxsize=_ASKED)(self._of)

    def _of(self, series: str, channels: tuple[str, ...], commit: int) -> tuple[Ints, Ints]:
        """Give the bad times registered for some channels (`""`: for all) of a series, apart from each other."""
        entries = self.ledger.entries(commit)
        wanted = (np.asarray(entries["series"]) == series) & np.isin(np.asarray(entries["channel"]), channels)
        return apart(np.asarray(entries["start"])[wanted], np.asarray(entries["stop"])[wanted])

    def holds(self, table: Table, series: str, channels: Sequence[str], commit: int) -> NDArray[np.bool_]:
        """Give which rows of a fetched table lie in a bad time of some channels (`""`: of all) of its series."""
        start, stop = self.of(series, tuple(channels), commit)
        return within(instants_of(table), start, stop) if len(start) else np.zeros(len(table), dtype=bool)

    def bad_rows(self, table: Table, spec: SeriesSpec, commit: int) -> NDArray[np.bool_]:
        """Give which rows of a fetched table are bad as a whole: by their quality, or in a bad time of all channels."""
        bad = self.holds(table, spec.name, ("",), commit)
        return bad | (np.ma.filled(np.ma.asanyarray(table[spec.quality].data), 0) != 0) if spec.quality else bad


def without_bad(
    table: Table, bad: BadSpans, spec: SeriesSpec, channels: Mapping[str, Sequence[str]], commit: int
) -> Table:
    """Leave out what is bad.

    Parameters
    ----------
    table
        Fetched, with the quality column of the series if it has one.
    bad
        What is registered.
    spec
        The series.
    channels
        Which channels are asked for, and the names each goes by.
    commit
        The commit to speak for.

    Returns
    -------
    Table
        Without the rows that are bad as a whole; a channel in a bad time of its own is masked, and a row in which no
        channel is left goes too.
    """
    table = table[~bad.bad_rows(table, spec, commit)]
    beside = {spec.time, spec.quality, *spec.key}
    asked = {name: names for name, names in channels.items() if name not in beside}
    left = np.zeros(len(table), dtype=bool)
    for name, names in asked.items():
        wrong = bad.holds(table, spec.name, names, commit)
        if wrong.any():
            table[name] = masked(table[name], wrong)
        left |= present(table[name])
    return table[left] if asked else table


def masked(column: TableColumn, wrong: NDArray[np.bool_]) -> MaskedColumn:
    """Give a column of a table with some rows masked."""
    values = np.ma.array(column.data, copy=True)
    if values.dtype == object:
        values[wrong] = None  # a list would be shown with each of its elements masked
    values[wrong] = np.ma.masked
    return MaskedColumn(values, name=column.name, unit=column.unit, description=column.description)
