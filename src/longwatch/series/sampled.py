"""A channel in rows, ready to be counted: what is missing left out, numbers as floats, states as codes.

Owns the way from stored rows to statistics. Must not know which rows there are, nor how statistics are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns
from longwatch.domain.column import Column
from longwatch.domain.series import TimeScale
from longwatch.domain.timespan import Timespan
from longwatch.domain.utc import Ints
from longwatch.series.bins import Level
from longwatch.series.statistics import is_state, number_statistics, state_statistics
from longwatch.series.values import from_arrow, words_and_codes


@dataclass(frozen=True, slots=True)
class Sampled:
    """Values of a channel that are neither missing nor NaN.

    Parameters
    ----------
    us
        (n_row,), ascending instants [microseconds of TAI].
    values
        (n_row,), numbers as 64-bit floats; of states the places of their words.
    words
        The states; None where numbers are held.
    group
        (n_row,), to which group of rows each belongs; None where nobody asked.
    scale
        Of the series' native time.
    """

    us: Ints
    values: NDArray[np.float64] | Ints
    words: NDArray[np.str_] | None
    group: Ints | None
    scale: TimeScale

    def __len__(self) -> int:
        """Count the values."""
        return len(self.us)

    @classmethod
    def of(
        cls, column: Column, us: Ints, stored: pa.ChunkedArray, scale: TimeScale, *, group: Ints | None = None
    ) -> Sampled:
        """Give a channel of stored rows."""
        words: NDArray[np.str_] | None = None
        values: NDArray[np.float64] | Ints
        if is_state(column):
            words, values = words_and_codes(column, stored)
            good = values >= 0
        else:
            values = np.ma.filled(np.ma.asarray(from_arrow(column, stored)).astype(np.float64), np.nan)
            good = ~np.isnan(values)
        every = cls(us, values, words, group, scale)
        return every if good.all() else every.only(good)

    def only(self, which: NDArray[np.bool_] | slice) -> Sampled:
        """Give some of the values."""
        group = None if self.group is None else self.group[which]
        return replace(self, us=self.us[which], values=self.values[which], group=group)

    def within(self, span: Timespan) -> Sampled:
        """Give the values of a span."""
        begin, end = np.searchsorted(self.us, [span.start_us, span.stop_us])
        return self.only(slice(int(begin), int(end)))

    def numbered(self, group: Ints) -> Sampled:
        """Give the values with the groups of their rows numbered anew."""
        return replace(self, group=group)

    def of_group(self, number: int) -> Sampled:
        """Give the values of one group of rows."""
        return self if self.group is None else self.only(self.group == number)

    def statistics(self, level: Level) -> Columns:
        """Give their statistics by bin, as the module `statistics` says."""
        if self.words is None:
            return number_statistics(level, self.us, np.asarray(self.values, dtype=np.float64), self.scale)
        return state_statistics(level, self.us, (self.words, np.asarray(self.values, dtype=np.int64)), self.scale)
