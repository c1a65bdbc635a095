"""Statistics of telemetry under the old names: `vals` are means, beside them `mins`, `maxes`, `stds`, `p50s` and so on.

Owns these names and which bins are given. Must not know where samples come from, nor the arithmetic of statistics.
See spec/aca-dark-hdr3-l0.md 7. Bins of 5 minutes are those of older software; a day is one of UTC, where older software
began it 64 to 69 s earlier. Means are plain ones, not weighted by time; only good samples count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeVar

import numpy as np

from longwatch.contracts.reading import Columns
from longwatch.domain.series import TimeScale
from longwatch.domain.times import Instant, cxc_from_us, from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.errors import BadQuery
from longwatch.instruments.aca.telemetry import Telemetry
from longwatch.series.bins import Level, bins_begun_in, bins_span, level_named
from longwatch.series.statistics import SHARES, joined, number_statistics
from longwatch.series.tabulated import bin_middle

One = TypeVar("One", bound=Telemetry)

_NAMES: Final = {"n": "samples", "mean": "means", "std": "stds", "min": "mins", "max": "maxes", "mid": "midvals"}


def fill_statistics(one: One, stat: str, span: Timespan, fetch: Callable[[Instant, Instant], One]) -> None:
    """Fill an MSID with statistics in place of samples.

    Parameters
    ----------
    one
        The MSID; it gets what the fetched ones have, and `indexes`, `samples`, `means` (`vals` too), `mins`, `maxes`,
        `stds`, `midvals`, and of days `p01s` to `p99s`. `times` are the middles of the bins.
    stat
        `"5min"`, `"hour"` or `"daily"`.
    span
        Bins are given whole if their middle lies in it.
    fetch
        Gives the samples between two times, both included. It is asked for a month at a time.

    Raises
    ------
    BadQuery
        Raised if there are no such statistics, or none of this MSID because it holds words or images.
    """
    level = level_named(stat)
    vars(one).update(vars(fetch(from_us(span.start_us), from_us(span.start_us))))
    none = number_statistics(level, np.empty(0, np.int64), np.empty(0), TimeScale.CXC)
    found = joined([none, *(_statistics(level, fetch, part) for part in _parts(level, span))])
    times = np.asarray(cxc_from_us(bin_middle(level, found["bin"], TimeScale.CXC)))
    one.times, one.vals, one.bads = times, found["mean"], np.zeros(len(times), dtype=bool)
    names = _NAMES | {name: f"{name}s" for name in SHARES if name in found}
    ends: Columns = {name: cxc_from_us(us) for name, us in (("tstart", span.start_us), ("tstop", span.stop_us))}
    vars(one).update({name: float(end) for name, end in ends.items()}, stat=str(level))
    vars(one).update({old: found[name] for name, old in names.items()})
    vars(one)["indexes"] = (times // (level.width_us / 1e6)).astype(np.int64)


def _statistics(level: Level, fetch: Callable[[Instant, Instant], Telemetry], part: Timespan) -> Columns:
    """Give the statistics of whole bins."""
    samples = fetch(from_us(part.start_us), from_us(part.stop_us - 1)).filter_bad(copy=True)
    values = np.ma.asanyarray(samples.vals)
    if values.ndim > 1 or values.dtype.kind not in "iuf":
        raise BadQuery("Words and images have no mean. Fetch them without `stat`.")
    numbers = np.ma.filled(values.astype(np.float64), np.nan)
    good = ~np.isnan(numbers)
    return number_statistics(level, us_from_cxc(samples.times[good]), numbers[good], TimeScale.CXC)


def _parts(level: Level, span: Timespan) -> Iterator[Timespan]:
    """Give the bins whose middle lies in a span, those of a month together."""
    for month in span.windows("month"):
        first, stop = bins_begun_in(level, month, TimeScale.CXC)
        middle = bin_middle(level, np.arange(first, stop), TimeScale.CXC)
        inside = np.flatnonzero((middle >= span.start_us) & (middle <= span.stop_us))
        if len(inside):
            yield bins_span(level, first + int(inside[0]), first + int(inside[-1]) + 1, TimeScale.CXC)
