"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["servers"]

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real observatory files; skips where it is absent."""
    folder = Path(os.environ.get("LONGWATCH_REAL_DATA", ROOT.parent / "shared" / "data" / "real"))
    if not folder.is_dir():
        pytest.skip(f"no real files at {folder}; set LONGWATCH_REAL_DATA")
    return folder
