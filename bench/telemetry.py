"""Telemetry: 40 channels every 32.8 s over 25 years, against gzip FITS files and one HDF5 file a channel."""

from __future__ import annotations

import gc
import gzip
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np
import tables
from astropy.io import fits

from longwatch.archive import create_archive, open_archive
from longwatch.domain.column import Column
from longwatch.domain.times import from_us, to_us
from longwatch.instruments.aca.l0_files import l0_file
from longwatch.instruments.aca.simulate import FIELD, rows_of
from longwatch.series.series import Series
from page import Section, lines
from timing import evict, median, samples, seconds

CHANNELS = 40
STEP_US = 32_800_000
YEARS = 25
START = "2000-01-01"
DAY_US = 86_400_000_000
YEAR_US = int(365.25 * DAY_US)
FEW_DAYS = 20
FILE_PACKETS = 196 * 32
"""Packets of 1.025 s in one level-0 file: 1.8 hours."""
FILE_ROWS = 196
"""Rows of 32.8 s in one such file."""
SHORT_US = 300_000_000
SHORT = 1000
NAMES = [f"ch{number:02}" for number in range(CHANNELS)]

DAYS_20 = "20 days of a channel"
HEADER_3 = "20 days of a channel, against gzip FITS"
YEAR = "a year of a channel"
SPANS = "1,000 spans of 5 minutes"
MONTH = "append a month of 40 channels"
SUMMARISED = "statistics of a channel made, all months"
DAILY = "daily statistics of a channel, all years"
DRAWN = "any span of a channel in 2,000 points"
DRAWN_P99 = "any span of a channel in 2,000 points, p99"


