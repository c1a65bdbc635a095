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
from longwatch.domain.series import BAD_TIMES
from longwatch.domain.times import from_us, us_from_cxc
from longwatch.domain.timespan import Timespan
from longwatch.instruments.aca.hdr3_channels import FIELDS
from longwatch.instruments.aca.hdr3_decode import field_values
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
ABOVE: Final = Metric(
    name="aca.housekeeping.above_setpoint",
    unit="deg_C",
    description="Median CCD temperature of a day over its set point",
)
OFFSET: Final = Metric(
    name="aca.housekeeping.zero_offset", unit="adu", description="Median zero offset of a quadrant in a day"
)
FLIPS: Final = Metric(
    name="aca.housekeeping.flag_changes", unit="", description="How often a status flag changed within a day"
)

VOLTAGES: Final = ("ad_5v_ps", "ad_15v_ps", "ad_m15v_ps", "ad_27v_ps", "ad_analog_gnd")
HOUSING: Final = ("ad_achhs_therm", "ad_achohs_therm", "ad_lc_therm", "aca_temp")
TEMPERATURES: Final = (
    "ccd_temp",
    "ccd_setpoint",
    *HOUSING,
    "ad_pmhs_therm",
    "ad_pmohs_therm",
    "ad_smhs_therm",
    "ad_smohs_therm",
    "ad_converter_therm",
    "ccd_molyb_therm_1",
    "ccd_molyb_therm_2",
)
OFFSETS: Final = tuple(f"zero_off32_quad_{quadrant}" for quadrant in ("a", "b", "d"))
FLAGS: Final = tuple(
    field
    for field in FIELDS
    if field.name in {"tec_active", "tec_heat", "ac_table_cksum_ok", "stack_error", "warm_boot", "initial_cal_fill_ok"}
)

_SERIES: Final = "aca.hdr3"
_DAC: Final = "dac"
_STATUS: Final = "misc_status_bits"
_DAC_LIMIT: Final = 511
_MOST_POINTS: Final = 20_000


class Housekeeping:
    """Whether voltages, temperatures and cooler are as they should be.

    Question: do the supplies hold, does the housing keep its temperature, does the cooler still have a reserve, and did
    the processor start anew?
    Inputs: good header-3 telemetry of 8x8 images (`aca.hdr3`), outside registered bad times.
    Method: median of a UTC day for each channel, so that a single mixed sample before a change of image size does not
    count; for the cooler the share of samples at 511 and how far the CCD is above its set point; for each status flag
    the changes from one good sample to the next.
    Output: voltages [mV], temperatures [deg_C], zero offsets [adu] by channel; the share of saturated samples, degrees
    above the set point, and changes by flag. No measurement for a channel without samples.
    Cadence: a day.
    Limits: in `limits/housekeeping.toml`; the saturated cooler and a CCD above its set point are cautions before 2013
    only, since later they are the rule.
    Action: compare the channels with each other; a single one points to its sensor.
    """

    name: str = "aca.housekeeping"
    inputs: tuple[str, ...] = (_SERIES, BAD_TIMES)
    cadence: str = "day"
    metrics: tuple[Metric, ...] = (VOLTAGE, TEMPERATURE, SATURATED, ABOVE, OFFSET, FLIPS)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the medians of a day."""
        names = [*VOLTAGES, *TEMPERATURES, *OFFSETS, _DAC, _STATUS, "quality"]
        table = view.series[_SERIES].fetch(names, from_us(window.start_us), from_us(window.stop_us), filter_bad=True)
        medians = {name: float(np.median(values)) for name in names if len(values := _values(table, name))}
        found = [
            (metric, f"channel={name}", medians[name])
            for metric, group in ((VOLTAGE, VOLTAGES), (TEMPERATURE, TEMPERATURES), (OFFSET, OFFSETS))
            for name in group
            if name in medians
        ]
        if _DAC in medians:
            found.append((SATURATED, f"channel={_DAC}", float(np.mean(_values(table, _DAC) >= _DAC_LIMIT))))
        if {"ccd_temp", "ccd_setpoint"} <= medians.keys():
            found.append((ABOVE, "detector=CCD", medians["ccd_temp"] - medians["ccd_setpoint"]))
        found += [(FLIPS, f"flag={name}", float(count)) for name, count in _changes(table).items()]
        return [
            Measurement(metric=metric.name, subject=subject, window=window, value=value)
            for metric, subject, value in found
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the voltages, each as its deviation from its own median, and the temperatures."""
        names = ["time", *VOLTAGES[:4], "ccd_temp", "ccd_setpoint", *HOUSING[:3]]
        table = view.series[_SERIES].fetch(names, filter_bad=True)
        date = Axis(label="Date", time=True)
        voltages = [_trace(table, name, deviation=True) for name in VOLTAGES[:4]]
        cold, warm = ([_trace(table, name) for name in names] for names in (("ccd_temp", "ccd_setpoint"), HOUSING[:3]))
        return [
            Figure(
                name=self.name,
                title="ACA supply voltages and temperatures",
                panels=(
                    Panel(x=date, y=Axis(label="Voltage, from its median", unit="%"), traces=_drawn(voltages)),
                    Panel(x=date, y=Axis(label="CCD", unit="deg_C"), traces=_drawn(cold)),
                    Panel(x=date, y=Axis(label="Housing and lens", unit="deg_C"), traces=_drawn(warm)),
                ),
                caption="Good header-3 telemetry of 8x8 images, thinned to 20,000 samples a channel.",
            )
        ]


def _values(table: Table, name: str) -> np.ndarray:
    values = np.ma.compressed(np.ma.asarray(table[name])).astype(float)
    return np.asarray(values[np.isfinite(values)])


def _changes(table: Table) -> dict[str, int]:
    """Give how often each flag changed from one good sample to the next; nothing without samples."""
    good = np.asarray(table["quality"]) == 0
    words = np.ma.compressed(np.ma.asarray(table[_STATUS])[good])
    return {one.name: int(np.count_nonzero(np.diff(field_values(one, words)))) for one in FLAGS if len(words)}


def _trace(table: Table, name: str, *, deviation: bool = False) -> Trace:
    """Give a channel; deviation: from its median, in percent of that."""
    column = np.ma.asarray(table[name])
    there = np.flatnonzero(~np.ma.getmaskarray(column))
    there = there[:: max(1, len(there) // _MOST_POINTS)]
    values = np.ma.getdata(column)[there].astype(float)
    if deviation and len(values):
        values = 100 * (values / np.nanmedian(values) - 1)
    time = us_from_cxc(np.asarray(table["time"], dtype=float)[there])
    return Trace(x=np.asarray(time, dtype=float), y=values, label=name, style="points", marker="x")


def _drawn(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Leave out channels without samples."""
    return tuple(trace for trace in traces if len(trace.x))
