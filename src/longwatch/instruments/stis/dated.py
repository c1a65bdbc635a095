"""Anneal periods as monitors go through them: those of a cube whose dates are known, and the side they were on.

Owns the walk. Must not know what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from longwatch.contracts.monitor import CubeView, View
from longwatch.domain.times import us_from_mjd, us_from_time
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis.temperature import SIDE_2_MJD


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """One period.

    Parameters
    ----------
    number
        Its number.
    window
        Its span.
    """

    number: int
    window: Timespan

    @property
    def side(self) -> str:
        """`side=1` until mid-2001, then `side=2`: the electronics that read the CCD."""
        return f"side={1 if self.window.start_us < us_from_mjd(SIDE_2_MJD) else 2}"


def dated_periods(cube: CubeView) -> Iterator[Dated]:
    """Give the periods of a cube that have a start and a stop, in order of number."""
    table = cube.epochs()
    dated = table[~(table["start"].mask | table["stop"].mask)]
    starts, stops = us_from_time(dated["start"]), us_from_time(dated["stop"])
    for number, start_us, stop_us in zip(dated["epoch"].tolist(), starts.tolist(), stops.tolist(), strict=True):
        yield Dated(number=number, window=Timespan(start_us, stop_us))


def held(view: View, name: str) -> list[Dated]:
    """Give the dated periods of a cube; none where the archive has no such cube."""
    return list(dated_periods(view.cubes[name])) if name in view.cubes else []
