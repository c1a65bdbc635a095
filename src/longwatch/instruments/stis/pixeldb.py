"""`PixelDB`: the old STIS pixel database's questions, asked of an archive.

Owns the old names of arguments and columns. Must not know how planes, epochs or files are kept.
See spec/stis.md 1.1 and 4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from operator import index
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import MaskedColumn, Row, Table

from longwatch.archive import Archive
from longwatch.contracts.reading import Reading
from longwatch.cubes.plan import times
from longwatch.domain.column import Column
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, parse_span
from longwatch.errors import BadFile, BadQuery, NotFound, Refused
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.derive import used_darks
from longwatch.instruments.stis.pixel_csv import check_pixel_map
from longwatch.instruments.stis.sql import Cell, ReadOnlySql

PIXEL_COLUMNS: Final = ("AnnealNumber", "RowNum", "ColumnNum", *c.OLD_NAMES)
"""Columns of `query_pixel` and `query_pixel_region`, in their order."""

ANNEAL_COLUMNS: Final = ("AnnealNumber", "StartDate", "EndDate", "NumberOfDarks")
"""Columns of `query_anneal`."""

DARK_COLUMNS: Final = ("Darks", "AnnealNumber")
"""Columns of `query_anneal_darks`."""

_HAND_KIND = "stis.anneal_period"
_NAMED = 8
MOST_PIXELS: Final = 6_000_000
"""Most pixels `PixelDB.custom_query` holds at once: each takes some 200 bytes of memory."""

Region: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""First and last row, first and last column."""

_WHOLE: Final = ((0, c.SHAPE[0] - 1), (0, c.SHAPE[1] - 1))

_Filling: TypeAlias = tuple[int, tuple[int, ...], Region, bool]


