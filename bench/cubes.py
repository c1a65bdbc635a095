"""Pixel properties: a cube of 1024 x 1024 pixels, 5 properties and 300 epochs, against a row a pixel in MariaDB."""

from __future__ import annotations

import gc
import mmap
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import mariadb
from longwatch.archive import Archive, create_archive, open_archive
from longwatch.cubes.cube import Cube
from longwatch.domain.column import Column
from page import Section, lines
from timing import evict, median, samples, seconds

SIDE = 1024
FLOATS = ("stability", "sci_mean", "err_mean", "readnoise")
NAMES = (*FLOATS, "nan_count")
EPOCHS = 300
OLD_EPOCHS = 5
BLOCK = 32
HOT = 2.5
"""Threshold in units of the noise: 0.6 % of the pixels lie above."""

ASKED = {
    "one pixel of one epoch": {"target": 0.5e-3},
    "a pixel's life, nothing mapped yet": {"target": 6e-3},
    "a pixel's life, warm": {"target": 1.5e-3},
    "an image, as a view": {"target": 1e-3},
    "an image, native": {"target": 3e-3, "target_ratio": 1000.0},
    "pixels above a threshold": {"target": 10e-3},
    "life of 32 x 32 pixels": {"target": 25e-3},
    "append an epoch": {"target": 0.25, "target_ratio": 50.0},
}


