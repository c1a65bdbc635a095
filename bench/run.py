"""Measure ours and the old way in the same run, and write docs/benchmarks.md.

Each part is measured in a process of its own, so that none warms or slows another.
"""

from __future__ import annotations

import argparse
import multiprocessing
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import aca
import aca_years
import catalog
import cubes
import ingest
import stis
import telemetry
from page import Section, write

ROOT = Path(__file__).resolve().parent.parent
PARTS: dict[str, Callable[..., Section]] = {
    "cubes": cubes.measure,
    "telemetry": telemetry.measure,
    "catalog": catalog.measure,
    "ingest": ingest.measure,
    "stis": stis.measure,
    "aca": aca.measure,
    "aca-years": aca_years.measure,
}


def main() -> None:
    """Measure the parts asked for."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--only", default=",".join(PARTS), help="parts, parted by commas: %(default)s")
    asked.add_argument("--tenth", action="store_true", help="at a tenth of the size only, for a first look")
    asked.add_argument("--work", type=Path, default=ROOT / "bench-work", help="folder for what is measured on")
    asked.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page to write")
    given = asked.parse_args()
    numbers = ROOT / "bench" / ("tenth.json" if given.tenth else "results.json")
    for name in given.only.split(","):
        began = time.monotonic()
        print(f"{name} ...", flush=True)
        section = _apart(name, given.work / name, tenth=given.tenth)
        write({name: section}, given.page, numbers)
        for line in section.lines:
            print(f"  {line.what}: {line.ours[-1]:.6g} (old way {line.old}, met {line.met})")
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    shutil.rmtree(given.work, ignore_errors=True)


def _apart(name: str, work: Path, *, tenth: bool) -> Section:
    """Measure a part in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_measure, name, work, tenth).result()


def _measure(name: str, work: Path, tenth: bool) -> Section:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        return PARTS[name](work, tenth=tenth)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
