"""The public face of series: the mapping of all of them.

Owns finding a series by name and making one by hand. Must not know how rows are stored or read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from astropy.table import Table
from astropy.time import Time
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.writer import Writer
from longwatch.domain.column import Column
from longwatch.domain.derived import Derived
from longwatch.domain.epoch import Scalar
from longwatch.domain.times import Instant, TimeLike, to_time, us_from_time
from longwatch.errors import NoSuchName
from longwatch.series.asked import named
from longwatch.series.badtimes import BadSpans
from longwatch.series.derivations import Derivations
from longwatch.series.desk import Desk
from longwatch.series.gathered import gather
from longwatch.series.interpolate import STEP_S, around, grid, gridded, on_grid
from longwatch.series.maker import Maker
from longwatch.series.own import declared, kept_types
from longwatch.series.plan import Plans
from longwatch.series.read import Reader
from longwatch.series.registry import BadTimes
from longwatch.series.relative import RelativeReader
from longwatch.series.segment import SegmentFiles
from longwatch.series.series import Series
from longwatch.series.shelf import Shelf
from longwatch.series.summaries import Summaries


class SeriesRoom(Mapping[str, Series]):
    """Series by name.

    Parameters
    ----------
    catalog
        The catalogue.
    store
        Where segments are.
    commit
        The commit to speak for; None: the newest one at each question.
    writer
        Takes one's own rows; None: nothing may be written.
    now
        What relative times such as `"-30d"` count from.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: ObjectStore,
        *,
        commit: int | None = None,
        writer: Writer | None = None,
        now: Callable[[], Time] = Time.now,
    ) -> None:
        plans = Plans(catalog)
        reader = Reader(plans, SegmentFiles(store))
        relative = RelativeReader(catalog, reader)
        shelf = Shelf(catalog, store)
        maker = Maker(reader, shelf)
        self._desk = Desk(
            catalog=catalog,
            plans=plans,
            reader=reader,
            relative=relative,
            summaries=Summaries(reader, relative, shelf, None if writer is None else maker),
            maker=maker,
            derivations=Derivations(plans, reader),
            bad=BadSpans(plans, reader),
            commit=commit,
            writer=writer,
            now=now,
        )

    @override
    def __getitem__(self, name: str) -> Series:
        """Give a series; raises `NotFound` with names like it."""
        if self._desk.commit is None and self._desk.plans.seen(name):
            return Series(name, self._desk)
        known = self._names()
        if name in known:
            return Series(name, self._desk)
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:10]
        hint = (
            f"Nearby: {', '.join(near)}."
            if near
            else "There is none yet: `create` one, or ingest files that bring one."
        )
        raise NoSuchName(f"There is no series {name!r}. {hint}")

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    @override
    def __len__(self) -> int:
        return len(self._names())

    @override
    def __repr__(self) -> str:
        """Say how many there are, and name the first."""
        names = self._names()
        return f"<{len(names)} series: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}>"

    def create(
        self,
        name: str,
        columns: Mapping[str, str | Column],
        *,
        time: str = "time",
        description: str = "",
        key: Sequence[str] = (),
    ) -> Series:
        """Declare a series of one's own; declaring it again in the same way changes nothing.

        Parameters
        ----------
        name
            Its name, such as `lab.temps`.
        columns
            Unit of each column (`""` for a number without one, a word or a flag), or a whole `Column`. A column given
            by its unit holds numbers, unless the first rows appended are words or flags.
        time
            Name of the time column, which is added: TAI microseconds.
        description
            One sentence.
        key
            Columns that, with the time, make a row unique.

        Returns
        -------
        Series
            Ready for `append`.

        Raises
        ------
        Conflict
            Raised if a series of that name is declared otherwise.
        Refused
            Raised if the archive is open for reading only.
        """
        spec = declared(name, columns, time=time, description=description, key=key)
        known = self._desk.plans.declared(self._desk.commit_of(None))
        self._desk.writing().declare(kept_types(spec, known[name].spec) if name in known else spec)
        return Series(name, self._desk)

    def interpolate(
        self,
        channels: Mapping[str, str | Sequence[str]],
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        step: float = STEP_S,
        times: TimeLike | None = None,
        filter_bad: bool = True,
        bad_union: bool = False,
        as_of: Instant | None = None,
        where: Mapping[str, Scalar] | None = None,
    ) -> Table:
        """Give channels of one series or several on one grid: at each time the value of the nearest sample.

        Parameters
        ----------
        channels
            Names of channels by name of series: `{"aca.hdr3": ["ccd_temp", "dac"]}`.
        start, stop, step
            The grid: from start to before stop, so far apart [s].
        times
            The grid itself, in place of these.
        filter_bad
            True: bad samples count for nothing, and the nearest good one speaks. False: they speak, masked.
        bad_union
            True: a time at which the nearest sample of any channel is bad is bad for all; it is left out where
            `filter_bad` is True, else masked.
        as_of, where
            As for `Series.fetch`; a condition holds for the series that have the column.

        Returns
        -------
        Table
            `time` (microseconds of TAI), and each channel; one that several series have is called `series:channel`.
            Masked beyond the first and last sample, up to a step outside of the span. Of two samples equally near, the
            earlier one speaks. A row in which a channel is missing is no sample of it.

        Raises
        ------
        BadQuery
            Raised if a channel is unknown, or the grid has no end or no step.
        NotFound
            Raised if there is no such series.
        """
        asked = {self[name].spec.name: named(each) for name, each in channels.items()}
        commit = self._desk.commit_of(as_of)
        if times is None:
            grid_us = grid(self._desk.span(start, stop, commit), step)
        else:
            grid_us = np.atleast_1d(us_from_time(to_time(times, now=self._desk.now)))
        found = gather(self._desk, asked, around(grid_us, step), commit, where or {})
        samples = {column.name: one for column, one in found}
        values, keep = on_grid(samples, grid_us, filter_bad=filter_bad, bad_union=bad_union)
        return gridded(grid_us, [column for column, _ in found], values, keep)

    @property
    def bad_times(self) -> BadTimes:
        """Spans in which a series or one of its channels is known to be wrong."""
        return BadTimes(self._desk)

    def derive(self, name: str, series: str, *, formula: str, unit: str = "", description: str = "") -> None:
        """Declare a channel that a formula gives; `fetch`, `daily` and `intervals` know it like any other.

        Parameters
        ----------
        name
            Name of the channel; one declared before is declared anew.
        series
            Name of the series it belongs to.
        formula
            Over columns of that series, such as `"abs(dac - 511) < 1"`; see `longwatch.domain.expression`. It is kept
            as it is written, and evaluated whenever the channel is asked for; `as_of` finds the one that held then.
        unit
            `astropy.units` string of what it gives; `""` for a number without one, a word or a flag.
        description
            One sentence.

        Raises
        ------
        BadQuery
            Raised if the formula is not understood or speaks of what the series does not have; the message names it.
        NotFound
            Raised if there is no such series.
        Refused
            Raised if the archive is open for reading only.
        """
        derived = Derived(name=name, formula=formula, unit=unit, description=description)
        self._desk.derivations.add(self._desk.writing(), self[series].spec, derived, self._desk.commit_of(None))

    def derived(self, *, as_of: Instant | None = None) -> Table:
        """Give every derived channel: series, channel, formula, unit, description, and who (no one: a plug-in)."""
        return self._desk.derivations.table(self._desk.commit_of(as_of))

    def withdraw(self, name: str, series: str) -> None:
        """Take back a channel that `derive` declared; raises `NotFound` naming those there are."""
        commit = self._desk.commit_of(None)
        self._desk.derivations.withdraw(self._desk.writing(), self[series].spec.name, name, commit)

    def _names(self) -> list[str]:
        return list(self._desk.plans.declared(self._desk.commit_of(None)))