class PixelDB:
    """The STIS CCD pixel history, under the names of the old database.

    Answers are `astropy.table.Table` (`.to_pandas()` gives a DataFrame) with numbers in it, in full precision and
    with units. A period is named by `date` (any accepted time; start <= date < end) or by `anneal_num`, never both.

    Parameters
    ----------
    archive
        An open archive.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._sql: tuple[_Filling, ReadOnlySql] | None = None

    def load_pixel_mapping(self, csv_loc: str | Path = ".", csv_name: str = "pixel_map.csv") -> int:
        """Check a map of pixels; nothing has to be stored, because the detector's shape says which pixels there are.

        Parameters
        ----------
        csv_loc, csv_name
            Folder and name of the file: lines `row,col,CCD` without a header.

        Returns
        -------
        int
            How many pixels it names. It may be loaded again.

        Raises
        ------
        NotFound
            Raised if there is no such file.
        BadFile
            Raised if it names anything but pixels of the CCD, each once.
        """
        path = Path(csv_loc) / csv_name
        if not path.is_file():
            raise NotFound(f"No file {path}. Give its folder and name; any 1024 x 1024 map of the CCD is the same.")
        return check_pixel_map(path.read_bytes(), name=path.name)

    def check_for_anneals(self, exclude: Sequence[int] = ()) -> list[int]:
        """Give the anneal periods that the timeline knows and that have no pixel properties yet.

        Parameters
        ----------
        exclude
            Numbers to leave out.
        """
        if c.TIMELINE not in self._archive.timelines:
            return []
        known = set(self._archive.timelines[c.TIMELINE].epochs()["number"].tolist())
        return sorted(known - set(self._held()) - set(exclude))

    def custom_query(
        self,
        statement: str,
        parameters: Sequence[Cell] | Mapping[str, Cell] = (),
        *,
        anneals: Sequence[int] | None = None,
        region: Region = _WHOLE,
        max_rows: int = 1_000_000,
        timeout_s: float = 60.0,
    ) -> Table:
        """Ask in SQL, of the tables of the old database; nothing can be changed.

        Parameters
        ----------
        statement
            One SELECT over ANNEAL_PERIOD, DARKS, INSTRUMENT, DETECTOR, PIXEL and HAS_PROPERTIES_IN (SQLite's words).
        parameters
            Values for its `?` or `:name`; never write values into the statement.
        anneals
            Periods whose pixels HAS_PROPERTIES_IN holds; None: all.
        region
            First and last row, first and last column of the pixels it holds, all inside. It is filled anew for every
            choice of periods and pixels, and holds at most 6,000,000: five periods of the whole detector, or more
            periods of a part of it.
        max_rows, timeout_s
            Most rows it may give, and longest time it may take [s], filling not counted.

        Returns
        -------
        Table
            Columns under the statement's names, numbers as numbers.

        Raises
        ------
        BadQuery
            Raised if the statement is wrong or would change anything, if it takes too long or gives too many rows, or
            if it would need more pixels than fit.
        """
        region = _ends(region[0]), _ends(region[1])
        wanted = tuple(self._wanted(statement, anneals, region))
        key = self._archive.commit or self._archive.catalog.head(), wanted, region, _asks_pixel(statement)
        if self._sql is None or self._sql[0] != key:
            self._sql = key, self._filled(wanted, region, pixels=key[-1])
        return self._sql[1].query(statement, parameters, max_rows=max_rows, timeout_s=timeout_s)

    def insert_anneal(
        self,
        anneal_num: int,
        csv_loc: str | Path = ".",
        *,
        start: Instant | None = None,
        stop: Instant | None = None,
    ) -> None:
        """Take in `anneal_{N}.csv`; a newer file takes the place of the one before.

        Parameters
        ----------
        anneal_num
            Number of the anneal period.
        csv_loc
            Folder with the file.
        start, stop
            Half-open span of the period; needed where no table of periods knows it.

        Raises
        ------
        NotFound
            Raised if there is no such file; the message names those there are.
        BadQuery
            Raised if nobody knows when the period was.
        BadFile
            Raised if the file cannot be read.
        Refused
            Raised if the archive is open for reading only.

        Notes
        -----
        A new period and all its pixels appear in one commit, or neither does.
        """
        path = Path(csv_loc) / f"anneal_{anneal_num}.csv"
        if not path.is_file():
            there = sorted(found.name for found in Path(csv_loc).glob("anneal_*.csv"))[:_NAMED]
            raise NotFound(
                f"No file {path}. There are: {', '.join(there) or 'none like it'}. Give its folder as csv_loc."
            )
        if self._archive.writer is None:
            raise Refused("A period cannot be inserted: the archive is open for reading only. Open it for writing.")
        epoch = self._dated(anneal_num, start, stop)
        if epoch is not None:
            key = f"anneal_{anneal_num}"
            dates = Reading(key=key, t_min_us=epoch.start_us, t_max_us=epoch.stop_us, epochs=(epoch,))
            self._archive.ingest_with(path, Identity("stis", _HAND_KIND, key), dates)
            return
        report = self._archive.ingest(path, again=[str(path)])
        for refusal in report.refusals:
            raise BadFile(refusal.reason)

    def query_pixel(
        self,
        pixel_row: int,
        pixel_col: int,
        date: Instant | None = None,
        anneal_num: int | None = None,
        columns: Sequence[str] = PIXEL_COLUMNS,
    ) -> Table:
        """Give one pixel in one anneal period.

        Parameters
        ----------
        pixel_row, pixel_col
            Detector row (y) and column (x), from 0.
        date, anneal_num
            The period; one of the two.
        columns
            Which columns, in which order.

        Returns
        -------
        Table
            One row; none where the pixel was not observed. NaN: could not be derived.

        Raises
        ------
        BadQuery
            Raised if the pixel, a column or the way to name a period is wrong.
        NotFound
            Raised if there is no such period, or no pixels of it.
        """
        return self.query_pixel_region((pixel_row, pixel_row), (pixel_col, pixel_col), date, anneal_num, columns)

    def query_pixel_region(
        self,
        pixel_row_range: tuple[int, int],
        pixel_col_range: tuple[int, int],
        date: Instant | None = None,
        anneal_num: int | None = None,
        columns: Sequence[str] = PIXEL_COLUMNS,
    ) -> Table:
        """Give the pixels of a rectangle in one anneal period.

        Parameters
        ----------
        pixel_row_range, pixel_col_range
            First and last row and column, both inside, as in the old database.
        date, anneal_num, columns
            As in `query_pixel`.

        Returns
        -------
        Table
            A row for each observed pixel, row by row.

        Raises
        ------
        BadQuery, NotFound
            As in `query_pixel`.
        """
        names = _known(columns, PIXEL_COLUMNS)
        number = self._number(date, anneal_num)
        (first_row, last_row), (first_col, last_col) = map(_ends, (pixel_row_range, pixel_col_range))
        region = self._archive.cubes[c.CUBE].region((first_row, last_row + 1), (first_col, last_col + 1), epoch=number)
        values = {old: np.ma.asarray(region[column.name][0]) for old, column in c.OLD_NAMES.items()}
        observed = ~np.logical_and.reduce([np.ma.getmaskarray(image) for image in values.values()])
        row, col = np.nonzero(observed)
        places = {"AnnealNumber": np.full(len(row), number), "RowNum": row + first_row, "ColumnNum": col + first_col}
        columns_of = [
            TableColumn(places[old]) if old in places else _column(values[old][observed], like=c.OLD_NAMES[old])
            for old in names
        ]
        return Table(columns_of, names=names, copy=False)

    def query_anneal(
        self,
        date: Instant | None = None,
        anneal_num: int | None = None,
        instrument: str = "STIS",
        detector: str = "CCD",
        columns: Sequence[str] = ANNEAL_COLUMNS,
    ) -> Table:
        """Give one anneal period.

        Parameters
        ----------
        date, anneal_num
            The period; one of the two.
        instrument, detector
            STIS and CCD; no other detector is annealed.
        columns
            Which columns, in which order.

        Returns
        -------
        Table
            One row; dates to the second (UTC). The number of darks is that of the frames used where the period was
            derived from darks, else what the table of periods says; masked where neither knows it.

        Raises
        ------
        BadQuery, NotFound
            As in `query_pixel`.
        """
        names = _known(columns, ANNEAL_COLUMNS)
        _check_detector(instrument, detector)
        epoch = self._archive.timelines[c.TIMELINE].epoch(self._number(date, anneal_num))
        return _anneal_row(epoch, n_used=len(used_darks(self._archive, epoch.number)) or None)[names]

    def query_anneal_darks(
        self,
        date: Instant | None = None,
        anneal_num: int | None = None,
        instrument: str = "STIS",
        detector: str = "CCD",
        columns: Sequence[str] = DARK_COLUMNS,
    ) -> Table:
        """Give the dark exposures of one anneal period: those used, where it was derived from darks.

        Parameters
        ----------
        date, anneal_num
            The period; one of the two.
        instrument, detector
            STIS and CCD; no other detector is annealed.
        columns
            Which columns, in which order.

        Returns
        -------
        Table
            A row for each rootname, in order of time; none where no table of darks knows the period.

        Raises
        ------
        BadQuery, NotFound
            As in `query_pixel`.
        """
        names = _known(columns, DARK_COLUMNS)
        _check_detector(instrument, detector)
        number = self._number(date, anneal_num)
        timeline = self._archive.timelines[c.TIMELINE]
        listed = timeline.members(timeline.epoch(number).number)["member"]
        members = np.asarray(used_darks(self._archive, number) or listed.tolist(), dtype=str)
        return Table({"Darks": members, "AnnealNumber": np.full(len(members), number)})[names]

    def _held(self) -> list[int]:
        """Give the periods that have pixel properties."""
        if c.CUBE not in self._archive.cubes:
            return []
        return sorted(set(self._archive.cubes[c.CUBE].epochs()["epoch"].tolist()))

    def _wanted(self, statement: str, anneals: Sequence[int] | None, region: Region) -> list[int]:
        """Give the periods whose pixels a statement needs; refuse more pixels than fit."""
        if "HAS_PROPERTIES_IN" not in statement.upper():
            return []
        wanted = self._held() if anneals is None else list(anneals)
        (row, last_row), (col, last_col) = region
        n_pixels = 0
        for number in wanted:
            cut = self._archive.cubes[c.CUBE].region(
                (row, last_row + 1), (col, last_col + 1), properties=[c.NAN_COUNT.name], epoch=number
            )
            n_pixels += int(np.ma.count(cut[c.NAN_COUNT.name]))
            if n_pixels > MOST_PIXELS:
                raise BadQuery(
                    f"HAS_PROPERTIES_IN would have the pixels of {len(wanted)} periods; at most {MOST_PIXELS:,} pixels "
                    "fit at once, of which the whole detector has 1,048,576 a period. Name fewer periods "
                    "(anneals=[200, 201]) or a part of the detector (region=((0, 99), (500, 599)))."
                )
        return wanted

    def _filled(self, anneals: Sequence[int], region: Region, *, pixels: bool) -> ReadOnlySql:
        """Give a database in memory with what can be asked for."""
        sql = ReadOnlySql()
        if c.TIMELINE in self._archive.timelines:
            timeline = self._archive.timelines[c.TIMELINE]
            periods = [_anneal_row(timeline.epoch(number))[0] for number in timeline.epochs()["number"].tolist()]
            sql.fill("ANNEAL_PERIOD", [_plain(row) for row in periods])
            members = timeline.members()
            sql.fill("DARKS", zip(members["member"].tolist(), members["number"].tolist(), strict=True))
        sql.fill("INSTRUMENT", [("STIS", 3, 1)])
        sql.fill("DETECTOR", [("CCD", 1, *c.SHAPE, "STIS")])
        if pixels:
            sql.fill("PIXEL", ((row, col, "CCD") for row in range(c.SHAPE[0]) for col in range(c.SHAPE[1])))
        for number in anneals:
            table = self.query_pixel_region(*region, anneal_num=number)
            columns = [_with_nulls(table[name]) for name in PIXEL_COLUMNS]
            sql.fill("HAS_PROPERTIES_IN", zip(*columns, strict=True))
        sql.close_to_writing()
        return sql

    def _number(self, date: Instant | None, anneal_num: int | None) -> int:
        """Give the number of the period that is meant."""
        match date, anneal_num:
            case None, int() | np.integer():
                return int(anneal_num)
            case _, None if date is not None:
                return self._archive.timelines[c.TIMELINE].at(date).number
            case _:
                raise BadQuery(
                    f"A period is named by its number or by a date in it, by one of the two; given: date={date!r}, "
                    f"anneal_num={anneal_num!r}. Leave one out."
                )

    def _dated(self, number: int, start: Instant | None, stop: Instant | None) -> Epoch | None:
        """Give the period with the dates that were given; None where none were, and a table knows it."""
        if start is not None and stop is not None:
            span = parse_span(start, stop)
            return Epoch(timeline=c.TIMELINE, number=number, start_us=span.start_us, stop_us=span.stop_us)
        timelines = self._archive.timelines
        known = c.TIMELINE in list(timelines) and number in timelines[c.TIMELINE].epochs()["number"]
        if known and start is None and stop is None:
            return None
        raise BadQuery(
            f"Anneal period {number} is in no table of periods; sought its start and stop, given: start={start!r}, "
            f"stop={stop!r}. Give both, or ingest a table of periods that knows it."
        )


def _known(columns: Sequence[str], there: Sequence[str]) -> list[str]:
    """Give the columns that are wanted; refuse those that do not exist."""
    unknown = [name for name in columns if name not in there]
    if unknown:
        raise BadQuery(f"There are no columns {unknown}. There are: {', '.join(there)}.")
    return list(columns)


def _asks_pixel(statement: str) -> bool:
    """Tell whether a statement may read the table PIXEL, which is made only then."""
    return re.search(r"\bPIXEL\b", statement, re.IGNORECASE) is not None


def _ends(pair: tuple[int, int]) -> tuple[int, int]:
    """Give the first and last row or column; refuse what is no whole number."""
    try:
        first, last = pair
        return index(first), index(last)
    except (TypeError, ValueError) as error:
        raise BadQuery(f"Sought rows or columns as whole numbers, first and last; there is {pair!r}.") from error


def _column(values: np.ma.MaskedArray, *, like: Column) -> TableColumn:
    """Give a column with the unit and description of a property; a masked one only where values are missing."""
    make = MaskedColumn if np.ma.is_masked(values) else TableColumn
    plain = values if np.ma.is_masked(values) else np.ma.getdata(values)
    return make(plain, unit=like.unit, description=like.description)


def _check_detector(instrument: str, detector: str) -> None:
    if (instrument, detector) != ("STIS", "CCD"):
        raise BadQuery(f"There are anneal periods of STIS CCD only; sought {instrument} {detector}. Leave both out.")


def _plain(row: Row) -> tuple[Cell, ...]:
    """Give a period as SQL has it."""
    number, start, stop, count = (row[name] for name in ANNEAL_COLUMNS)
    dates = [None if np.ma.is_masked(time.value) else time.isot.replace("T", " ") for time in (start, stop)]
    return int(number), dates[0], dates[1], None if np.ma.is_masked(count) else int(count)


def _with_nulls(column: TableColumn) -> list[Cell]:
    """Give a column's values; what is missing is None."""
    values = column.tolist()
    return (
        [None if value is None or math.isnan(value) else value for value in values]
        if column.dtype.kind == "f"
        else values
    )


def _anneal_row(epoch: Epoch, *, n_used: int | None = None) -> Table:
    """Give a period as a table of one row."""
    darks = n_used or epoch.attributes.get("n_darks")
    start, stop = times([epoch.start_us]), times([epoch.stop_us])
    count = np.ma.MaskedArray([darks or 0], mask=[darks is None], dtype=np.int64)
    table = Table({"AnnealNumber": [epoch.number], "StartDate": start, "EndDate": stop})
    table["NumberOfDarks"] = count if darks is None else np.ma.getdata(count)
    return table
