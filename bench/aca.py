"""ACA: a month of level-0 telemetry of eight slots, a gzip file an hour, against reading the same files each time."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from astropy.io import fits
from isal import igzip

from longwatch.archive import Archive, create_archive, open_archive
from longwatch.ingest.report import IngestReport
from longwatch.instruments.aca import aca_hdr3, aca_l0
from longwatch.instruments.aca.columns import IN_FILE
from longwatch.instruments.aca.l0_files import file_name, l0_file
from longwatch.instruments.aca.simulate import FIELD, PACKET_S, START, rows_of
from page import Section, lines
from timing import median, seconds

DAYS = 30
SLOTS = 8
DAY_S = 86_400.0
HOUR_PACKETS = 3512
STEP = {8: 4, 6: 2, 4: 1}
SMALL_HOUR = 6
"""Hour of the day in which all slots have 4x4 images."""
SIX = (3, 4, 5)
"""Slots with 6x6 images at other hours; the others have 8x8."""
SLOT = 0
INGEST = "ingest, files"
SLOT_DAYS = "aca_l0.MSID of a slot"
HEADER_3 = "aca_hdr3.MSID('ccd_temp'), two slots"
DAC = "aca_hdr3.MSID('dac'), one slot"
DAY = "get_slot_data of a day, all columns, 8x8 images"
DAY_6 = "get_slot_data of a day, all columns, 6x6 images"
HOUR = "get_aca_images of an hour, all slots"


def measure(work: Path, *, tenth: bool) -> Section:
    """Write files, ingest them, ask for their telemetry, and read the same files as it is done today."""
    days = DAYS // 10 if tenth else DAYS
    span_s = DAY_S * (20 if not tenth else 2)
    written = _write(work / "in", days)
    report, taken, peak = _ingested(work / "site", work / "in")
    os.sync()  # what is written to the disk meanwhile would be measured too
    ours = {INGEST: report.stored / taken}
    rng = np.random.default_rng(3)
    starts = partial(_start, rng, days)
    with open_archive(work / "site") as site:
        asked = _asked(site, starts, span_s)
        ours |= {what: median(call, rounds=31, warm=15) for what, call in asked.items()}
        segments = _segments(site)
    old = _old(work / "in", starts, span_s)
    beside: dict[str, dict[str, float | bool]] = {
        SLOT_DAYS: {"old": old[SLOT_DAYS], "limit": _limit(span_s), "target": 5e-3, "target_ratio": 1000},
        HEADER_3: {"old": old[HEADER_3], "target": 5e-3, "target_ratio": 1000},
        DAC: {"old": old[DAC]},
        DAY: {"old": old[DAY], "limit": _copied(), "target": 60e-3, "target_ratio": 50},
        HOUR: {"old": old[HOUR]},
    }
    rated = lines([{INGEST: ours.pop(INGEST)}], {}, rate=True)
    shown = f"{span_s / DAY_S:.0f} days"
    return Section(
        title=f"ACA image telemetry: {days} days of eight slots, a file an hour",
        sizes=[f"{report.stored:,} files, {report.rows / 1e6:.1f} million rows"],
        lines=rated + lines([ours], beside),
        notes=[
            (
                f"Files from the simulator: slots {', '.join(map(str, SIX))} 6x6, the others 8x8, one hour a day 4x4; "
                f"gzip {written / 1e6:,.0f} MB. "
                f"Ingested at {written / 1e6 / taken:.0f} MB / s of gzip with two workers, folding included; peak "
                f"memory of all processes {peak / 1e9:.2f} GB (each shared page counted once)."
            ),
            f"MSIDs are asked for {shown}; of 8x8 images that is a sample every 4.1 s. {segments}",
            (
                "Old way: each file of the span opened with astropy; for MSIDs TIME, QUALITY and the columns needed "
                "joined into masked arrays; for `get_slot_data` all columns put into a masked structured array; for "
                "`get_aca_images` that for each slot."
            ),
            "Limit: the same times and values, or rows, copied from one place in memory to another.",
        ],
    )


def _start(rng: np.random.Generator, days: int, length_s: float) -> float:
    return START + float(rng.uniform(0, days * DAY_S - length_s - 3600))


def _asked(site: Archive, start: Callable[[float], float], span_s: float) -> dict[str, Callable[[], object]]:
    def span(length_s: float) -> tuple[float, float]:
        first = start(length_s)
        return first, first + length_s

    return {
        SLOT_DAYS: lambda: aca_l0.MSID("TEMPCCD", SLOT, *span(span_s), archive=site),
        HEADER_3: lambda: aca_hdr3.MSID("ccd_temp", *span(span_s), archive=site),
        DAC: lambda: aca_hdr3.MSID("dac", *span(span_s), archive=site),
        DAY: lambda: aca_l0.get_slot_data(*span(DAY_S), SLOT, archive=site),
        DAY_6: lambda: aca_l0.get_slot_data(*span(DAY_S), SIX[0], archive=site),
        HOUR: lambda: aca_l0.get_aca_images(*span(3600.0), archive=site),
    }


def _segments(site: Archive) -> str:
    words = [f"{name} {re.sub('<|>', '', repr(site.series[name])).split(';')[0]}" for name in ("aca.l0",)]
    return f"Series: {words[0]}."


def _write(folder: Path, days: int) -> int:
    """Write the files in two processes; gives their bytes."""
    folder.mkdir(parents=True)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(partial(_write_hour, folder), range(24 * days), chunksize=8))


def _write_hour(folder: Path, hour: int) -> int:
    size, written = 0, 0
    for slot, spot in enumerate(FIELD):
        size = 4 if hour % 24 == SMALL_HOUR else 6 if slot in SIX else 8
        packets = np.arange(hour * HOUR_PACKETS, (hour + 1) * HOUR_PACKETS, STEP[size])
        rows = rows_of(replace(spot, size=size), packets, np.random.default_rng([hour, slot]))
        data = igzip.compress(l0_file(rows), 1, mtime=0)
        (folder / file_name(float(rows["end_integ_time"][0]) + PACKET_S, slot)).write_bytes(data)
        written += len(data)
    return written


def _ingested(site: Path, folder: Path) -> tuple[IngestReport, float, float]:
    os.environ["LONGWATCH_WORKERS"] = "2"
    with create_archive(site) as archive, _watched() as peak:
        began = time.perf_counter()
        report = archive.ingest(folder)
        taken = time.perf_counter() - began
    if report.stored != sum(1 for _ in folder.iterdir()):
        raise SystemExit(f"Sought every file stored; there is {report}.")
    return report, taken, max(peak)


@contextmanager
def _watched() -> Iterator[list[float]]:
    """Note the memory of this process and those it started, again and again [bytes]."""
    seen, ended = [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.3):
            seen.append(sum(map(_memory, _family(os.getpid()))))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def _family(process: int) -> list[int]:
    found = [process]
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        found += [one for child in path.read_text().split() for one in _family(int(child))]
    return found


def _memory(process: int) -> float:
    """Give the memory of a process, shared pages by its share [bytes]."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return float(found[1]) * 1024 if found else 0.0


