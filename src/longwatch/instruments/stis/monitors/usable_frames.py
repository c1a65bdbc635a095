"""How many darks of an anneal period can be used.

Owns the question, its numbers and its picture. Must not know where rows are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import declared, pictures
from longwatch.instruments.stis.dated import Dated, held
from longwatch.plots.figure import Axis, Figure, Trace

USED: Final = Metric(name="stis.usable_frames.used", unit="", description="Darks used of an anneal period")
EXCLUDED: Final = Metric(name="stis.usable_frames.excluded", unit="", description="Darks of a period that are not used")
NO_TEMPERATURE: Final = Metric(
    name="stis.usable_frames.no_temperature", unit="", description="Darks used without a known housing temperature"
)


class UsableFrames:
    """How many darks of a period can be used.

    Question: are there enough darks for the properties of a period, and why are others left out?
    Inputs: the series `stis.frames`, in which every derivation records its exposures.
    Method: counts of the exposures used, excluded, and used without a housing temperature.
    Output: three counts; subject: the side of the electronics.
    Cadence: mission; the window is the anneal period.
    Limits: on the number used, in `limits/usable_frames.toml` (usual: 55).
    Action: see the reasons with `longwatch stis periods --frames NUMBER`; ask for darks that were not ingested.
    """

    name: str = "stis.usable_frames"
    inputs: tuple[str, ...] = (declared.FRAMES.name, c.LIFE)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (USED, EXCLUDED, NO_TEMPERATURE)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the counts of each period that begins in the window."""
        return [
            Measurement(metric=metric.name, subject=period.side, window=period.window, value=float(count))
            for period, counts in _counts(view)
            if window.contains(period.window.start_us)
            for metric, count in zip(self.metrics, counts, strict=True)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the counts over all periods."""
        found = list(_counts(view))
        start = np.array([period.window.start_us for period, _ in found], dtype=float)
        counts = np.array([numbers for _, numbers in found], dtype=float).reshape(-1, 3)
        traces = [Trace(x=start, y=counts[:, i], label=("used", "excluded")[i]) for i in range(2)]
        return [
            pictures.trend(
                self.name,
                "STIS CCD darks of each anneal period",
                traces,
                y=Axis(label="Exposures"),
                caption="Exposures used and left out; a point an anneal period, at its start.",
            )
        ]


def _counts(view: View) -> Iterator[tuple[Dated, tuple[int, int, int]]]:
    names = [column.name for column in (declared.ANNEAL, declared.USED, declared.NOTEMP, declared.TARGET)]
    periods = held(view, c.LIFE)
    if not periods or declared.FRAMES.name not in view.series:
        return
    rows = view.series[declared.FRAMES.name].fetch(names)
    rows = rows[np.asarray(rows[declared.TARGET.name]) == "DARK"]
    anneal, used, unknown = (np.ma.filled(np.ma.asarray(rows[name]), 0) for name in names[:3])
    used, unknown = used.astype(bool), unknown.astype(bool)
    for period in periods:
        own = anneal == period.number
        yield period, (int((own & used).sum()), int((own & ~used).sum()), int((own & used & unknown).sum()))
