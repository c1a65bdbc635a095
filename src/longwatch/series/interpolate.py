"""Several channels on one grid of times: each grid point has the value of the nearest sample.

Owns the choice of the nearest sample and what becomes of bad ones. Must not know where samples come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from astropy.table import Table
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.domain.series import TimeScale
from longwatch.domain.timespan import MAX_US, MIN_US, Timespan
from longwatch.domain.utc import Ints
from longwatch.errors import BadQuery
from longwatch.series.answer import dressed
from longwatch.series.scale import UNIT, ZERO_POINT

STEP_S = 328.0
"""Distance of the grid's times where none is named [s]: ten major frames of Chandra telemetry."""

_SECOND_US = 1_000_000
_MOST = 50_000_000


class Samples(NamedTuple):
    """Samples of one channel.

    Parameters
    ----------
    us
        (n,), ascending instants [microseconds of TAI].
    values
        (n, ...), none missing.
    bad
        (n,), which are known to be wrong.
    """

    us: Ints
    values: NDArray[np.generic]
    bad: NDArray[np.bool_]


def nearest(us: Ints, grid_us: Ints) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Give the nearest of some instants for each point of a grid.

    Parameters
    ----------
    us
        (n,), ascending.
    grid_us
        (m,).

    Returns
    -------
    tuple of ndarray
        (m,), places in `us`, of two equally near the earlier one; and whether the point lies between the first and the
        last of them.
    """
    if not len(us):
        return np.zeros(len(grid_us), dtype=np.intp), np.zeros(len(grid_us), dtype=bool)
    after = np.clip(np.searchsorted(us, grid_us), 1, max(len(us) - 1, 1))
    after = np.minimum(after, len(us) - 1)
    before = np.maximum(after - 1, 0)
    place = np.where(grid_us - us[before] <= us[after] - grid_us, before, after)
    return place, (grid_us >= us[0]) & (grid_us <= us[-1])


def on_grid(
    samples: Mapping[str, Samples], grid_us: Ints, *, filter_bad: bool = True, bad_union: bool = False
) -> tuple[dict[str, np.ma.MaskedArray], NDArray[np.bool_]]:
    """Give channels on one grid.

    Parameters
    ----------
    samples
        By channel.
    grid_us
        (m,), instants [microseconds of TAI].
    filter_bad
        True: bad samples count for nothing, and the nearest good one speaks; False: they speak, masked.
    bad_union
        True: a point at which the nearest sample of any channel is bad is bad for all of them: left out where
        `filter_bad` is True, else masked.

    Returns
    -------
    tuple
        (m, ...) values of each channel, masked where the point lies beyond its data; and (m,) which points stay.
    """
    found: dict[str, np.ma.MaskedArray] = {}
    any_bad = np.zeros(len(grid_us), dtype=bool)
    for name, given in samples.items():
        good = ~given.bad if filter_bad and not bad_union else np.ones(len(given.us), dtype=bool)
        us, values, bad = given.us[good], given.values[good], given.bad[good]
        place, inside = nearest(us, grid_us)
        wrong = bad[place] & inside if len(us) else ~inside
        any_bad |= wrong & inside
        taken = values[place] if len(us) else np.zeros((len(grid_us), *values.shape[1:]), values.dtype)
        found[name] = np.ma.MaskedArray(taken, mask=_wide(~inside | (wrong & (not bad_union)), taken))
    if bad_union and not filter_bad:
        found = {name: np.ma.MaskedArray(one, mask=_wide(any_bad, one)) for name, one in found.items()}
    return found, ~any_bad if bad_union and filter_bad else np.ones(len(grid_us), dtype=bool)


def grid(span: Timespan, step_s: float) -> Ints:
    """Give the instants from the start of a span to its end, a step apart; raises `BadQuery` for an endless one."""
    step = _step(step_s)
    if span.start_us <= MIN_US or span.stop_us >= MAX_US:
        raise BadQuery("A grid of times has a start and a stop. Give both, or the `times` themselves.")
    if (span.stop_us - span.start_us) // step > _MOST:
        raise BadQuery(f"A grid of more than {_MOST:,} times is asked for. Give a longer step, or a shorter span.")
    return np.arange(span.start_us, span.stop_us, step, dtype=np.int64)


def around(grid_us: Ints, step_s: float) -> Timespan:
    """Give the span of a grid and one step on either side, where samples near its ends may lie; no step is refused."""
    step = _step(step_s)
    if not len(grid_us):
        return Timespan(0, 0)
    return Timespan(max(int(grid_us.min()) - step, MIN_US), min(int(grid_us.max()) + step + 1, MAX_US))


def gridded(
    grid_us: Ints, columns: Sequence[Column], values: Mapping[str, np.ma.MaskedArray], keep: NDArray[np.bool_]
) -> Table:
    """Give channels on a grid as a table, which knows its times as one from `fetch` does."""
    scale = TimeScale.TAI_US
    time = Column(name="time", unit=UNIT[scale], description=f"Time, {ZERO_POINT[scale]}", dtype="i8")
    shown = [(column, _plain(values[column.name][keep])) for column in columns]
    meta = {"time": time.name, "scale": str(scale), "zero_point": ZERO_POINT[scale]}
    return dressed([(time, grid_us[keep]), *shown], meta)


def _step(step_s: float) -> int:
    """Give a step [microseconds]."""
    if not step_s * _SECOND_US >= 1:
        raise BadQuery(f"A grid of times every {step_s} s has no end. Give a step of a microsecond or more.")
    return round(min(step_s * _SECOND_US, MAX_US))


def _plain(values: np.ma.MaskedArray) -> NDArray[np.generic]:
    return values if np.ma.is_masked(values) else np.ma.getdata(values)


def _wide(mask: NDArray[np.bool_], values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Give a mask of rows for all elements of the rows."""
    return np.array(np.broadcast_to(mask.reshape(-1, *([1] * (values.ndim - 1))), values.shape))
