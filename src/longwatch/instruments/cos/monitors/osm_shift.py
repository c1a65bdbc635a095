"""The monitor of OSM shifts.

Owns what is measured on lamp flashes, and its picture. Must not know how flashes are read or stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from longwatch.contracts.monitor import View
from longwatch.domain.metric import Measurement, Metric
from longwatch.domain.times import from_us, us_from_mjd
from longwatch.domain.timespan import Timespan
from longwatch.instruments.cos import reference
from longwatch.instruments.cos.flashes import Flashes, found_flashes, in_archive
from longwatch.instruments.cos.osm import (
    PAIRS,
    Floats,
    Trend,
    compute_drift,
    compute_trend,
    drift_pairs,
    segment_differences,
)
from longwatch.plots.figure import Axis, Band, Figure, Panel, Trace

SHIFT_DISP: Final = Metric(
    name="cos.osm_shift.shift_disp", unit="pix", description="Median shift along dispersion, corrected for FP-POS."
)
SHIFT_XDISP: Final = Metric(name="cos.osm_shift.shift_xdisp", unit="pix", description="Median shift across dispersion.")
SEGMENT_DIFFERENCE: Final = Metric(
    name="cos.osm_shift.segment_difference",
    unit="pix",
    description="Median difference of the shifts of two segments in the same flash (FUV as measured, NUV corrected).",
)
DRIFT: Final = Metric(
    name="cos.osm_shift.drift", unit="pix / s", description="Median drift of a segment since its first flash."
)
SLOPE: Final = Metric(
    name="cos.osm_shift.slope", unit="pix / d", description="Slope of the corrected shift over the window."
)
MARGIN: Final = Metric(
    name="cos.osm_shift.margin", unit="pix", description="Smallest distance from the end of the wavecal search range."
)
UNCORRECTED: Final = Metric(
    name="cos.osm_shift.n_uncorrected",
    unit="",
    description="Flashes that could not be corrected, their LAMPTAB not being in the archive.",
)

MEDIAN_ERROR: Final = 1.2533
"""Standard error of a median over that of a mean, for a normal distribution."""


class OsmShift:
    """Whether the optics-select mechanisms still put spectra where CalCOS looks for them.

    Question: how far from its expected place does the mechanism put the lamp spectrum, and is it moving?
    Inputs: the series `cos.lampflash`; the LAMPTAB (shifts FP-POS makes by design) and WCPTAB (search ranges) each
    file names. Rows without a found spectrum are left out: their shifts are copied from another segment.
    Method: shift along dispersion minus FP_PIXEL_SHIFT of (segment, grating, cenwave, FPPOS - 3); differences of
    segments within a flash; drift within an exposure, per segment; straight line over the window.
    Output: one value per detector and grating (differences per pair, drifts per segment). None: cannot tell, because
    no LAMPTAB is in the archive, no exposure has two flashes, or all flashes are of one moment.
    Cadence: month. Limits: `limits/osm_shift.toml`; a margin below zero is outside the search range.
    Action: look at the exposures; when shifts near the end of the range, a new WCPTAB (SEARCH_OFFSET) is needed.
    """

    name: str = "cos.osm_shift"
    inputs: tuple[str, ...] = ("cos.lampflash", "cos.lamptab", "cos.wcptab")
    cadence: str = "month"
    metrics: tuple[Metric, ...] = (SHIFT_DISP, SHIFT_XDISP, SEGMENT_DIFFERENCE, DRIFT, SLOPE, MARGIN, UNCORRECTED)

    def measure(self, view: View, window: Timespan) -> Sequence[Measurement]:
        """Give the measurements of one window."""
        flashes = found_flashes(view, from_us(window.start_us), from_us(window.stop_us))
        return [
            measurement
            for detector, opt_elem in flashes.setups()
            for measurement in _measure_setup(flashes.of(detector, opt_elem), window)
        ]

    def figures(self, view: View) -> Sequence[Figure]:
        """Give the picture: shift over time, a panel per detector and grating, with the search range."""
        flashes = found_flashes(view)
        panels = tuple(_panel(view, flashes.of(*setup), " ".join(setup)) for setup in flashes.setups())
        if not panels:
            return []
        lacking = int(np.isnan(flashes.corrected).sum())
        return [
            Figure(
                name="cos.osm_shift.trend",
                title="COS: OSM shift along dispersion",
                panels=panels,
                caption="Shift of the lamp spectrum corrected for FP-POS; bands are the search ranges of the WCPTAB."
                + (f" {lacking} flashes are not shown: their LAMPTAB is not in the archive." if lacking else ""),
            )
        ]


def _measure_setup(flashes: Flashes, window: Timespan) -> Iterator[Measurement]:
    """Give everything about one detector and grating."""
    detector = str(flashes.detector[0])
    subject = f"detector={detector} opt_elem={flashes.opt_elem[0]}"
    yield _median(SHIFT_DISP, subject, window, flashes.corrected)
    yield _median(SHIFT_XDISP, subject, window, flashes.shift_xdisp)
    yield _slope(subject, window, flashes)
    known = flashes.margin[np.isfinite(flashes.margin)]
    least = float(known.min()) if len(known) else None
    yield Measurement(metric=MARGIN.name, subject=subject, window=window, value=least)
    lacking = float(np.isnan(flashes.corrected).sum())
    yield Measurement(metric=UNCORRECTED.name, subject=subject, window=window, value=lacking)
    for pair in PAIRS.get(detector, ()):
        yield _median(SEGMENT_DIFFERENCE, f"{subject} pair={'-'.join(pair)}", window, segment_difference(flashes, pair))
    for segment in np.unique(flashes.segment):
        of_segment = flashes.where(flashes.segment == segment)
        yield _median(DRIFT, f"{subject} segment={segment}", window, segment_drift(of_segment))


def segment_difference(flashes: Flashes, pair: tuple[str, str]) -> Floats:
    """Give the difference of two segments in each flash that has both.

    Parameters
    ----------
    flashes
        Of one detector.
    pair
        The segments, first minus second.

    Returns
    -------
    ndarray
        (m,) [pix]; FUV as measured, NUV corrected for FP-POS; NaN: could not be corrected.
    """
    keys = np.char.add(flashes.rootname, np.char.mod(" %d", flashes.flash))
    _, numbers = np.unique(keys, return_inverse=True)
    first, second = segment_differences(numbers, flashes.segment, pair)
    shift = flashes.shift_disp if pair in PAIRS["FUV"] else flashes.corrected
    difference: Floats = shift[first] - shift[second]
    return difference


def segment_drift(flashes: Flashes) -> Floats:
    """Give the drift of every later flash since the first one of the same exposure and segment.

    Parameters
    ----------
    flashes
        Of any exposures and segments.

    Returns
    -------
    ndarray
        (m,) [pix / s], ordered by exposure, segment and time; an exposure with one flash has none.
    """
    _, series = np.unique(np.char.add(flashes.rootname, flashes.segment), return_inverse=True)
    pairs = drift_pairs(series, flashes.elapsed)
    return compute_drift(flashes.shift_disp, flashes.elapsed, pairs)


def _median(metric: Metric, subject: str, window: Timespan, values: Floats) -> Measurement:
    """Give the median of what is known; None if nothing is."""
    known = values[np.isfinite(values)]
    return Measurement(
        metric=metric.name,
        subject=subject,
        window=window,
        value=float(np.median(known)) if len(known) else None,
        uncertainty=float(MEDIAN_ERROR * known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else None,
    )


def _slope(subject: str, window: Timespan, flashes: Flashes) -> Measurement:
    """Give the slope over the window; None if fewer than three exposures tell it."""
    trend = _trend(flashes.where(np.isfinite(flashes.corrected)))
    return Measurement(
        metric=SLOPE.name,
        subject=subject,
        window=window,
        value=trend and trend.slope,
        uncertainty=trend and trend.slope_error,
    )


def _trend(known: Flashes) -> Trend | None:
    """Give the line through corrected flashes; None for fewer than three exposures."""
    return compute_trend(known.time, known.corrected) if len(set(known.rootname.tolist())) > 2 else None


def _panel(view: View, flashes: Flashes, title: str) -> Panel:
    """Give the panel of one detector and grating."""
    known = flashes.where(np.isfinite(flashes.corrected))
    traces = [
        Trace(x=us_from_mjd(rows.time), y=rows.corrected, label=str(segment))
        for segment in np.unique(known.segment)
        for rows in (known.where(known.segment == segment),)
    ]
    trend = _trend(known)
    if trend is not None:
        ends = np.array([known.time.min(), known.time.max()])
        line = trend.intercept + trend.slope * ends
        traces.append(Trace(x=us_from_mjd(ends), y=line, label=f"{trend.slope:.2e} pix / d", style="line"))
    return Panel(
        x=Axis(label="Time", time=True),
        y=Axis(label="Shift along dispersion", unit="pix"),
        traces=tuple(traces),
        bands=tuple(_bands(view, flashes)),
        title=title,
    )


def _bands(view: View, flashes: Flashes) -> Iterator[Band]:
    """Give the search range of every WCPTAB the flashes name and the archive holds."""
    for key in np.unique(flashes.wcptab).tolist():
        ranges = in_archive(view, "cos.wcptab", key, reference.search_ranges) or {}
        search = ranges.get(str(flashes.opt_elem[0]))
        if search is not None:
            yield Band(low=search.low, high=search.high, label=f"search range, {key}")
