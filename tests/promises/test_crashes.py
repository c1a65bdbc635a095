"""A killed ingest: what was committed is whole, nothing half is visible, and running again goes on."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from archive_state import Answers, answers, brought, check_files, check_sound, rows
from longwatch.archive import create_archive, open_archive
from longwatch.instruments.aca.simulate import many as aca_files
from longwatch.instruments.cos.simulate import simulate as cos_files
from longwatch.instruments.stis.simulate import simulate as stis_files

SEED = 20261121
KILLS = 2
"""An archive is killed so often before it may end."""

COMMITS = 12
"""At least so many batches the files make."""

PROGRAM = """
import sys
from longwatch.archive import open_archive
archive = open_archive(sys.argv[1])
archive.plugins
print("ready", flush=True)
archive.ingest(sys.argv[2], progress=lambda settled, found: print(settled, flush=True))
"""


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("incoming")
    cos_files(folder / "cos", seed=SEED, small=True)
    stis_files(folder / "stis", seed=SEED, small=True)
    aca_files(folder / "aca", 60, SEED)
    (folder / "aca" / "cut.fits").write_bytes(next((folder / "aca").rglob("*.gz")).read_bytes()[:-100])
    return folder


@pytest.fixture(scope="module")
def undisturbed(incoming: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Answers, set]:
    """Answers of an archive nobody killed, and what each version brought."""
    site = new_site(tmp_path_factory.mktemp("undisturbed"))
    with started(site, incoming) as process:
        assert len(process.stdout.readlines()) > COMMITS
    assert process.returncode == 0
    with open_archive(site, read_only=True) as archive:
        check_sound(archive)
        return answers(archive), brought(archive)


def new_site(folder: Path) -> Path:
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "longwatch.toml").write_text("batch_files = 8\nworkers = 2\n")
    create_archive(site).close()
    return site


def started(site: Path, incoming: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(site), str(incoming)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def killed(site: Path, incoming: Path, commits: int, after_s: float) -> bool:
    """Start an ingest and kill it some time after so many commits; tell whether it was still at work."""
    with started(site, incoming) as process:
        for _ in range(commits):
            process.stdout.readline()
        time.sleep(after_s)
        process.kill()
    return process.returncode == -signal.SIGKILL


def check_nothing_half(site: Path, whole: Answers, whole_brought: set) -> None:
    with open_archive(site, read_only=True) as archive:
        check_sound(archive)
        check_files(archive)
        here = answers(archive)
        assert set(here["products"]) <= set(whole["products"])
        assert set(here["quarantine"]) <= set(whole["quarantine"])
        contents = {name[2] for name in brought(archive)}
        assert brought(archive) == {name for name in whole_brought if name[2] in contents}
        for name, found in rows(archive).items():
            assert set(found) <= set(whole["rows"][name])
        for name, found in here["planes"].items():
            assert set(found) <= set(whole["planes"][name])


def kill_at(moments: Sequence[tuple[int, float]], incoming: Path, folder: Path, undisturbed) -> None:
    """Kill ingests so many commits and seconds after their beginning; now and then let one end, and compare."""
    whole, whole_brought = undisturbed
    at_work = 0
    for number, (commits, after_s) in enumerate(moments):
        if number % KILLS == 0:
            site = new_site(folder / str(number))
        at_work += killed(site, incoming, commits, after_s)
        check_nothing_half(site, whole, whole_brought)
        if number % KILLS == KILLS - 1:
            with open_archive(site) as archive:
                archive.ingest(incoming)
                check_sound(archive)
                assert answers(archive) == whole
                assert brought(archive) == whole_brought
    assert at_work > len(moments) // 2


def moments(seed: int, count: int) -> list[tuple[int, float]]:
    seeded = random.Random(seed)
    return [(seeded.randrange(COMMITS // KILLS), seeded.uniform(0, 0.3)) for _ in range(count)]


def test_an_ingest_may_be_killed_at_any_moment(incoming: Path, tmp_path: Path, undisturbed) -> None:
    kill_at(moments(SEED, 4), incoming, tmp_path, undisturbed)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_an_ingest_may_be_killed_at_fifty_moments(incoming: Path, tmp_path: Path, undisturbed) -> None:
    kill_at(moments(SEED + 1, 50), incoming, tmp_path, undisturbed)
