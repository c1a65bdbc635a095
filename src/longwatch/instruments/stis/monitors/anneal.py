"""What each anneal of the STIS CCD heals.

Owns the question, its numbers and its pictures. Must not know where images are stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import pictures
from longwatch.instruments.stis.anneals import (
    LEVELS,
    Recovery,
    count_above,
    creation_rate,
    percent_annealed,
    recovery,
)
from longwatch.instruments.stis.boundaries import DAY_US
from longwatch.instruments.stis.dated import Dated, held
from longwatch.plots.figure import Axis, Figure, Trace

BEFORE: Final = Metric(name="stis.anneal.n_before", unit="pix", description="Hot pixels in the week before an anneal")
AFTER: Final = Metric(name="stis.anneal.n_after", unit="pix", description="Hot pixels in the week after an anneal")
CREATED: Final = Metric(
    name="stis.anneal.created", unit="pix / d", description="Hot pixels created each day since the anneal before"
)
PERCENT: Final = Metric(
    name="stis.anneal.percent",
    unit="percent",
    description="Hot pixels healed over those created since the anneal before",
)
HEALED: Final = Metric(
    name="stis.anneal.healed", unit="", description="Share of the hot pixels before an anneal that it healed"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """One anneal at one level.

    Parameters
    ----------
    period
        The period it opens.
    level
        Above it a pixel is hot [electron / s].
    counts
        Hot pixels before and after.
    created, percent
        Pixels created a day, and the published percentage; NaN where they cannot be told.
    """

    period: Dated
    level: float
    counts: Recovery
    created: float
    percent: float


class Anneal:
    """What each anneal heals.

    Question: how many hot pixels are created, and does the monthly anneal still heal them?
    Inputs: `rate_first` and `rate_last` of every derived period (`stis.life`).
    Method: hot pixels above 0.1, 1 and 10 electron / s in the last week before and the first week after each anneal.
    Creation is what was added since the week after the anneal before, by day; the percentage annealed is the number
    healed over the number created (the formula of the published anneal reports). The share healed is counted pixel by
    pixel. Only anneals between two successive derived periods count.
    Output: numbers before and after [pix], creation [pix / d], percentage, and share, for each level; the window is the
    period the anneal opens.
    Cadence: mission.
    Limits: on the share healed, in `limits/anneal.toml`.
    Action: compare the temperature and length of the anneal with those before.
    """

    name: str = "stis.anneal"
    inputs: tuple[str, ...] = (c.LIFE,)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (BEFORE, AFTER, CREATED, PERCENT, HEALED)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give what each anneal that begins in the window did."""
        return [
            measurement
            for healing in _healings(view)
            if window.contains(healing.period.window.start_us)
            for measurement in _measurements(healing)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give creation and share healed over all anneals."""
        found = list(_healings(view))
        return [
            pictures.trend(
                f"{self.name}.created",
                "STIS CCD hot pixels created each day",
                _traces(found, "created"),
                y=Axis(label="Created", unit="pix / d"),
                caption="Hot pixels created a day since the anneal before, at the start of the period.",
            ),
            pictures.trend(
                f"{self.name}.healed",
                "STIS CCD hot pixels healed by each anneal",
                _traces(found, "healed"),
                y=Axis(label="Share of the hot pixels healed"),
                caption="Share of the pixels hot in the week before an anneal that are not hot in the week after.",
            ),
        ]


def _healings(view: View) -> Iterator[Healing]:
    """Give each anneal between successive periods, at each level."""
    cube = view.cubes.get(c.LIFE)
    after_last: dict[float, int] = {}
    for before, after in pairwise(held(view, c.LIFE)):
        if cube is None or after.number != before.number + 1:
            after_last = {}
            continue
        old = cube.image(c.RATE_LAST.name, epoch=before.number)
        new = cube.image(c.RATE_FIRST.name, epoch=after.number)
        first = cube.image(c.RATE_FIRST.name, epoch=before.number)
        for level in LEVELS:
            counts = recovery(old, new, level=level)
            n_last = after_last.get(level, count_above(first, level))
            days = (before.window.stop_us - before.window.start_us) / DAY_US
            yield Healing(
                period=after,
                level=level,
                counts=counts,
                created=creation_rate(counts.n_before, n_last, days),
                percent=percent_annealed(counts.n_before, counts.n_after, n_last),
            )
            after_last[level] = counts.n_after


def _measurements(healing: Healing) -> Iterator[Measurement]:
    values = {
        BEFORE: float(healing.counts.n_before),
        AFTER: float(healing.counts.n_after),
        CREATED: healing.created,
        PERCENT: healing.percent,
        HEALED: healing.counts.fraction,
    }
    for metric, value in values.items():
        yield Measurement(
            metric=metric.name,
            subject=f"level={healing.level:g} {healing.period.side}",
            window=healing.period.window,
            value=value if math.isfinite(value) else None,
        )


def _traces(found: Sequence[Healing], what: str) -> list[Trace]:
    traces = []
    for level in LEVELS:
        chosen = [healing for healing in found if healing.level == level]
        values = [healing.counts.fraction if what == "healed" else healing.created for healing in chosen]
        start = np.array([healing.period.window.start_us for healing in chosen], dtype=float)
        traces.append(Trace(x=start, y=np.array(values, dtype=float), label=f"above {level:g} electron / s"))
    return traces