def _old(folder: Path, start: Callable[[float], float], span_s: float) -> dict[str, float]:
    """Read the same files as it is done today; opening hundreds of them is measured once."""

    def files(slot: int, length_s: float) -> list[Path]:
        first = start(length_s)
        named = sorted(folder.glob(f"*_{slot}_img0.fits.gz"))
        begins = np.array([int(path.name[4:13]) for path in named])
        inside = (begins > first - 3600) & (begins < first + length_s)
        return [path for path, chosen in zip(named, inside, strict=True) if chosen]

    low, high = ["HD3TLM76", "HD3TLM77"], ["HD3TLM62", "HD3TLM63"]
    return {
        SLOT_DAYS: seconds(lambda: _joined(files(SLOT, span_s), ["TEMPCCD"])),
        HEADER_3: seconds(lambda: [_joined(files(6, span_s), low), _joined(files(7, span_s), high)]),
        DAC: seconds(lambda: _joined(files(7, span_s), low)),
        DAY: median(lambda: _slot_data(files(SLOT, DAY_S)), rounds=3, warm=1),
        HOUR: median(lambda: [_slot_data(files(slot, 3600.0)) for slot in range(SLOTS)], rounds=3, warm=1),
    }


def _joined(paths: Sequence[Path], names: Sequence[str]) -> dict[str, np.ma.MaskedArray]:
    parts: list[dict[str, np.ma.MaskedArray]] = []
    for path in paths:
        with fits.open(path) as file:
            table = file[1].data
            if table["IMGRAW"].shape[1] == 8:
                bad = np.asarray(table["QUALITY"]) != 0
                parts.append({name: np.ma.MaskedArray(table[name], bad) for name in ("TIME", *names)})
    return {name: np.ma.concatenate([part[name] for part in parts]) for name in parts[0]}


def _slot_data(paths: Sequence[Path]) -> np.ma.MaskedArray:
    """Put all columns into one masked structured array: masked is what a file does not have (spec 3.3)."""
    kinds = [*((column.name.upper(), column.dtype) for column in IN_FILE), ("IMGRAW", "f4", (64,))]
    kinds += [("IMGSIZE", "i4"), ("FILENAME", "U128")]
    parts = []
    for path in paths:
        with fits.open(path) as file:
            table = file[1].data
            rows = np.ma.zeros(len(table), dtype=kinds)
            rows.mask = True
            for name in table.names:
                if name == "IMGRAW":
                    size = table[name].shape[1]
                    place = (8 * np.arange(size)[:, None] + np.arange(size)).ravel()
                    image = rows["IMGRAW"]
                    image[:, place] = table[name].reshape(len(table), -1)
                    rows["IMGRAW"] = image
                else:
                    rows[name] = table[name]
            rows["IMGSIZE"], rows["FILENAME"] = size, path.name
            parts.append(rows)
    return np.ma.concatenate(parts)


def _limit(span_s: float) -> float:
    """Copy times and values of a span."""
    times, values = np.arange(int(span_s / 4.1), dtype="f8"), np.zeros(int(span_s / 4.1), "f4")
    return median(lambda: (times.copy(), values.copy()))


def _copied() -> float:
    """Copy rows of a day."""
    rows = np.zeros(int(DAY_S / 4.1), np.dtype([("row", "u1", 395), ("mask", "u1", 113)]))
    return median(rows.copy)
