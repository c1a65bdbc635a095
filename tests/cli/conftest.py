"""An archive of simulated files, and the command line over it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from longwatch.archive import create_archive
from longwatch.cli.main import run
from longwatch.instruments.aca.simulate import simulate as simulate_aca
from longwatch.instruments.cos.simulate import simulate as simulate_cos
from longwatch.instruments.stis.simulate import simulate as simulate_stis


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Cli = Callable[..., Said]


@pytest.fixture(scope="session")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Simulated files of three instruments, few of each, and one that is cut short."""
    folder = tmp_path_factory.mktemp("incoming")
    simulate_cos(folder / "cos", seed=1, small=True)
    simulate_stis(folder / "stis", seed=1, small=True)
    simulate_aca(folder / "all_aca", seed=1, small=True)
    (folder / "aca").mkdir()
    for path in sorted((folder / "all_aca").rglob("*.fits*"))[:40]:
        shutil.copy(path, folder / "aca")
    shutil.rmtree(folder / "all_aca")
    whole = next((folder / "cos").rglob("*_lampflash.fits*"))
    (folder / "cos" / "cut_lampflash.fits.gz").write_bytes(whole.read_bytes()[:5000])
    return folder


@pytest.fixture(scope="session")
def filled(incoming: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that holds them; tests that change it take a `copy`."""
    folder = tmp_path_factory.mktemp("filled")
    with create_archive(folder) as archive:
        archive.ingest(incoming)
    return folder


@pytest.fixture
def site(filled: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The filled archive, which the command line finds by itself."""
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(filled))
    return filled


@pytest.fixture
def copy(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the filled archive, to be changed."""
    folder = tmp_path / "site"
    shutil.copytree(filled, folder)
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(folder))
    return folder


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """Runs a command line in this process, from an empty folder."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)

    def call(*words: object) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code=code, out=said.out, err=said.err)

    return call
