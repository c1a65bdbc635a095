"""What journeys share: an archive with the whole box, and files of each instrument, simulated once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from longwatch import plugins

Simulated = Callable[[str], Path]


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """Give a folder of simulated files of an instrument."""
    done: dict[str, Path] = {}

    def simulate(name: str) -> Path:
        if name not in done:
            done[name] = tmp_path_factory.mktemp(f"simulated-{name}")
            (where,) = [one.simulate for one in plugins.load().instruments if one.name == name]
            module, function = where.split(":")
            getattr(import_module(module), function)(done[name], seed=7, small=True)
        return done[name]

    return simulate
