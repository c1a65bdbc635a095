"""The read noise of the STIS CCD, from the scatter of its darks.

Owns the question, its numbers and its picture. Must not know where images are stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.timespan import Timespan
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import pictures
from longwatch.instruments.stis.dated import Dated, held
from longwatch.plots.figure import Axis, Figure, Trace

RMS: Final = Metric(name="stis.read_noise.rms", unit="DN", description="Read noise of faint pixels, root mean square")
FAINT: Final = 0.1
"""Read noise is looked at where the dark rate is below this [electron / s]: counting noise hides it elsewhere."""


_NOISY = 3.0


class ReadNoise:
    """How large the read noise is.

    Question: has the amplifier become noisier?
    Inputs: `readnoise_true` and `dark_rate` of every derived period (`stis.life`).
    Method: root mean square, over pixels below 0.1 electron / s, of the scatter of their frames about weekly means less
    counting noise; pixels three times noisier than the median are left out. It is not the `readnoise` of the old
    database, which grows with the signal.
    Output: read noise [DN, gain 1, amplifier D] with its uncertainty; subject: the side of the electronics.
    Cadence: mission; the window is the anneal period.
    Limits: by era, in `limits/read_noise.toml`.
    Action: look at biases of the same weeks for pattern noise (Side-2 has a herring-bone pattern).
    """

    name: str = "stis.read_noise"
    inputs: tuple[str, ...] = (c.LIFE,)
    cadence: str = "mission"
    metrics: tuple[Metric, ...] = (RMS,)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the read noise of each period that begins in the window."""
        return [
            Measurement(metric=RMS.name, subject=period.side, window=period.window, value=value, uncertainty=error)
            for period, value, error in _noises(view)
            if window.contains(period.window.start_us)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the trend."""
        found = list(_noises(view))
        start = np.array([period.window.start_us for period, _, _ in found], dtype=float)
        values = np.array([np.nan if value is None else value for _, value, _ in found], dtype=float)
        errors = np.array([np.nan if error is None else error for _, _, error in found], dtype=float)
        return [
            pictures.trend(
                self.name,
                "STIS CCD read noise",
                (Trace(x=start, y=values, y_err=errors, label="root mean square"),),
                y=Axis(label="Read noise", unit="DN"),
                caption="Root mean square over faint pixels; a point an anneal period, at its start.",
            )
        ]


def _noises(view: View) -> Iterator[tuple[Dated, float | None, float | None]]:
    for period in held(view, c.LIFE):
        noise, rate = (
            np.ma.filled(np.ma.asarray(view.cubes[c.LIFE].image(p.name, epoch=period.number)), np.nan)
            for p in (c.READNOISE_TRUE, c.DARK_RATE)
        )
        with np.errstate(invalid="ignore"):
            faint = noise[(rate < FAINT) & np.isfinite(noise)].astype(np.float64)
        if faint.size:
            squares = np.square(faint[faint <= _NOISY * np.median(faint)])
            value = float(np.sqrt(squares.mean()))
            yield period, value, float(squares.std() / np.sqrt(squares.size) / (2 * value))
        else:
            yield period, None, None
