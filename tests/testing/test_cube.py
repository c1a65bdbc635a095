"""The kit for cubes: what it asks of one's own cubes, it finds in an archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import create_archive
from longwatch.cubes.face import CubeRoom
from longwatch.testing.cube import COUNT, RATE, SHAPE, CubeTests


class TestArchive(CubeTests):
    """Cubes as `archive.cubes` gives them."""

    @pytest.fixture
    def cubes(self, tmp_path: Path) -> Iterator[CubeRoom]:
        with create_archive(tmp_path / "site", instruments=[]) as archive:
            yield archive.cubes


def test_what_it_puts_in_fits_what_it_declares() -> None:
    assert RATE.shape == SHAPE
    assert np.can_cast(np.uint8, COUNT.dtype)
