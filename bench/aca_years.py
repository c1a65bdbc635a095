"""ACA: one header-3 channel every 4.1 s over a month, a year and 25 years, and its statistics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from longwatch.archive import create_archive, open_archive
from longwatch.domain.column import Column
from longwatch.domain.times import from_us, to_us
from longwatch.series.series import Series
from page import Section, lines
from telemetry import Hdf5, old_median
from timing import median, seconds

STEP_US = 4_100_000
DAY_US = 86_400_000_000
START = "2000-01-01"
MONTHS = (1, 12, 300)
OLD_MONTHS = 24
POINTS = 2000
CHANNEL = "ccd_temp"
NAME = "lab.aca"

DAYS_20 = "20 days of the channel"
YEAR = "a year of the channel"
DAILY = "daily statistics of all"
DRAWN = f"any span at {POINTS:,} points"
ALL_DRAWN = f"all at {POINTS:,} points"
MONTH = "append a month"
KEPT = "keep the statistics of a month"


def measure(work: Path, *, tenth: bool) -> Section:
    """Append months, and ask at each size."""
    rng = np.random.default_rng(5)
    sizes = MONTHS[:2] if tenth else MONTHS
    measured = []
    for months in sizes:
        appended, kept = _fill(work / "site", months, rng)
        measured.append(_asked(work / "site", rng) | {MONTH: appended, KEPT: kept})
    old_days, old_year = _old(work / "hdf5", rng)
    beside: dict[str, dict[str, float | bool]] = {
        DAYS_20: {"old": old_days, "target": 5e-3, "limit": _copied(20 * DAY_US)},
        YEAR: {"old": old_year, "target": 40e-3, "limit": _copied(365 * DAY_US)},
        DAILY: {"target": 20e-3},
        DRAWN: {"target": 50e-3},
        ALL_DRAWN: {"target": 50e-3},
    }
    return Section(
        title="ACA header-3 channel: a sample every 4.1 s",
        sizes=[f"{_words(months)}, {_rows(months) / 1e6:.1f} million rows" for months in sizes],
        lines=lines(measured, beside),
        notes=[
            (
                "A series made by hand and filled by the public `append`, a calendar month at a time; what is asked "
                "lies at a random place, and is at most half of all there is."
            ),
            (
                "Statistics are kept by `Series.summarise` after each growth, and asked by `fetch(stat='daily')`: "
                "count, mean, smallest, largest, scatter, middle and nine percentiles; drawing is `Series.draw`."
            ),
            (
                f"Old way: {OLD_MONTHS} months in HDF5, a file a channel and one of times (PyTables, zlib 5), as with "
                "the telemetry above; what it needs does not depend on how much there is."
            ),
            "Limit: times and values copied from one place in memory to another.",
        ],
    )


def _old(folder: Path, rng: np.random.Generator) -> tuple[float, float]:
    """Give what 20 days and a year cost in HDF5 files [s]."""
    old = Hdf5(folder, STEP_US)
    for number in range(OLD_MONTHS):
        rows = np.arange(_rows(number), _rows(number + 1))
        old.append(to_us(START) + rows * STEP_US, _values(rows, rng))
    held = old.rows * STEP_US
    days, year = (old_median(old.fetch, to_us(START), held, n * DAY_US, rng) for n in (20, 365))
    return days, year


def _words(months: int) -> str:
    return "a month" if months == 1 else "a year" if months == 12 else f"{months // 12} years"


def _rows(months: int) -> int:
    """Give how many rows come before the end of a number of months."""
    end = np.datetime64(START, "M") + months
    return int(-(-(to_us(str(end.astype("M8[D]"))) - to_us(START)) // STEP_US))


def _fill(site: Path, months: int, rng: np.random.Generator) -> tuple[float, float]:
    """Append up to a number of months; gives the median of appending one, and of keeping its statistics [s]."""
    taken = []
    with create_archive(site) as archive:
        column = Column(name=CHANNEL, unit="deg_C", description="CCD temperature", dtype="f4")
        series = archive.series.create(NAME, {CHANNEL: column})
        extent = series.extent
        held = 0 if extent is None else (to_us(extent[1]) - to_us(START)) // STEP_US + 1
        first = next(number for number in range(months + 1) if _rows(number) >= held)
        for number in range(first, months):
            rows = np.arange(_rows(number), _rows(number + 1))
            values = _values(rows, rng)
            times = to_us(START) + rows * STEP_US
            taken.append(seconds(lambda times=times, values=values: series.append({"time": times, CHANNEL: values})))
        kept = seconds(series.summarise) / (months - first)
    return float(np.median(taken)), kept


def _values(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    day = rows * (STEP_US / DAY_US)
    wave = -14 + 1.5 * np.sin(2 * np.pi * day / 28) + 0.8 * np.sin(2 * np.pi * day * 24 / 63.5)
    return np.asarray(np.round(wave + 0.05 * rng.standard_normal(len(rows), "f4"), 2), dtype="f4")


def _asked(site: Path, rng: np.random.Generator) -> dict[str, float]:
    with open_archive(site) as archive:
        series = archive.series[NAME]
        extent = series.extent
        if extent is None:
            raise SystemExit(f"Sought rows in {NAME}; there are none.")
        first, held = to_us(extent[0]), to_us(extent[1]) - to_us(extent[0])

        def timed(call: Callable[[Series, tuple[str, str]], object], length: Callable[[], int]) -> float:
            spans = [_span(first, held, min(length(), held // 2), rng) for _ in range(34)]
            return median(lambda: call(series, spans.pop()))

        edges = np.linspace(first, first + held, 2 * MONTHS[-1]).astype(np.int64)
        series.spans(
            CHANNEL, [(str(a), str(b)) for a, b in zip(*from_us(np.array([edges, edges + STEP_US])).isot, strict=True)]
        )
        whole = _span(first, held, held, rng)
        return {
            DAYS_20: timed(lambda of, span: of.fetch(CHANNEL, *span), lambda: 20 * DAY_US),
            YEAR: timed(lambda of, span: of.fetch(CHANNEL, *span), lambda: 365 * DAY_US),
            DAILY: median(lambda: series.fetch(CHANNEL, stat="daily")),
            DRAWN: timed(lambda of, span: of.draw(CHANNEL, *span), lambda: int(rng.integers(DAY_US, held))),
            ALL_DRAWN: median(lambda: series.draw(CHANNEL, *whole)),
        }


def _span(first: int, held: int, length: int, rng: np.random.Generator) -> tuple[str, str]:
    start = first + int(rng.integers(0, max(held - length, 1)))
    low, high = from_us(np.array([start, start + length])).isot
    return str(low), str(high)


def _copied(length: int) -> float:
    times, values = np.zeros(length // STEP_US, "i8"), np.zeros(length // STEP_US, "f4")
    return median(lambda: (times.copy(), values.copy()))