def measure(work: Path, *, tenth: bool) -> Section:
    """Fill a series, ask it at a tenth and at full size, and ask FITS and HDF5 files."""
    rng = np.random.default_rng(2)
    years = [YEARS / 10] if tenth else [YEARS / 10, YEARS]
    first_us = to_us(START)
    measured, old = [], Hdf5(work / "hdf5")
    for size in years:
        appended = _fill(work / "site", old, int(size * YEAR_US / STEP_US), rng)
        measured.append(_ours(work / "site", first_us, int(size * YEAR_US), rng) | {MONTH: appended})
    span_us = int(years[-1] * YEAR_US)
    evicted = _evicted(work / "site", first_us, span_us, rng)
    limits = _limits(old, first_us, span_us, rng)
    from_fits = _from_fits(work / "fits", rng)
    lengths = FEW_DAYS * DAY_US, min(YEAR_US, span_us // 2)
    days, year = (old_median(old.fetch, first_us, span_us, length, rng) for length in lengths)
    bare_days, bare_year = (old_median(old.fetch_bare, first_us, span_us, length, rng) for length in lengths)
    beside: dict[str, dict[str, float | bool]] = {
        DAYS_20: {"old": days, "target": 4e-3, "target_ratio": 10},
        HEADER_3: {"old": from_fits, "target_ratio": 1000},
        YEAR: {"old": year, "target": 30e-3, "target_ratio": 10},
        SPANS: {"old": _old_spans(old.fetch, first_us, span_us, rng), "target": 0.5},
        DAILY: {"target": 20e-3},
        DRAWN: {"target": 50e-3},
        DRAWN_P99: {"target": 50e-3},
    }
    for what, limit in limits.items():
        beside[what]["limit"] = limit
    shown = ", ".join(f"{what} {value * 1e3:.1f} ms" for what, value in evicted.items())
    files = int(FEW_DAYS * 86400 / (FILE_PACKETS * 1.025))
    return Section(
        title=f"Telemetry: {CHANNELS} channels every 32.8 s",
        sizes=[f"{size:g} years, {size * YEAR_US / STEP_US / 1e6:.1f} million rows" for size in years],
        lines=lines(measured, beside),
        notes=[
            (
                "Ours: `archive.series[...].fetch` and `.spans`, time and channel in a Table; filled by the public "
                "`append`, a month at a time."
            ),
            (
                f"Old ways: {files} gzip FITS files of 1.8 hours with the structure of real level-0 telemetry, opened "
                "with astropy, five columns joined into masked arrays as decoders of header 3 do; and HDF5, a file a "
                "channel with its quality and one of times (PyTables, zlib 5), two files opened a question, rows found "
                "in an SQLite table of files, bad values left out."
            ),
            (
                f"The same HDF5 files read by h5py alone: {FEW_DAYS} days {bare_days * 1e3:.1f} ms, a year "
                f"{bare_year * 1e3:.1f} ms."
            ),
            "Statistics: `daily` and `draw`, from what `summarise` kept; 200 spans of all lengths from an hour on.",
            "Limit: binary search in a array of times in memory, and a copy of times and values.",
            f"With evicted page cache, in an archive just opened: {shown}.",
        ],
    )


def values(rows: slice, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Give all channels of some rows: slow waves of different periods, in steps of a converter."""
    day = np.arange(rows.start, rows.stop) * (STEP_US / DAY_US)
    return {
        name: (np.round(20 * np.sin(2 * np.pi * day / (1.5 + number)) + rng.standard_normal(len(day), "f4"), 1)).astype(
            "f4"
        )
        for number, name in enumerate(NAMES)
    }


Stored = h5py.Dataset | tables.EArray


class Hdf5:
    """Telemetry as it is kept today: one HDF5 file a channel and one of times, each with a quality beside its values.

    Written and read by PyTables, in chunks for twenty years of a sample every `step_us` microseconds; an SQLite table
    of the files that were taken in says which rows to read.
    """

    def __init__(self, folder: Path, step_us: int = STEP_US) -> None:
        folder.mkdir(parents=True)
        self.expected = 20 * YEAR_US // step_us
        self.paths = {name: folder / f"{name}.h5" for name in ("time", NAMES[0])}
        self.rows = 0
        self.files = sqlite3.connect(folder / "files.db")
        self.files.execute("CREATE TABLE files (first INTEGER PRIMARY KEY, last, row_start, row_stop)")

    def append(self, times: np.ndarray, channel: np.ndarray) -> None:
        """Add rows, an hour and three quarters a file."""
        for name, new in (("time", times), (NAMES[0], channel)):
            with tables.open_file(self.paths[name], "a", filters=tables.Filters(complevel=5, complib="zlib")) as file:
                for part, values in (("data", new), ("quality", np.zeros(len(new), bool))):
                    if part not in file.root:
                        atom = tables.Atom.from_dtype(values.dtype)
                        file.create_earray(file.root, part, atom, (0,), expectedrows=self.expected)
                    file.root[part].append(values)
        starts = np.arange(0, len(times), FILE_ROWS)
        stops = np.minimum(starts + FILE_ROWS, len(times))
        entries = (times[starts], times[stops - 1], starts + self.rows, stops + self.rows)
        found = zip(*(column.tolist() for column in entries), strict=True)
        self.files.executemany("INSERT INTO files VALUES (?, ?, ?, ?)", found)
        self.files.commit()
        self.rows += len(times)

    def fetch(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Give times and good values of a span."""
        low, high = self._near(start, stop)
        with tables.open_file(self.paths["time"]) as times, tables.open_file(self.paths[NAMES[0]]) as channel:
            return _good(times.root.data[low:high], channel.root.data, channel.root.quality, low, (start, stop))

    def fetch_bare(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the same by the thinner library h5py."""
        low, high = self._near(start, stop)
        with h5py.File(self.paths["time"]) as times, h5py.File(self.paths[NAMES[0]]) as channel:
            return _good(times["data"][low:high], channel["data"], channel["quality"], low, (start, stop))

    def _near(self, start: int, stop: int) -> tuple[int, int]:
        query = "SELECT row_start FROM files WHERE first <= ? ORDER BY first DESC LIMIT 1"
        ((low,),) = self.files.execute(query, (start,))
        query = "SELECT row_stop FROM files WHERE first < ? ORDER BY first DESC LIMIT 1"
        ((high,),) = self.files.execute(query, (stop,))
        return low, high

    def values(self) -> tuple[np.ndarray, np.ndarray]:
        """Give all times and values."""
        with h5py.File(self.paths["time"]) as times, h5py.File(self.paths[NAMES[0]]) as channel:
            return times["data"][:], channel["data"][:]


def _good(
    near: np.ndarray, channel: Stored, quality: Stored, low: int, span: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Cut times and values to a span, without bad values."""
    begin, end = np.searchsorted(near, span).tolist()
    good = ~quality[low + begin : low + end]
    return near[begin:end][good], channel[low + begin : low + end][good]


def _fill(site: Path, old: Hdf5, rows: int, rng: np.random.Generator) -> float:
    """Append months until there are so many rows; gives what a month costs [s]."""
    taken = []
    with create_archive(site) as archive:
        columns = {name: Column(name=name, unit="V", description=f"Channel {name}", dtype="f4") for name in NAMES}
        series = archive.series.create("lab.telemetry", columns)
        extent = series.extent
        held = 0 if extent is None else (to_us(extent[1]) - to_us(START)) // STEP_US + 1
        for part in _months(held, rows):
            times = to_us(START) + np.arange(part.start, part.stop) * STEP_US
            data = values(part, rng)
            old.append(times, data[NAMES[0]])
            taken.append(seconds(lambda times=times, data=data: series.append({"time": times, **data})))
    return float(np.median(taken))


def _months(held: int, rows: int) -> Iterator[slice]:
    """Give the rows of one calendar month after the other."""
    begin, month = held, np.datetime64(START, "M")
    while begin < rows:
        month += 1
        end = min(-((to_us(START) - to_us(month.astype("M8[us]"))) // STEP_US), rows)
        if end > begin:
            yield slice(begin, end)
            begin = end


def _ours(site: Path, first: int, held: int, rng: np.random.Generator) -> dict[str, float]:
    year = min(YEAR_US, held // 2)
    with open_archive(site) as archive:
        series = archive.series["lab.telemetry"]
        series.fetch(NAMES[0])  # a warm process knows where its segments are
        days = _median(lambda: _fetch(series, _span(first, held, FEW_DAYS * DAY_US, rng), rng), 101)
        return {
            DAYS_20: days,
            HEADER_3: days,
            YEAR: _median(lambda: _fetch(series, _span(first, held, year, rng), rng), 31),
            SPANS: _median(lambda: _spans(series, _short(first, held, rng)), 5),
            SUMMARISED: seconds(lambda: series.summarise(NAMES[0])),
            DAILY: _median(lambda: seconds(lambda: series.daily(NAMES[0])), 15),
            **_drawn(series, first, held, rng),
        }


def _drawn(series: Series, first: int, held: int, rng: np.random.Generator) -> dict[str, float]:
    """Draw spans of all lengths from an hour to everything, each anywhere; none is asked twice."""
    lengths = np.exp(rng.uniform(np.log(3.6e9), np.log(held - 1), 200)).astype(np.int64)
    spans = [_span(first, held, int(length), rng) for length in lengths]
    texts = [(str(start), str(stop)) for start, stop in from_us(np.array(spans)).isot]
    taken = [seconds(lambda span=span: series.draw(NAMES[0], *span)) for span in texts]
    return {DRAWN: float(np.median(taken)), DRAWN_P99: float(np.percentile(taken, 99))}


def _fetch(series: Series, span: tuple[int, int], rng: np.random.Generator) -> float:
    start, stop = from_us(np.array(span)).isot
    name = NAMES[rng.integers(CHANNELS)]
    return seconds(lambda: series.fetch(name, start, stop))


def _spans(series: Series, asked: Sequence[tuple[int, int]]) -> float:
    texts = [(str(start), str(stop)) for start, stop in from_us(np.array(asked)).isot]
    return seconds(lambda: series.spans("ch00", texts))


Fetch = Callable[[int, int], tuple[np.ndarray, np.ndarray]]


def old_median(fetch: Fetch, first: int, held: int, length: int, rng: np.random.Generator) -> float:
    """Give what a span of some length costs the old way [s]."""
    return median(lambda: fetch(*_span(first, held, length, rng)), rounds=15)


def _old_spans(fetch: Fetch, first: int, held: int, rng: np.random.Generator) -> float:
    """Give what many short spans cost the old way [s]."""
    return float(np.median(samples(lambda: [fetch(*span) for span in _short(first, held, rng)], rounds=3, warm=1)))


def _median(timed: Callable[[], float], rounds: int) -> float:
    return float(np.median([timed() for _ in range(rounds + 3)][3:]))


def _span(first: int, held: int, length: int, rng: np.random.Generator) -> tuple[int, int]:
    start = first + int(rng.integers(0, held - length))
    return start, start + length


def _short(first: int, held: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    return [_span(first, held, SHORT_US, rng) for _ in range(SHORT)]


def _evicted(site: Path, first: int, held: int, rng: np.random.Generator) -> dict[str, float]:
    found: dict[str, list[float]] = {DAYS_20: [], YEAR: []}
    for what, times in found.items():
        length = FEW_DAYS * DAY_US if what == DAYS_20 else min(YEAR_US, held // 2)
        for _ in range(3):
            gc.collect()
            evict(site / "objects")
            with open_archive(site) as archive:
                series = archive.series["lab.telemetry"]
                repr(series)
                times.append(_fetch(series, _span(first, held, length, rng), rng))
    return {what: float(np.median(times)) for what, times in found.items()}


def _limits(old: Hdf5, first: int, held: int, rng: np.random.Generator) -> dict[str, float]:
    """Copy the same values out of arrays that lie in memory."""
    times, channel = old.values()

    def copy(span: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        begin, end = np.searchsorted(times, span).tolist()
        return times[begin:end].copy(), channel[begin:end].copy()

    days = median(lambda: copy(_span(first, held, FEW_DAYS * DAY_US, rng)))
    year = min(YEAR_US, held // 2)
    return {
        DAYS_20: days,
        HEADER_3: days,
        YEAR: median(lambda: copy(_span(first, held, year, rng))),
        SPANS: median(lambda: [copy(span) for span in _short(first, held, rng)], rounds=5),
    }


def _from_fits(folder: Path, rng: np.random.Generator) -> float:
    """Read five columns of level-0 files of 20 days, as decoders of header-3 telemetry do [s]."""
    folder.mkdir()
    files = int(FEW_DAYS * 86400 / (FILE_PACKETS * 1.025))
    for number in range(files):
        packets = np.arange(number * FILE_PACKETS, (number + 1) * FILE_PACKETS, 4)
        with gzip.open(folder / f"{number:04}.fits.gz", "wb", compresslevel=1) as file:
            file.write(l0_file(rows_of(FIELD[0], packets, rng)))
    return median(lambda: _joined(sorted(folder.iterdir())), rounds=3, warm=1)


def _joined(paths: list[Path]) -> dict[str, np.ma.MaskedArray]:
    parts: list[dict[str, np.ma.MaskedArray]] = []
    for path in paths:
        with fits.open(path) as file:
            table = file[1].data
            bad = np.asarray(table["QUALITY"]) != 0
            wanted = ("TIME", "MJF", "MNF", "HD3TLM62", "HD3TLM63")
            parts.append({name: np.ma.MaskedArray(table[name], bad) for name in wanted})
    return {name: np.ma.concatenate([part[name] for part in parts]) for name in parts[0]}
