"""Statistics as people get them: one table of several channels, by bin.

Owns names, units and descriptions of its columns. Must not know how statistics come about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.answer import Meta, dressed
from longwatch.series.bins import Level, bin_start
from longwatch.series.relative import absolute_column
from longwatch.series.scale import natives
from longwatch.series.statistics import NUMBERS, SHARES, has_statistics, is_state, with_statistics

Dressed: TypeAlias = tuple[Column, NDArray[np.generic]]

MOST_STATES = 64
"""More states than this are no states, but words."""

_BIN = {Level.FIVE_MINUTES: "328 s", Level.HOUR: "the hour (UTC)", Level.DAY: "the day (UTC)"}
_SAID = {
    "n": "Number of values",
    "mean": "Mean",
    "std": "Standard deviation, about the mean",
    "min": "Smallest value",
    "max": "Largest value",
    "mid": "Value of the middle row",
} | {name: f"Percentile {int(name[1:])}" for name in SHARES}
_ORDER = ("mean", "min", "max", *(name for name in NUMBERS if name not in {"mean", "min", "max"}), *SHARES)
_ENDS = (("Begin", "start"), ("End", "stop"))
_DATE = Column(name="date", unit="", description="UTC day", dtype="str")
_MJD = Column(name="mjd", unit="d", description="Modified Julian Date of its midnight, UTC", dtype="i8")


def channels_with_statistics(spec: SeriesSpec, names: Sequence[str], *, chosen: bool) -> list[Column]:
    """Give the channels among some columns.

    Parameters
    ----------
    spec
        The series.
    names
        Columns, the time among them.
    chosen
        True: somebody named them, and what has no statistics is refused; False: it is left out.

    Raises
    ------
    BadQuery
        Raised if there is none, or one that was chosen holds arrays.
    """
    columns = [column for column in spec.columns if column.name in names and column.name != spec.time]
    columns.sort(key=lambda column: names.index(column.name))
    if not chosen:
        columns = [column for column in columns if has_statistics(column) and column.name not in _key(spec)]
    if not columns:
        raise BadQuery(f"Of series {spec.name!r}, no channel was named of which there are statistics. Name one.")
    return [with_statistics(column) for column in columns]


def statistics_table(spec: SeriesSpec, level: Level, found: Sequence[tuple[Column, Columns]], meta: Meta) -> Table:
    """Give the statistics of channels as one table.

    Parameters
    ----------
    spec
        The series.
    level
        Width of the bins.
    found
        Channels and their statistics.
    meta
        Becomes the table's metadata.

    Returns
    -------
    Table
        A row for each bin in which some channel has a value: of days `date` and `mjd`, the time (its middle), then for
        each channel `count_`, `mean_`, ... or the counts of its states; masked where a channel has no value.

    Raises
    ------
    BadQuery
        Raised if statistics of two channels would have the same name, or a channel has too many states.
    """
    bins = _union([columns["bin"] for _, columns in found])
    middle = bin_middle(level, bins, spec.scale)
    time = time_column(spec, "Middle of the bin")
    values: list[Dressed] = [(time, natives(middle, spec.scale))]
    if level is Level.DAY:
        days: list[Dressed] = [(_DATE, bins.astype("M8[D]").astype(str)), (_MJD, bins + 40_587)]
        values = [*(one for one in days if one[0].name != time.name), *values]
    owner = {column.name: column.name for column, _ in values}
    for channel, columns in found:
        told = _states if is_state(channel) else _numbers
        for one in told(channel, level, columns, bins):
            name = one[0].name
            if name in owner:
                raise _same_name(name, owner[name], channel.name)
            owner[name] = channel.name
            values.append(one)
    return dressed(values, meta)


def pieces_table(spec: SeriesSpec, channel: Column, pieces: Columns, meta: Meta) -> Table:
    """Give the pieces of a drawing as a table: `start` and `stop` in native time, and what is in each."""
    begin, end = (time_column(spec, f"{words} of the piece", name) for words, name in _ENDS)
    scale = spec.scale
    values: list[Dressed] = [(begin, natives(pieces["start"], scale)), (end, natives(pieces["stop"], scale))]
    for name, found in pieces.items():
        if name == "state":
            values.append((replace(channel, name=name, dtype="str"), found.astype(np.str_)))
        elif name not in {"start", "stop"}:
            said = f"{_SAID[name]} of {channel.name}: {channel.description}".rstrip(": ")
            values.append((Column(name=name, unit="" if name == "n" else channel.unit, description=said), found))
    return dressed(values, {**meta, "time": begin.name})


def time_column(spec: SeriesSpec, words: str, name: str = "") -> Column:
    """Give the column of times of an answer that is not of rows, with what it means."""
    known = next(column for column in spec.columns if column.name == spec.time)
    if spec.relative:
        known = absolute_column(spec)
    return replace(known, name=name or known.name, description=f"{words}: {known.description}".rstrip(": "))


def bin_middle(level: Level, bins: Ints, scale: TimeScale) -> Ints:
    """Give the middle of bins [microseconds of TAI]."""
    begin, end = bin_start(level, bins, scale), bin_start(level, bins + 1, scale)
    return begin + (end - begin) // 2


def _same_name(name: str, first: str, second: str) -> BadQuery:
    said = f"Statistics of {first!r} and of {second!r} would both be named {name!r}."
    return BadQuery(f"{said} Name columns, and ask for these two one after the other.")


def _key(spec: SeriesSpec) -> set[str]:
    return {*spec.key, spec.exposure}


def _numbers(channel: Column, level: Level, columns: Columns, bins: Ints) -> Iterator[Dressed]:
    at, missing = _places(columns["bin"], bins)
    n = np.zeros(len(bins), np.int64)
    n[at] = columns["n"]
    yield _described(channel, f"count_{channel.name}", _SAID["n"], level, unit=""), n
    for name in _ORDER:
        if name in columns:
            values = np.full(len(bins), np.nan)
            values[at] = columns[name]
            shown = np.ma.MaskedArray(values, missing) if missing.any() else values
            yield _described(channel, f"{name}_{channel.name}", _SAID[name], level), shown


def _states(channel: Column, level: Level, columns: Columns, bins: Ints) -> Iterator[Dressed]:
    words = np.unique(columns["state"])
    if len(words) > MOST_STATES:
        raise BadQuery(
            f"Column {channel.name!r} holds {len(words)} different words, which are not counted one by one "
            f"(at most {MOST_STATES} are). Fetch it without `stat`."
        )
    yield _described(channel, f"count_{channel.name}", _SAID["n"], level, unit=""), _counts(columns, bins)
    for word in words:
        some = {name: values[columns["state"] == word] for name, values in columns.items()}
        said = f"Number of {word!r} among values"
        yield _described(channel, f"count_{channel.name}_{word}", said, level, unit=""), _counts(some, bins)


def _counts(columns: Columns, bins: Ints) -> Ints:
    counted = np.zeros(len(bins), np.int64)
    np.add.at(counted, np.searchsorted(bins, columns["bin"]), columns["n"])
    return counted


def _described(channel: Column, name: str, words: str, level: Level, *, unit: str | None = None) -> Column:
    said = f"{words} of {channel.name} in {_BIN[level]}: {channel.description}".rstrip(": ")
    return Column(name=name, unit=channel.unit if unit is None else unit, description=said)


def _union(bins: Sequence[Ints]) -> Ints:
    first = bins[0]
    if all(np.array_equal(first, other) for other in bins[1:]) and np.all(np.diff(first) > 0):
        return first
    return np.unique(np.concatenate(bins))


def _places(held: Ints, bins: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Give where bins that are held stand among all, and which of all are not held."""
    at = np.searchsorted(bins, held)
    missing = np.ones(len(bins), dtype=bool)
    missing[at] = False
    return at, missing
