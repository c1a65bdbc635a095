"""What engineers do with fetched telemetry: filter, select and interpolate samples, and find intervals among them.

Owns the old names of these, for `aca_hdr3.MSID` and `aca_l0.MSID` alike. Must not know where samples come from.
See spec/aca-dark-hdr3-l0.md 7.2. Times are Chandra seconds; the work is done by `longwatch.series`.
"""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy
from typing import Final, Self, TypeVar

import numpy as np
from astropy.table import Table
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.domain.series import TimeScale
from longwatch.domain.times import Instant, cxc_from_us, to_us, us_from_cxc, us_from_time
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.interpolate import STEP_S, Samples, nearest, on_grid
from longwatch.series.intervals import Intervals, Pad, logical_intervals, merged, state_intervals, within

OPERATORS: Final = ("==", "!=", "<", "<=", ">", ">=")
"""What `logical_intervals` compares by."""


class Telemetry:
    """Samples of one MSID, and what can be done with them.

    Attributes
    ----------
    times
        (n,) [Chandra seconds].
    vals
        (n, ...) values.
    bads
        (n,), which samples are bad; one that is masked and not bad is missing.
    times0
        (n,), after `interpolate`: the times of the samples whose values these are; NaN beyond them.
    """

    times: NDArray[np.float64]
    vals: np.ndarray
    bads: NDArray[np.bool_]
    times0: NDArray[np.float64]

    def copy(self) -> Self:
        """Give a copy of its own."""
        return deepcopy(self)

    def filter_bad(self, *, copy: bool = False) -> Self:
        """Leave out bad samples, here or in a copy; `vals` is a plain array then, unless parts of images are masked."""
        one = self._cut(~self.lost, copy=copy)
        one.vals = one.vals if np.ma.is_masked(one.vals) else np.ma.getdata(one.vals)
        return one

    def select_intervals(self, intervals: Intervals, *, pad: Pad = 0.0, copy: bool = False) -> Self:
        """Keep the samples that lie in some intervals, widened by `pad` [s], here or in a copy."""
        return self._cut(within(self._us, *merged(intervals, pad=pad)), copy=copy)

    def remove_intervals(self, intervals: Intervals, *, pad: Pad = 0.0, copy: bool = False) -> Self:
        """Leave out the samples that lie in some intervals, widened by `pad` [s], here or in a copy."""
        return self._cut(~within(self._us, *merged(intervals, pad=pad)), copy=copy)

    def logical_intervals(
        self, op: str, val: float | str, *, complete_intervals: bool = False, max_gap: float | None = None
    ) -> Table:
        """Give the intervals in which `vals op val` holds; bad samples are passed over.

        Parameters
        ----------
        op
            One of `OPERATORS`.
        val
            Number or state.
        complete_intervals
            True: leave out one that holds the first or last sample.
        max_gap
            Samples further apart than this end an interval [s].

        Returns
        -------
        Table
            `datestart`, `datestop`, `duration` [s], `tstart` and `tstop` [Chandra seconds] of each.

        Raises
        ------
        BadQuery
            Raised if there is no such operator, or words are compared with numbers.
        """
        if op not in OPERATORS:
            raise BadQuery(f"There is no operator {op!r}. Use one of {' '.join(OPERATORS)}.")
        condition = f"vals {op} {np.asarray(val).item()!r}"
        return _dated(logical_intervals(self._table, condition, max_gap=max_gap, complete=complete_intervals))

    def state_intervals(self, *, max_gap: float | None = None) -> Table:
        """Give how long each value lasted: the columns of `logical_intervals` and `val`; bad ones are passed over."""
        found = state_intervals(self._table, "vals", max_gap=max_gap)
        table = _dated(found)
        table["val"] = found["state"]
        return table

    def interpolate(
        self,
        dt: float | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        times: NDArray[np.float64] | None = None,
    ) -> None:
        """Put the samples on other times, each with the values of the nearest one.

        Parameters
        ----------
        dt
            Distance of the new times [s]; None: 328.
        start, stop
            Between which they lie, and no further than the samples do.
        times
            The new times themselves [Chandra seconds]; beyond the samples values are masked.
        """
        grid, held = grid_of(self._us, dt, start, stop, times), _samples(self)
        place, inside = nearest(held.us, grid)
        found, _ = on_grid({"vals": held._replace(bad=np.zeros(len(held.us), dtype=bool))}, grid)
        values = found["vals"]
        self.bads = held.bad[place] & inside if len(held.us) else inside
        self.times0 = np.where(inside, cxc_from_us(held.us[place] if len(held.us) else grid), np.nan)
        self.times = np.asarray(cxc_from_us(grid))
        self.vals = values if np.ma.is_masked(values) else np.ma.getdata(values)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(n,), which samples have no value at all, good or bad."""
        return ~_there(self.vals) & ~self.bads

    @property
    def lost(self) -> NDArray[np.bool_]:
        """(n,), which samples are bad or missing."""
        return self.bads | self.missing

    @property
    def _us(self) -> Ints:
        return us_from_cxc(self.times)

    @property
    def _table(self) -> Table:
        """The good samples as a table the core understands; what was asked for ends its intervals."""
        meta: dict[str, object] = {"time": "times", "scale": str(TimeScale.CXC)}
        for name, end in (("start_us", "tstart"), ("stop_us", "tstop")):
            if end in vars(self):
                meta[name] = int(us_from_cxc(vars(self)[end]))
        return Table({"times": self.times[~self.lost], "vals": self.vals[~self.lost]}, meta=meta)

    def _cut(self, which: NDArray[np.generic], *, copy: bool) -> Self:
        one = self.copy() if copy else self
        size = len(one.times)
        for name, values in list(vars(one).items()):
            match values:
                case np.ndarray() if values.shape[:1] == (size,):
                    setattr(one, name, values[which])
                case _:
                    pass
        return one


One = TypeVar("One", bound=Telemetry)


class TelemetrySet(OrderedDict[str, One]):
    """Several MSIDs by name."""

    def filter_bad(self) -> None:
        """Leave out the bad samples of each, which may leave them on different times."""
        for one in self.values():
            one.filter_bad()

    def select_intervals(self, intervals: Intervals, *, pad: Pad = 0.0) -> None:
        """Keep the samples that lie in some intervals, widened by `pad` [s]."""
        for one in self.values():
            one.select_intervals(intervals, pad=pad)

    def remove_intervals(self, intervals: Intervals, *, pad: Pad = 0.0) -> None:
        """Leave out the samples that lie in some intervals, widened by `pad` [s]."""
        for one in self.values():
            one.remove_intervals(intervals, pad=pad)

    def interpolate(
        self,
        dt: float | None = None,
        start: Instant | None = None,
        stop: Instant | None = None,
        *,
        filter_bad: bool = True,
        times: NDArray[np.float64] | None = None,
        bad_union: bool = False,
    ) -> None:
        """Put all on the same times, each with the values of its nearest samples.

        Parameters
        ----------
        dt, start, stop, times
            As for `Telemetry.interpolate`; no further than the samples of each do.
        filter_bad
            True: bad samples count for nothing, and the nearest good one speaks; False: they speak, and are `bads`.
        bad_union
            True: a time at which the nearest sample of any is bad is bad for all; it is left out where `filter_bad` is
            True.

        Notes
        -----
        `times` of the set has the new times.
        """
        samples = {name: _samples(one) for name, one in self.items()}
        reach = [(one.us[0], one.us[-1]) for one in samples.values() if len(one.us)]
        ends = np.array([max(a for a, _ in reach), min(b for _, b in reach)]) if reach else np.empty(0, np.int64)
        grid = grid_of(ends, dt, start, stop, times)
        found, keep = on_grid(samples, grid, filter_bad=filter_bad, bad_union=bad_union)
        self.times = np.asarray(cxc_from_us(grid[keep]))
        for name, one in self.items():
            _, inside = nearest(samples[name].us, grid)
            one.times, one.vals = self.times, found[name][keep]
            one.bads = (inside[keep] & ~_there(one.vals)) if not filter_bad else np.zeros(len(one.times), dtype=bool)


def grid_of(
    us: Ints, dt: float | None, start: Instant | None, stop: Instant | None, times: NDArray[np.float64] | None
) -> Ints:
    """Give the instants of a grid [microseconds of TAI]: those named, or a step apart within samples and span."""
    if times is not None:
        return us_from_cxc(np.asarray(times, dtype=float))
    if not len(us):
        return us
    begin = max([int(us[0]), *([] if start is None else [to_us(start, now=Time.now)])])
    end = min([int(us[-1]), *([] if stop is None else [to_us(stop, now=Time.now)])])
    step = round((STEP_S if dt is None else dt) * 1e6)
    if step <= 0:
        raise BadQuery(f"Times every {dt} s have no end. Give a positive distance.")
    return np.arange(begin, end + 1, step, dtype=np.int64)


def _samples(one: Telemetry) -> Samples:
    there = ~one.missing
    return Samples(us_from_cxc(one.times[there]), one.vals[there], one.bads[there])


def _there(values: np.ndarray) -> NDArray[np.bool_]:
    """Give which rows have any value."""
    mask = np.ma.getmaskarray(values)
    return np.asarray(~mask.all(axis=tuple(range(1, mask.ndim))))


def _dated(found: Table) -> Table:
    """Give intervals under their old names."""
    table = Table({"datestart": found["start"].yday, "datestop": found["stop"].yday, "duration": found["duration"]})
    for name, side in (("tstart", "start"), ("tstop", "stop")):
        table[name] = cxc_from_us(us_from_time(found[side]))
    return table