def images(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Give the properties of one epoch: noise, which does not compress."""
    found = {name: rng.standard_normal((SIDE, SIDE), dtype="f4") for name in FLOATS}
    return found | {"nan_count": rng.integers(0, 58, (SIDE, SIDE), dtype="i2")}


def measure(work: Path, *, tenth: bool) -> Section:
    """Fill a cube, ask it at a tenth and at full size, and ask MariaDB."""
    rng = np.random.default_rng(1)
    sizes = [EPOCHS // 10] if tenth else [EPOCHS // 10, EPOCHS]
    measured, appended = [], []
    for size in sizes:
        appended = _fill(work / "site", size, rng)
        measured.append(_ours(work / "site", size, rng) | {"append an epoch": float(np.median(appended[-20:]))})
    evicted = _evicted(work / "site", sizes[-1], rng)
    beside: dict[str, dict[str, float | bool]] = {what: dict(asked) for what, asked in ASKED.items()}
    limits = _limits(work / "site", sizes[-1], rng)
    old, loaded = _mariadb(work, rng)
    for what in beside:
        beside[what] |= {"limit": limits[what]} if what in limits else {}
        beside[what] |= {"old": old[what]} if what in old else {}
    shown = ", ".join(f"{what} {value * 1e3:.1f} ms" for what, value in evicted.items())
    return Section(
        title="Cubes: 1024 x 1024 pixels, 4 float32 and 1 int16 property",
        sizes=[f"{size} epochs" for size in sizes],
        lines=lines(measured, beside),
        notes=[
            (
                f"Old way: MariaDB with a row a pixel, {OLD_EPOCHS} epochs, all in memory (4 GB buffer pool), PyMySQL "
                f"and pandas. Its histories hold {OLD_EPOCHS} epochs, ours {sizes[-1]}. Appended by "
                f"`executemany` in two "
                f"halves; `LOAD DATA` needs {loaded:.1f} s (ratio {loaded / measured[-1]['append an epoch']:.0f}), "
                "without writing its text file."
            ),
            (
                "A pixel's life is every epoch and all 5 properties. Nothing mapped yet: the first question of its "
                "kind after opening, so every file is opened; the system has read the files before. A view is the "
                "stored bytes, big-endian, read when touched."
            ),
            "Append: hash, sync and commit included. Limit of an append: the same bytes into one file, synced.",
            f"With evicted page cache and nothing mapped, {sizes[-1]} epochs: {shown}.",
        ],
    )


def _fill(site: Path, size: int, rng: np.random.Generator) -> list[float]:
    with create_archive(site) as archive:
        if "lab.ccd" not in archive.cubes:
            columns = {name: Column(name=name, unit="", description=name, dtype="f4") for name in FLOATS}
            columns["nan_count"] = Column(name="nan_count", unit="", description="Rejected", dtype="i2")
            archive.cubes.create("lab.ccd", shape=(SIDE, SIDE), properties=columns)
        cube = archive.cubes["lab.ccd"]
        held = len(cube.epochs())
        return [_append(cube, number, images(rng)) for number in range(held + 1, size + 1)]


def _append(cube: Cube, number: int, given: dict[str, np.ndarray]) -> float:
    start, stop = f"{1990 + number // 12}-{number % 12 + 1:02}-01", f"{1990 + number // 12}-{number % 12 + 1:02}-28"
    return seconds(partial(cube.append, epoch=number, images=given, start=start, stop=stop))


def _ours(site: Path, size: int, rng: np.random.Generator) -> dict[str, float]:
    def at() -> tuple[int, int]:
        row, col = rng.integers(0, SIDE - BLOCK, 2).tolist()
        return row, col

    def epoch() -> int:
        return int(rng.integers(1, size + 1))

    def name() -> str:
        return str(rng.choice(FLOATS))

    def block() -> object:
        row, col = at()
        return cube.region((row, row + BLOCK), (col, col + BLOCK))

    for path in (site / "objects").rglob("*"):
        if path.is_file():
            path.read_bytes()  # the system may have let go of pages since they were written
    cold = float(np.median([first for first, _ in _fresh(site, at)]))
    with open_archive(site) as archive:
        cube = archive.cubes["lab.ccd"]
        return {
            "one pixel of one epoch": median(lambda: cube.pixel(*at(), epoch=epoch()), rounds=201, warm=50),
            "a pixel's life, nothing mapped yet": cold,
            "a pixel's life, warm": median(lambda: cube.pixel(*at()), rounds=201, warm=20),
            "an image, as a view": median(lambda: cube.image(name(), epoch=epoch(), view=True), rounds=201),
            "an image, native": median(lambda: cube.image(name(), epoch=epoch()), rounds=101, warm=20),
            "pixels above a threshold": median(lambda: cube.where(name(), epoch=epoch(), above=HOT), rounds=101),
            "life of 32 x 32 pixels": median(block, rounds=51),
        }


def _fresh(site: Path, at: partial[tuple[int, int]], *, rounds: int = 15) -> Iterator[tuple[float, Archive]]:
    """Ask for a pixel's life in an archive that was just opened and knows what it holds, but has not touched a file."""
    for _ in range(rounds):
        with open_archive(site) as archive:
            cube = archive.cubes["lab.ccd"]
            cube.epochs()
            yield seconds(lambda cube=cube: cube.pixel(*at())), archive
        gc.collect()


def _evicted(site: Path, size: int, rng: np.random.Generator) -> dict[str, float]:
    def ask(cube: Cube, what: str) -> object:
        row, col = rng.integers(0, SIDE - BLOCK, 2).tolist()
        epoch = int(rng.integers(1, size + 1))
        match what:
            case "a pixel's life":
                return cube.pixel(row, col)
            case "an image":
                return cube.image("sci_mean", epoch=epoch)
            case _:
                return cube.region((row, row + BLOCK), (col, col + BLOCK))

    found: dict[str, list[float]] = {"a pixel's life": [], "an image": [], "life of 32 x 32 pixels": []}
    for what, times in found.items():
        for _ in range(3):
            gc.collect()
            evict(site / "objects")
            with open_archive(site) as archive:
                archive.cubes["lab.ccd"].epochs()
                times.append(seconds(partial(ask, archive.cubes["lab.ccd"], what)))
    return {what: float(np.median(times)) for what, times in found.items()}


def _limits(site: Path, size: int, rng: np.random.Generator) -> dict[str, float]:
    """Read the same bytes without asking anybody where they are."""
    files = sorted(path for path in (site / "objects").rglob("*") if path.is_file() and path.stat().st_size > SIDE**2)
    opened = [os.open(path, os.O_RDONLY) for path in files[:size]]
    maps = [mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) for descriptor in opened]
    plane = 4 * SIDE**2
    planes = [2880 * (2 + number) + plane * number for number in range(4)]
    for descriptor in opened:
        os.pread(descriptor, 2**26, 0)

    def life() -> None:
        at = int(rng.integers(0, SIDE**2)) * 4
        for descriptor in opened:
            for start in (*planes, planes[-1] + plane):
                os.pread(descriptor, 4, start + at)

    def life_mapped() -> bytes:
        at = int(rng.integers(0, SIDE**2)) * 4
        places = [start + at for start in (*planes, planes[-1] + plane)]
        return b"".join([held[place : place + 4] for held in maps for place in places])

    def block() -> None:
        row, col = rng.integers(0, SIDE - BLOCK, 2).tolist()
        for held in maps:
            for start in planes:
                image = np.frombuffer(held, ">f4", SIDE**2, start).reshape(SIDE, SIDE)
                image[row : row + BLOCK, col : col + BLOCK].copy()

    def image() -> bytes:
        return os.pread(opened[rng.integers(len(opened))], plane, planes[int(rng.integers(4))])

    def native() -> np.ndarray:
        return np.frombuffer(maps[rng.integers(len(maps))], ">f4", SIDE**2, planes[1]).astype("f4")

    def threshold() -> np.ndarray:
        found = np.frombuffer(maps[rng.integers(len(maps))], ">f4", SIDE**2, planes[1]).astype("f4")
        return np.flatnonzero(found > HOT)

    def write() -> None:
        with (site / "limit").open("wb") as file:
            file.write(rng.bytes(1) + data)
            file.flush()
            os.fsync(file.fileno())

    data = os.urandom(plane * 4 + plane // 2)
    found = {
        "a pixel's life, nothing mapped yet": median(life, rounds=15),
        "a pixel's life, warm": median(life_mapped, rounds=15),
        "an image, as a view": median(image),
        "an image, native": median(native),
        "pixels above a threshold": median(threshold),
        "life of 32 x 32 pixels": median(block, rounds=15),
        "append an epoch": median(write, rounds=7),
    }
    (site / "limit").unlink()
    for descriptor in opened:
        os.close(descriptor)
    return found


def _mariadb(work: Path, rng: np.random.Generator) -> tuple[dict[str, float], float]:
    """Ask a row-a-pixel database the same; gives its times, and that of LOAD DATA."""

    def ask(query: str, *values: object) -> pd.DataFrame:
        with link.cursor() as cursor:
            cursor.execute(query, values)
            return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])

    def pixel() -> tuple[int, int]:
        row, col = rng.integers(0, SIDE - BLOCK, 2).tolist()
        return row, col

    def epoch() -> int:
        return int(rng.integers(1, OLD_EPOCHS + 1))

    def block() -> pd.DataFrame:
        row, col = pixel()
        return ask(f"{every} RowNum BETWEEN %s AND %s AND ColumnNum BETWEEN %s AND %s", row, row + 31, col, col + 31)

    every = "SELECT * FROM HAS_PROPERTIES_IN WHERE"
    one = "SELECT RowNum, ColumnNum, Sci_Mean FROM HAS_PROPERTIES_IN WHERE AnnealNumber = %s"
    with mariadb.server() as link:
        inserted = seconds(lambda: mariadb.insert(link, 1, images(rng)))
        text = work / "epoch.txt"
        loaded = [mariadb.load(link, number, images(rng), text) for number in range(2, OLD_EPOCHS + 1)]
        life = median(lambda: ask(f"{every} RowNum = %s AND ColumnNum = %s", *pixel()))
        found = {
            "one pixel of one epoch": median(
                lambda: ask(f"{every} AnnealNumber = %s AND RowNum = %s AND ColumnNum = %s", epoch(), *pixel())
            ),
            "a pixel's life, nothing mapped yet": life,
            "a pixel's life, warm": life,
            "an image, native": float(np.median(samples(lambda: ask(one, epoch()), rounds=3, warm=1))),
            "pixels above a threshold": median(lambda: ask(f"{one} AND Sci_Mean > %s", epoch(), HOT), rounds=5, warm=1),
            "life of 32 x 32 pixels": median(block, rounds=5, warm=1),
            "append an epoch": inserted,
        }
        return found | {"an image, as a view": found["an image, native"]}, float(np.median(loaded))
