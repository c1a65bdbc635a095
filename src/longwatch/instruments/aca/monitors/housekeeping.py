"""Supply voltages, housing temperatures and the cooler of the ACA, day by day.

Owns the question, its numbers and its picture. Must not know where telemetry is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from astropy.table import Table

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.plots.figure import Axis, Figure, Panel, Trace

VOLTAGE: Final = Metric(name="aca.housekeeping.voltage", unit="mV", description="Median supply voltage of a day")
TEMPERATURE: Final = Metric(
    name="aca.housekeeping.temperature", unit="deg_C", description="Median housekeeping temperature of a day"
)
SATURATED: Final = Metric(
    name="aca.housekeeping.dac_saturated",
    unit="",
    description="Share of the samples of a day in which the cooler's drive is at its limit of 511",
)

VOLTAGES: Final = ("ad_5v_ps", "ad_15v_ps", "ad_m15v_ps", "ad_27v_ps", "ad_analog_gnd")
TEMPERATURES: Final = ("ccd_temp", "ccd_setpoint", "ad_achhs_therm", "ad_achohs_therm", "ad_lc_therm", "aca_temp")

_SERIES: Final = "aca.hdr3"
_DAC: Final = "dac"
_DAC_LIMIT: Final = 511
_MOST_POINTS: Final = 20_000


class Housekeeping:
    """Whether voltages, temperatures and cooler are as they should be.

    Question: do the supplies hold, does the housing keep its temperature, and does the cooler still have a reserve?
    Inputs: header-3 telemetry of 8x8 images (`aca.hdr3`).
    Method: median of a UTC day for each channel, so that a single mixed sample before a change of image size does not
    count; for the cooler the share of samples at 511.
    Output: voltages [mV] and temperatures [deg_C] by channel, and the share of saturated samples. No measurement for a
    channel without samples.
    Cadence: a day.
    Limits: voltages in `limits/housekeeping.toml`; the saturated cooler is a caution before 2013 only, since later it
    is the rule.
    Action: compare the channels with each other; a single one points to its sensor.
    """

    name: str = "aca.housekeeping"
    inputs: tuple[str, ...] = (_SERIES,)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (VOLTAGE, TEMPERATURE, SATURATED)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the medians of a day."""
        names = [*VOLTAGES, *TEMPERATURES, _DAC]
        table = view.series[_SERIES].fetch(names, from_us(window.start_us), from_us(window.stop_us))
        found = [
            (metric, name, float(np.median(values)))
            for metric, group in ((VOLTAGE, VOLTAGES), (TEMPERATURE, TEMPERATURES))
            for name in group
            if len(values := _values(table, name))
        ]
        dac = _values(table, _DAC)
        if len(dac):
            found.append((SATURATED, _DAC, float(np.mean(dac >= _DAC_LIMIT))))
        return [
            Measurement(metric=metric.name, subject=f"channel={name}", window=window, value=value)
            for metric, name, value in found
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the voltages, each over its own median, and the temperatures."""
        table = view.series[_SERIES].fetch(["time", *VOLTAGES[:4], *TEMPERATURES[:4]])
        date = Axis(label="Date", time=True)
        voltages = [_trace(table, name, ratio=True) for name in VOLTAGES[:4]]
        temperatures = [_trace(table, name) for name in TEMPERATURES[:4]]
        return [
            Figure(
                name=self.name,
                title="ACA supply voltages and temperatures",
                panels=(
                    Panel(x=date, y=Axis(label="Voltage over its median"), traces=_drawn(voltages)),
                    Panel(x=date, y=Axis(label="Temperature", unit="deg_C"), traces=_drawn(temperatures)),
                ),
                caption="Header-3 telemetry of 8x8 images, thinned to 20,000 samples a channel.",
            )
        ]


def _values(table: Table, name: str) -> np.ndarray:
    values = np.ma.compressed(np.ma.asarray(table[name])).astype(float)
    return np.asarray(values[np.isfinite(values)])


def _trace(table: Table, name: str, *, ratio: bool = False) -> Trace:
    column = np.ma.asarray(table[name])
    there = np.flatnonzero(~np.ma.getmaskarray(column))
    there = there[:: max(1, len(there) // _MOST_POINTS)]
    values = np.ma.getdata(column)[there].astype(float)
    scale = float(np.nanmedian(values)) if ratio and len(values) else 1.0
    time = us_from_cxc(np.asarray(table["time"], dtype=float)[there])
    return Trace(x=np.asarray(time, dtype=float), y=values / scale, label=name, style="points", marker="x")


def _drawn(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Leave out channels without samples."""
    return tuple(trace for trace in traces if len(trace.x))
