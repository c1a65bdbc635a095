"""What a series of rows over time declares about itself.

Owns the declaration. Must not know how rows are stored or read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from longwatch.domain.column import Column
from longwatch.domain.derived import Derived
from longwatch.errors import BadQuery

BAD_TIMES: Final = "longwatch.bad_times"
"""Name of the series in which bad times are registered: an input of whatever leaves out what is bad."""

FORMULAS: Final = "longwatch.derived_channels"
"""Name of the series in which people declare channels by formulas: an input of whatever reads such a channel."""

LEDGERS: Final = (BAD_TIMES, FORMULAS)
"""Names of the series that say what to make of others, and hold no data."""


class TimeScale(StrEnum):
    """Zero point, unit and scale of a native time column."""

    CXC = "cxc"
    """Seconds of TT since 1998-01-01T00:00:00 TT (Chandra mission time)."""
    MJD_UTC = "mjd_utc"
    """Modified Julian date, UTC, in days."""
    TAI_US = "tai_us"
    """Microseconds of TAI since 1970-01-01T00:00:00 TAI: the catalogue's own instants."""
    RELATIVE_S = "relative_s"
    """Seconds after the start of the row's exposure, which may arrive later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesSpec:
    """Rows over time in named columns: telemetry, jitter, lamp flashes.

    Parameters
    ----------
    name
        Name in the archive, `instrument.series`.
    description
        One sentence.
    columns
        All columns, the time column and the key columns among them.
    time
        Name of the native time column.
    scale
        Scale of the native time column.
    key
        Names of the columns that, with the time, make a row unique (slot, flash, exposure ...).
        Two rows with an equal key are the same row, and the highest version answers.
    exposure
        For a relative series: name of the column that holds the row's exposure (`obs_id`).
    instrument
        The instrument it belongs to; `user` for a series made by hand.
    quality
        Name of the column that says which rows are bad: those where it is not 0; empty where none does.
    derived
        Channels that formulas over its columns give.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    time: str = "time"
    scale: TimeScale = TimeScale.TAI_US
    key: tuple[str, ...] = ()
    exposure: str = ""
    instrument: str = "user"
    quality: str = ""
    derived: tuple[Derived, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a declaration whose time, key or exposure columns do not exist."""
        names = [column.name for column in self.columns]
        wanted = [self.time, *self.key, *(name for name in (self.exposure, self.quality) if name)]
        missing = [name for name in wanted if name not in names]
        if missing:
            raise BadQuery(f"Series {self.name!r} names {missing} as time, key or exposure, but declares only {names}.")
        if len(set(names)) != len(names):
            raise BadQuery(f"Series {self.name!r} declares a column twice: {sorted(names)}.")
        if (self.scale is TimeScale.RELATIVE_S) != bool(self.exposure):
            raise BadQuery(f"Series {self.name!r}: a relative time needs an exposure column, and only then.")
        for derived in self.derived:
            derived.check(self.columns, of=f"Series {self.name!r}")

    @property
    def relative(self) -> bool:
        """Whether its times count from the start of an exposure."""
        return self.scale is TimeScale.RELATIVE_S
