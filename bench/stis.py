"""STIS pixels: a period derived from its darks, and the old pixel database's questions against MariaDB."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import pandas as pd

import mariadb
from longwatch.archive import create_archive, open_archive
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import declared, history
from longwatch.instruments.stis.derive import derive_period
from longwatch.instruments.stis.lives import hot_in, intermittent
from longwatch.instruments.stis.pixeldb import PixelDB
from longwatch.instruments.stis.simulate import FIRST, FULL_SIZE, Size, simulate_size
from page import Section, lines
from timing import median, samples, seconds

SIDE = 1024
SIZES = (12, 60, 300)
OLD_EPOCHS = 5
HOT_DN = 110.0
ASKED: dict[str, dict[str, float]] = {
    "derive a period: 58 darks of 1024 x 1024": {"target": 60.0},
    "query_pixel": {},
    "query_pixel_region, 30 pixels": {},
    "an image of a period": {},
    "history of a pixel": {"target": 5e-3},
    "pixels above a threshold": {},
    "insert a period (5 images)": {},
    "hot in 3 of the last 6 and intermittent, all pixels": {"target": 10.0},
}


def measure(work: Path, *, tenth: bool) -> Section:
    """Derive one period, fill a cube with periods, and ask it and MariaDB the same."""
    rng = np.random.default_rng(1)
    sizes = SIZES[:1] if tenth else SIZES
    derived = _derived(work / "darks", n_darks=6 if tenth else FULL_SIZE.n_darks)
    measured = []
    for size in sizes:
        inserted = _fill(work / "site", size, rng)
        measured.append({next(iter(ASKED)): derived["seconds"], **_ours(work / "site", size, rng, inserted)})
    beside = {what: dict(asked) for what, asked in ASKED.items()}
    beside[next(iter(ASKED))]["limit"] = derived["read"]
    for what, value in _mariadb(rng).items():
        beside[what]["old"] = value
    return Section(
        title="STIS pixel properties: 1024 x 1024 pixels",
        sizes=[f"{size} periods" for size in sizes],
        lines=lines(measured, beside),
        notes=[
            (
                f"Deriving: {derived['bytes'] / 1e6:.0f} MB of FLT files, "
                f"{derived['bytes'] / 1e6 / derived['seconds']:.0f} MB/s, peak {derived['peak'] / 1e9:.2f} GB (mapped "
                "files included). Its limit is reading the same files once."
            ),
            f"Old way: MariaDB with a row a pixel, {OLD_EPOCHS} periods, all in memory; its histories hold as many.",
        ],
    )


def _derived(work: Path, *, n_darks: int) -> dict[str, float]:
    """Derive one full period in a process of its own, for its peak of memory."""
    whole = slice(0, SIDE)
    size = Size(rows=whole, cols=whole, n_periods=1, n_dark_periods=1, n_darks=n_darks)
    simulate_size(work, seed=1, size=size, csv=False)
    with create_archive(work / "site") as archive:
        archive.ingest(work / "darks", *work.glob("*.csv"))
    files = sorted((work / "darks").iterdir())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        taken, peak = pool.submit(_derive, work / "site").result()
    return {
        "seconds": taken,
        "peak": peak,
        "bytes": float(sum(path.stat().st_size for path in files)),
        "read": seconds(lambda: [path.read_bytes() for path in files]),
    }


def _derive(site: Path) -> tuple[float, float]:
    with open_archive(site) as archive:
        taken = seconds(lambda: derive_period(archive, FIRST))
    return taken, getrusage(RUSAGE_SELF).ru_maxrss * 1024.0


def _images(rng: np.random.Generator) -> dict[str, np.ndarray]:
    hot = np.where(rng.random((SIDE, SIDE)) < 0.04, rng.exponential(300, (SIDE, SIDE)), 0.0)
    floats = {
        "stability": rng.chisquare(4, (SIDE, SIDE)) / 4,
        "sci_mean": rng.normal(31, 8, (SIDE, SIDE)) + hot,
        "err_mean": rng.normal(8.7, 0.5, (SIDE, SIDE)),
        "readnoise": rng.normal(6.8, 0.2, (SIDE, SIDE)),
    }
    kept = {name: image.astype("f8" if name == "stability" else "f4") for name, image in floats.items()}
    return kept | {"nan_count": rng.integers(0, 5, (SIDE, SIDE), dtype="i2")}


def _fill(site: Path, size: int, rng: np.random.Generator) -> float:
    with create_archive(site) as archive:
        archive.writer.declare(declared.CUBES[0])
        cube, taken = archive.cubes[c.CUBE], []
        for number in range(len(cube.epochs()) + 1, size + 1):
            start, stop = (np.datetime64("1997-03-01") + 28 * (number + i) for i in (0, 1))
            taken.append(seconds(partial(cube.append, epoch=number, images=_images(rng), start=start, stop=stop)))
    return float(np.median(taken[-20:]))


def _ours(site: Path, size: int, rng: np.random.Generator, inserted: float) -> dict[str, float]:
    def at() -> tuple[int, int]:
        row, col = rng.integers(0, SIDE - 8, 2).tolist()
        return row, col

    def number() -> int:
        return int(rng.integers(1, size + 1))

    def region() -> object:
        row, col = at()
        return database.query_pixel_region((row, row + 4), (col, col + 5), anneal_num=number())

    def predicate() -> int:
        book = history.watch(archive, cube=c.CUBE).book
        return int((hot_in(book, at_least=3, last=6) & intermittent(book)).sum())

    with open_archive(site) as archive:
        database, cube = PixelDB(archive), archive.cubes[c.CUBE]
        return {
            "query_pixel": median(lambda: database.query_pixel(*at(), anneal_num=number()), rounds=51),
            "query_pixel_region, 30 pixels": median(region, rounds=51),
            "an image of a period": median(lambda: cube.image("sci_mean", number()), rounds=51),
            "history of a pixel": median(lambda: cube.pixel(*at()), rounds=101, warm=20),
            "pixels above a threshold": median(lambda: cube.where("sci_mean", epoch=number(), above=HOT_DN), rounds=31),
            "insert a period (5 images)": inserted,
            "hot in 3 of the last 6 and intermittent, all pixels": median(predicate, rounds=3, warm=0),
        }


def _mariadb(rng: np.random.Generator) -> dict[str, float]:
    def ask(query: str, *values: object) -> pd.DataFrame:
        with link.cursor() as cursor:
            cursor.execute(query, values)
            return pd.DataFrame(cursor.fetchall(), columns=[column[0] for column in cursor.description])

    def at() -> tuple[int, int, int]:
        number, (row, col) = int(rng.integers(1, OLD_EPOCHS + 1)), rng.integers(0, SIDE - 8, 2).tolist()
        return number, row, col

    def region() -> pd.DataFrame:
        number, row, col = at()
        return ask(
            f"{one} AND RowNum BETWEEN %s AND %s AND ColumnNum BETWEEN %s AND %s", number, row, row + 4, col, col + 5
        )

    every = "SELECT * FROM HAS_PROPERTIES_IN WHERE"
    one = f"{every} AnnealNumber = %s"
    image = "SELECT RowNum, ColumnNum, Sci_Mean FROM HAS_PROPERTIES_IN WHERE AnnealNumber = %s"
    with mariadb.server() as link:
        inserted = []
        for number in range(1, OLD_EPOCHS + 1):
            images = _images(rng)
            began = time.perf_counter()
            mariadb.insert(link, number, images)
            inserted.append(time.perf_counter() - began)
        return {
            "query_pixel": median(lambda: ask(f"{one} AND RowNum = %s AND ColumnNum = %s", *at())),
            "query_pixel_region, 30 pixels": median(region),
            "an image of a period": float(np.median(samples(lambda: ask(image, at()[0]), rounds=3, warm=1))),
            "history of a pixel": median(lambda: ask(f"{every} RowNum = %s AND ColumnNum = %s", *at()[1:])),
            "pixels above a threshold": median(
                lambda: ask(f"{image} AND Sci_Mean > %s", at()[0], HOT_DN), rounds=5, warm=1
            ),
            "insert a period (5 images)": float(np.median(inserted)),
        }
