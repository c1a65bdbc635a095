"""`PixelDB`: the old STIS pixel database's questions, asked of an archive.

Owns the old names of arguments and columns. Must not know how planes, epochs or files are kept.
See spec/stis.md 1.1 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from astropy.table import Column as TableColumn
from astropy.table import MaskedColumn, Table

from longwatch.archive import Archive
from longwatch.contracts.reading import Reading
from longwatch.cubes.plan import times
from longwatch.domain.column import Column
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import Identity
from longwatch.domain.times import Instant, parse_span
from longwatch.errors import BadFile, BadQuery, NotFound
from longwatch.ingest.hand import HandWriter
from longwatch.instruments.stis import columns as c

PIXEL_COLUMNS: Final = ("AnnealNumber", "RowNum", "ColumnNum", *c.OLD_NAMES)
"""Columns of `query_pixel` and `query_pixel_region`, in their order."""

ANNEAL_COLUMNS: Final = ("AnnealNumber", "StartDate", "EndDate", "NumberOfDarks")
"""Columns of `query_anneal`."""

DARK_COLUMNS: Final = ("Darks", "AnnealNumber")
"""Columns of `query_anneal_darks`."""

_HAND_KIND = "stis.anneal_period"
_NAMED = 8


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
            Raised if the file cannot be read; it is in quarantine then.
        """
        path = Path(csv_loc) / f"anneal_{anneal_num}.csv"
        if not path.is_file():
            there = sorted(found.name for found in Path(csv_loc).glob("anneal_*.csv"))[:_NAMED]
            raise NotFound(
                f"No file {path}. There are: {', '.join(there) or 'none like it'}. Give its folder as csv_loc."
            )
        epoch = self._dated(anneal_num, start, stop)
        report = self._archive.ingest(path)
        for refusal in report.refusals:
            raise BadFile(refusal.reason)
        if epoch is not None:
            reading = Reading(
                key=f"anneal_{anneal_num}", t_min_us=epoch.start_us, t_max_us=epoch.stop_us, epochs=(epoch,)
            )
            writer = HandWriter(self._archive.catalog, self._archive.store)
            writer.store(Identity("stis", _HAND_KIND, reading.key), reading)

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
        (first_row, last_row), (first_col, last_col) = pixel_row_range, pixel_col_range
        region = self._archive.cubes[c.CUBE].region((first_row, last_row + 1), (first_col, last_col + 1), epoch=number)
        values = {old: np.ma.asarray(region[column.name][0]) for old, column in c.OLD_NAMES.items()}
        observed = ~np.logical_and.reduce([np.ma.getmaskarray(image) for image in values.values()])
        row, col = np.nonzero(observed)
        table = Table(
            {"AnnealNumber": np.full(len(row), number), "RowNum": row + first_row, "ColumnNum": col + first_col}
        )
        for old, column in c.OLD_NAMES.items():
            table[old] = _column(values[old][observed], like=column)
        return table[names]

    def query_anneal(
        self,
        date: Instant | None = None,
        anneal_num: int | None = None,
        columns: Sequence[str] = ANNEAL_COLUMNS,
    ) -> Table:
        """Give one anneal period.

        Parameters
        ----------
        date, anneal_num
            The period; one of the two.
        columns
            Which columns, in which order.

        Returns
        -------
        Table
            One row; dates to the second (UTC). The number of darks is masked where no table of periods knows it.

        Raises
        ------
        BadQuery, NotFound
            As in `query_pixel`.
        """
        names = _known(columns, ANNEAL_COLUMNS)
        epoch = self._archive.timelines[c.TIMELINE].epoch(self._number(date, anneal_num))
        return _anneal_row(epoch)[names]

    def query_anneal_darks(
        self,
        date: Instant | None = None,
        anneal_num: int | None = None,
        columns: Sequence[str] = DARK_COLUMNS,
    ) -> Table:
        """Give the dark exposures of one anneal period.

        Parameters
        ----------
        date, anneal_num
            The period; one of the two.
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
        number = self._number(date, anneal_num)
        timeline = self._archive.timelines[c.TIMELINE]
        members = np.asarray(timeline.members(timeline.epoch(number).number)["member"], dtype=str)
        return Table({"Darks": members, "AnnealNumber": np.full(len(members), number)})[names]

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


def _column(values: np.ma.MaskedArray, *, like: Column) -> TableColumn:
    """Give a column with the unit and description of a property; a masked one only where values are missing."""
    make = MaskedColumn if np.ma.is_masked(values) else TableColumn
    plain = values if np.ma.is_masked(values) else np.ma.getdata(values)
    return make(plain, unit=like.unit, description=like.description)


def _anneal_row(epoch: Epoch) -> Table:
    """Give a period as a table of one row."""
    darks = epoch.attributes.get("n_darks")
    start, stop = times([epoch.start_us]), times([epoch.stop_us])
    count = np.ma.MaskedArray([darks or 0], mask=[darks is None], dtype=np.int64)
    table = Table({"AnnealNumber": [epoch.number], "StartDate": start, "EndDate": stop})
    table["NumberOfDarks"] = count if darks is None else np.ma.getdata(count)
    return table
