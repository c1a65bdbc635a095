"""Ingest: files with the structure of real ones, against opening them and reading their headers with astropy."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from astropy.io import fits
from isal import igzip

from longwatch.archive import create_archive
from longwatch.instruments.aca.simulate import many as many_aca
from longwatch.instruments.cos.simulate import many as many_cos
from page import Line, Section

FILES = 4000
WORKERS = 2
TURNS = 3
"""How often files are ingested, each time into an archive of its own."""


def measure(work: Path, *, tenth: bool) -> Section:
    """Ingest files at a tenth and at full size, and read the same files with astropy."""
    sizes = [FILES // 10] if tenth else [FILES // 10, FILES]
    os.environ["LONGWATCH_WORKERS"] = str(WORKERS)
    ours = []
    for size in sizes:
        many_cos(work / f"in-{size}" / "cos", size * 7 // 10, 4)
        many_aca(work / f"in-{size}" / "aca", size * 3 // 10, 4)
        os.sync()  # or what the simulators wrote is still being written while ingest waits for its own
        rates = [_ingested(work / f"site-{size}-{turn}", work / f"in-{size}", size) for turn in range(TURNS)]
        ours.append(float(np.median(rates)))
    files = sorted((work / f"in-{sizes[-1]}").rglob("*.gz"))
    alone = [_rate(read_headers, files, workers) for workers in (1, WORKERS)]
    limit = _rate(read_and_hash, files, WORKERS)
    size_mb = np.mean([len(igzip.decompress(path.read_bytes())) for path in files[::20]]) / 1e6
    return Section(
        title="Ingest of files with the structure of real ones",
        sizes=[f"{size:,} files" for size in sizes],
        lines=[
            Line(what=f"files stored, {WORKERS} workers", ours=ours, old=alone[1], limit=limit, target=300, rate=True),
        ],
        notes=[
            (
                f"40 % lampflash, 30 % level 0, 20 % rawacq and 10 % spt from the simulators, gzip, {size_mb:.2f} MB "
                "of content on average. Checked, hashed, copied, synced, committed; whole headers, keywords and rows "
                f"stored; the start of two workers included. The median of {TURNS} turns, the first of which also "
                "loads what workers need (1.3 s)."
            ),
            (
                f"Old way: astropy opens each file and reads all headers, and stores nothing: {alone[0]:,.0f} files "
                f"/ s in one process, {alone[1]:,.0f} in {WORKERS}."
            ),
            f"Limit: read, inflate and hash (SHA-256 of the file and of its content) in {WORKERS} processes.",
        ],
    )


def _ingested(site: Path, folder: Path, size: int) -> float:
    with create_archive(site) as archive:
        began = time.perf_counter()
        report = archive.ingest(folder)
        taken = time.perf_counter() - began
        if report.stored != size:
            raise SystemExit(f"Sought {size} stored files; there is {report}.")
        return size / taken


def _rate(read: Callable[[Path], object], files: list[Path], workers: int) -> float:
    """Give files per second."""
    if workers == 1:
        some = files[:: max(1, len(files) // 500)]
        began = time.perf_counter()
        for path in some:
            read(path)
        return len(some) / (time.perf_counter() - began)
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(read, files[:workers]))
        began = time.perf_counter()
        list(pool.map(read, files, chunksize=8))
        return len(files) / (time.perf_counter() - began)


def read_headers(path: Path) -> int:
    """Open a file with astropy and read every card."""
    with fits.open(path) as file:
        return sum(len(dict(zip(hdu.header.keys(), hdu.header.values(), strict=True))) for hdu in file)


def read_and_hash(path: Path) -> str:
    """Read, inflate and hash a file."""
    data = path.read_bytes()
    return hashlib.sha256(data).hexdigest() + hashlib.sha256(igzip.decompress(data)).hexdigest()
