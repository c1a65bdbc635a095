"""The catalogue: a million products on SQLite, and 100,000 unchanged files, against one plain table."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from longwatch.archive import Archive, create_archive, open_archive
from longwatch.catalog.sources import STORED, SeenFile, note_seen
from longwatch.catalog.versions import NewVersion
from longwatch.domain.product import Identity
from longwatch.domain.times import from_us, to_us
from longwatch.ingest.walk import state_of
from longwatch.products.arrival import Arrival, add_arrivals
from page import Section, lines
from timing import p95, seconds

PRODUCTS = 1_000_000
FILES = 100_000
BATCH = 5000
FOLDER_FILES = 1000
KINDS = ("cos.lampflash", "cos.rawacq", "cos.spt", "aca.l0")
ELEMENTS = ("G130M", "G160M", "G140L", "G185M", "G225M", "G285M", "G230L", "MIRRORA")
FIRST_US = to_us("2000-01-01")
STEP_US = 25 * 365 * 86_400_000_000 // PRODUCTS
DAY_US = 86_400_000_000

IDENTITY = "a product by its identity, p95"
OVERLAP = "products of a kind that overlap a day, p95"
NEWEST = "newest 100 of a kind with two keywords, p95"
LATEST = "the version that answers, p95"
RESCAN = "ingest a folder of unchanged files again"

OLD_TABLE = """
CREATE TABLE files (id INTEGER PRIMARY KEY, kind, key, version, name, sha256, size, t_min, t_max, path, header);
"""
OLD_INDEXES = "CREATE INDEX a ON files (kind, key); CREATE INDEX b ON files (t_min); CREATE INDEX c ON files (t_max)"


def measure(work: Path, *, tenth: bool) -> Section:
    """Fill a catalogue, ask it at a tenth and at full size, and ask one plain table."""
    rng = np.random.default_rng(3)
    sizes = [(PRODUCTS // 10, FILES // 10)] if tenth else [(PRODUCTS // 10, FILES // 10), (PRODUCTS, FILES)]
    measured: list[dict[str, float]] = []
    for products, files in sizes:
        _fill(work / "site", products)
        found = _ours(work / "site", products, rng)
        measured.append(found | {RESCAN: _rescan(work / f"site-{files}", work / f"files-{files}", files)})
    old = _plain_table(work, sizes[-1][0], rng) | {RESCAN: seconds(lambda: _hash_all(work / f"files-{sizes[-1][1]}"))}
    limit = seconds(lambda: _stat_all(work / f"files-{sizes[-1][1]}"))
    beside = {what: {"old": old[what], "target": 20e-3} for what in (IDENTITY, OVERLAP, NEWEST, LATEST)}
    beside[RESCAN] = {"old": old[RESCAN], "limit": limit, "target": 10.0}
    return Section(
        title="Catalogue on SQLite",
        sizes=[f"{products:,} products, {files:,} files" for products, files in sizes],
        lines=lines(measured, beside),
        notes=[
            (
                "Ours: `archive.products.find` and `.version`, the Table with its times included. Products and "
                f"keywords were made in bulk, {BATCH:,} a commit, 5 % of the products in two versions, without "
                f"raw headers."
            ),
            (
                "Old way: one SQLite table of files with their header as JSON, indexes on identity, start and stop, "
                "read into tuples; its overlap asks `t_max > start AND t_min < stop`, its keywords are read "
                "from the JSON."
            ),
            (
                "Unchanged files: small files in folders of 1,000, noted as seen in bulk, then "
                "`archive.ingest(folder)`. Old way: read and hash each; limit: list the folders and ask for the "
                "state of each file."
            ),
        ],
    )


def _product(number: int) -> tuple[str, str, int, int, dict[str, str | int]]:
    """Give kind, key, span and keywords of a product; one in a thousand is long."""
    start = FIRST_US + number * STEP_US
    long = 30 * DAY_US if number % 1000 == 0 else (number * 7919 % 3600 + 60) * 1_000_000
    mixed = number * 2_654_435_761 // 2**12
    element = mixed % len(ELEMENTS)
    words = {
        "DETECTOR": "FUV" if element < 3 else "NUV",
        "OPT_ELEM": ELEMENTS[element],
        "CENWAVE": 1200 + mixed // 8 % 90,
    }
    return KINDS[number % len(KINDS)], f"l{np.base_repr(number, 36).lower():0>7}q", start, start + long, words


def _arrival(number: int, version: str) -> Arrival:
    kind, key, start, stop, words = _product(number)
    content = hashlib.sha256(f"{number} {version}".encode()).hexdigest()
    return Arrival(
        version=NewVersion(
            identity=Identity(kind.split(".", maxsplit=1)[0], kind, key),
            version=version,
            name=f"{key}.fits.gz",
            content=content,
            oid=content,
            size=50_000,
            path=f"/data/{number // 1000}/{key}.fits.gz",
            span=(start, stop),
        ),
        keywords=words,
    )


def _fill(site: Path, size: int) -> None:
    with create_archive(site) as archive:
        held = _held(archive)
        with archive.catalog.run("bench") as run:
            for begin in range(held, size, BATCH):
                new = [_arrival(number, "1") for number in range(begin, begin + BATCH)]
                new += [_arrival(number, "2") for number in range(begin, begin + BATCH, 20)]
                with archive.catalog.change(run) as change:
                    add_arrivals(change, new)


def _held(archive: Archive) -> int:
    with archive.catalog.read() as snapshot:
        found = snapshot.connection.exec_driver_sql("SELECT count(*) FROM products").scalar()
    return int(found or 0)


def _ours(site: Path, size: int, rng: np.random.Generator) -> dict[str, float]:
    def some() -> tuple[str, str, int]:
        kind, key, start, _, _ = _product(int(rng.integers(size)))
        return kind, key, start

    def overlap() -> object:
        kind, _, start = some()
        first, last = from_us(np.array([start, start + DAY_US]))
        return products.find(kind=kind, start=first, stop=last)

    def newest() -> object:
        kind, asked = _two_keywords(size, rng)
        wanted = {keyword.lower(): value for keyword, value in asked}
        return products.find(kind=kind, newest_first=True, limit=100, **wanted)

    with open_archive(site) as archive:
        products = archive.products
        return {
            IDENTITY: p95(lambda: products.find(kind=(one := some())[0], key=one[1])),
            OVERLAP: p95(overlap),
            NEWEST: p95(newest),
            LATEST: p95(lambda: products.version(kind=(one := some())[0], key=one[1])),
        }


def _two_keywords(size: int, rng: np.random.Generator) -> tuple[str, list[tuple[str, str | int]]]:
    """Give a kind and two keywords of one of its products: both frequent, or one of them rare."""
    kind, _, _, _, words = _product(int(rng.integers(size)))
    second = str(rng.choice(["DETECTOR", "CENWAVE"]))
    return kind, [("OPT_ELEM", words["OPT_ELEM"]), (second, words[second])]


def _rescan(site: Path, folder: Path, size: int) -> float:
    """Make files, note them as seen, and ingest them again [s]."""
    with create_archive(site) as archive:
        with archive.catalog.run("bench") as run:
            for part in _small_files(folder, size):
                states = [(str(path), state_of(path.stat())) for path in part]
                with archive.catalog.change(run) as change:
                    note_seen(change, [SeenFile(path=p, state=s, outcome=STORED, stamp="") for p, s in states])
        report = archive.ingest(folder)
        if report.unchanged != size:
            raise SystemExit(f"Sought {size} unchanged files; there is {report}.")
        return float(np.median([seconds(lambda: archive.ingest(folder)) for _ in range(3)]))


def _small_files(folder: Path, size: int) -> Iterator[list[Path]]:
    for number in range(size // FOLDER_FILES):
        below = folder / f"{number:04}"
        below.mkdir(parents=True)
        paths = [below / f"l{number:04}{file:03}q_lampflash.fits.gz" for file in range(FOLDER_FILES)]
        for path in paths:
            path.write_bytes(path.name.encode())
        yield paths


def _stat_all(folder: Path) -> int:
    return sum(entry.stat().st_size for below in os.scandir(folder) for entry in os.scandir(below.path))


def _hash_all(folder: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.gz")}


def _plain_table(work: Path, size: int, rng: np.random.Generator) -> dict[str, float]:
    """Ask one table of files, as pipelines keep it."""
    link = sqlite3.connect(work / "plain.db")
    link.executescript(OLD_TABLE)
    link.executemany("INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _plain_rows(size))
    link.executescript(OLD_INDEXES)
    every = "SELECT * FROM files WHERE"

    def ask(query: str, of: Callable[[str, str, int], tuple[object, ...]]) -> list[tuple[object, ...]]:
        kind, key, start, _, _ = _product(int(rng.integers(size)))
        return link.execute(query, of(kind, key, start)).fetchall()

    def newest() -> list[tuple[object, ...]]:
        kind, ((first, one), (second, two)) = _two_keywords(size, rng)
        keywords = f"json_extract(header, '$.{first}') = ? AND json_extract(header, '$.{second}') = ?"
        query = f"{every} kind = ? AND {keywords} ORDER BY t_min DESC LIMIT 100"
        return link.execute(query, (kind, one, two)).fetchall()

    found = {
        IDENTITY: p95(lambda: ask(f"{every} kind = ? AND key = ?", lambda kind, key, _: (kind, key))),
        OVERLAP: p95(
            lambda: ask(f"{every} t_max > ? AND t_min < ? AND kind = ?", lambda k, _, s: (s, s + DAY_US, k)), rounds=40
        ),
        NEWEST: p95(newest, rounds=40),
        LATEST: p95(
            lambda: ask(f"{every} kind = ? AND key = ? ORDER BY version DESC LIMIT 1", lambda kind, key, _: (kind, key))
        ),
    }
    link.close()
    return found


def _plain_rows(size: int) -> Iterator[tuple[object, ...]]:
    for number in range(size):
        kind, key, start, stop, words = _product(number)
        header = json.dumps(words | {f"CARD{card}": "a value" for card in range(30)})
        name = f"{key}.fits.gz"
        for version in ("1", "2") if number % 20 == 0 else ("1",):
            sha256, path = f"{number:064}", f"/data/{number // 1000}/{name}"
            yield kind, key, version, name, sha256, 50_000, start, stop, path, header
