"""An archive with derived periods, for all monitors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.instruments.stis.derive import derive_stale
from longwatch.instruments.stis.simulate import Size, simulate_size

SQUARE = slice(480, 544)


@pytest.fixture(scope="session")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[np.ndarray, Archive]]:
    """True rates of four periods, and the archive they were derived in; its view shows the newest commit."""
    folder = tmp_path_factory.mktemp("derived")
    simulate_size(
        folder, seed=6, size=Size(rows=SQUARE, cols=SQUARE, n_periods=4, n_dark_periods=4, n_darks=16), csv=False
    )
    with open_archive(folder / "site", create=True) as archive:
        archive.ingest(folder)
        list(derive_stale(archive))
        yield np.load(folder / "truth" / "stis.npz")["rate"], archive.at_commit(archive.catalog.head())


@pytest.fixture(scope="session")
def view(derived: tuple[np.ndarray, Archive]) -> Archive:
    """The archive as a monitor sees it."""
    return derived[1]


@pytest.fixture(scope="session")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An empty archive as a monitor sees it."""
    with open_archive(tmp_path_factory.mktemp("nothing"), create=True) as archive:
        yield archive.at_commit(archive.catalog.head())
