"""Readers beside a writer see whole commits only; a second writer waits and says so; a guest may read."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from archive_state import check_sound
from longwatch.archive import create_archive, open_archive
from toy_instrument import TOY, ToyFile, write

TESTS = str(Path(__file__).parents[1])

WRITER = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from longwatch.archive import open_archive
from toy_instrument import TOY, ToyFile, write
site, folder, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
archive, number = open_archive(site, instruments=[TOY]), 0
while not (folder / "stop").exists() and number != rounds:
    number += 1
    write(folder, [ToyFile(key, number, ((h, 0, float(number)),), h + 1, float(number)) for h, key in enumerate("ab")])
    archive.ingest(folder)
print(number, flush=True)
"""
"""A pair of products in each commit, with equal version, value and level."""

READERS = """
import multiprocessing, sys, time
sys.path.insert(0, {tests!r})
from longwatch.archive import open_archive
from toy_instrument import CUBE, SERIES, TOY
site, seconds, readers = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
def look(view):
    found = view.products.find()
    versions = [str(v) for v in found["version"]]
    assert len(versions) == 2 and versions[0] == versions[1], versions
    values = view.series[SERIES].fetch(["value"])["value"].tolist()
    assert len(values) == 2 and values[0] == values[1] == float(versions[0]), (values, versions)
    levels = [float(view.cubes[CUBE].image("level", epoch=n)[0, 0]) for n in (1, 2)]
    assert levels == values, (levels, values)
    return versions, values, levels, view.products.data(kind="toy.file", key="a")
def newest(archive):
    return look(archive.at_commit(archive.catalog.head()))
def read(_number):
    archive, looks, stop = open_archive(site, read_only=True, instruments=[TOY]), 0, time.monotonic() + seconds
    pinned = archive.at_commit(archive.catalog.head())
    past, latest = look(pinned), 0.0
    while looks < 2 or time.monotonic() < stop:
        now = newest(archive)
        assert now[1][0] >= latest, "a reader went back in time"
        latest = now[1][0]
        assert look(pinned) == past, "a pinned commit changed"
        with open_archive(site, read_only=True, instruments=[TOY]) as again:
            assert newest(again)[1][0] >= latest
        looks += 1
    return looks
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(readers) as pool:
        print(min(pool.map(read, range(readers), chunksize=1)))
"""

GUEST = """
import os, sys
sys.path.insert(0, {tests!r})
from longwatch.archive import open_archive
from longwatch.errors import Refused
from toy_instrument import CUBE, SERIES, TOY
def look():
    archive = open_archive(sys.argv[1], instruments=[TOY])
    assert archive.cubes[CUBE].image("level", epoch=1)[0, 0] >= 0
    return archive, len(archive.products.find()), len(archive.series[SERIES].fetch())
look()  # now all modules are loaded, which this account may not be allowed to read
os.setgid(65534)
os.setuid(65534)
archive, products, rows = look()
print(products, rows)
try:
    archive.retract(kind="toy.file", key="a")
except Refused as error:
    print("refused:", error)
"""


def program(text: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-c", text.format(tests=TESTS), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def results(processes: list[subprocess.Popen[str]]) -> list[str]:
    said = [process.communicate(timeout=600) for process in processes]
    for process, (_, complaint) in zip(processes, said, strict=True):
        assert process.returncode == 0, complaint
    return [printed for printed, _ in said]


def filled(place: Path) -> Path:
    """An archive with one pair of products."""
    folder = place / "site"
    folder.mkdir()
    (folder / "longwatch.toml").write_text("batch_seconds = 60\nworkers = 1\n")
    with create_archive(folder, instruments=[TOY]) as archive:
        pair = [ToyFile(key, 0, ((h, 0, 0.0),), h + 1, 0.0) for h, key in enumerate("ab")]
        write(place / "in", pair)
        archive.ingest(place / "in")
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return filled(tmp_path)


def read_while_written(site: Path, incoming: Path, seconds: float) -> tuple[int, int]:
    """Let eight readers look while a writer works; gives its commits, and the least number of looks of a reader."""
    writer = program(WRITER, site, incoming, -1)
    readers = program(READERS, site, seconds, 8)
    readers.wait(seconds + 200)
    (incoming / "stop").touch()
    written, looks = results([writer, readers])
    return int(written), int(looks)


def test_readers_see_whole_commits_only(site: Path, tmp_path: Path) -> None:
    written, looks = read_while_written(site, tmp_path / "more", 5)
    assert written > 3
    assert looks > 1
    with open_archive(site, instruments=[TOY]) as archive:
        check_sound(archive)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_readers_see_whole_commits_only_for_two_minutes(site: Path, tmp_path: Path) -> None:
    written, looks = read_while_written(site, tmp_path / "more", 120)
    assert written > 50
    assert looks > 20
    with open_archive(site, instruments=[TOY]) as archive:
        check_sound(archive)


def test_a_second_writer_waits_and_says_for_whom(site: Path, tmp_path: Path) -> None:
    said: list[str] = []
    write(tmp_path / "more", [ToyFile("c", 1, ((5, 0, 1.0),), 1, 1.0)])
    inside, done = threading.Event(), threading.Event()

    def hold() -> None:
        with open_archive(site, instruments=[TOY]) as first, first.catalog.run("long work") as run:
            with first.catalog.change(run):
                inside.set()
                time.sleep(2)
            done.set()

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(30)
    with open_archive(site, instruments=[TOY], say=said.append) as second:
        assert second.ingest(tmp_path / "more").stored == 1
    assert done.wait(30)
    holder.join()
    assert len(said) == 1
    assert "long work" in said[0]
    assert f"process {os.getpid()}" in said[0]


def test_two_writers_lose_nothing(site: Path, tmp_path: Path) -> None:
    writers = [program(WRITER.replace('"ab"', repr(keys)), site, tmp_path / keys, 5) for keys in ("cd", "ef")]
    counts = [int(count) for count in results(writers)]
    with open_archive(site, instruments=[TOY]) as archive:
        found = archive.products.find(versions=True)
        for keys, count in zip(("cd", "ef"), counts, strict=True):
            assert [sum(found["key"] == key) for key in keys] == [count, count]
        check_sound(archive)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another account")
@pytest.mark.parametrize("beside_a_writer", [False, True])
def test_a_guest_reads_an_archive_it_may_not_write_to(*, beside_a_writer: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="longwatch-guest-") as name:
        place = Path(name)
        place.chmod(0o755)
        site = filled(place)
        if beside_a_writer:
            with open_archive(site, instruments=[TOY]) as writer:
                write(place / "more", [ToyFile("c", 1, ((5, 0, 1.0),), 1, 1.0)])
                writer.ingest(place / "more")
                said = results([program(GUEST, site)])[0]
        else:
            said = results([program(GUEST, site)])[0]
    assert said.startswith("3 3" if beside_a_writer else "2 2")
    assert "refused: " in said
