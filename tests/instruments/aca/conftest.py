"""Archives of ACA telemetry that several tests ask."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, create_archive
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate import simulate


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Archive]:
    """Give an empty archive."""
    with create_archive(tmp_path / "site", instruments=[INSTRUMENT]) as archive:
        yield archive


@pytest.fixture(scope="session")
def real_site(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Give an archive of the real level-0 files and frames."""
    folder = tmp_path_factory.mktemp("real")
    for path in (*(real_data / "aca" / "l0").glob("*.gz"), real_data / "aca" / "vcdu_frames_2023297.fits.gz"):
        shutil.copy(path, folder)
    with create_archive(folder / "site", instruments=[INSTRUMENT]) as archive:
        report = archive.ingest(*map(str, folder.glob("*.gz")))
        assert report.stored == 6
        yield archive


@pytest.fixture(scope="session")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Give an archive of the small simulation: five days of telemetry, four dark calibrations."""
    folder = tmp_path_factory.mktemp("watched")
    simulate(folder / "in", seed=1, small=True)
    with create_archive(folder / "site", instruments=[INSTRUMENT]) as archive:
        report = archive.ingest(str(folder / "in" / "l0"), str(folder / "in" / "dark"))
        assert report.quarantined == 0
        yield archive
