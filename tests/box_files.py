"""Files of one kind out of folders of many, for the kits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind
from longwatch.ingest.preview import preview

LARGEST = 2**28


def files_by_kind(instrument: Instrument, folders: Iterable[Path], *, most: int = 2) -> dict[str, list[Path]]:
    """Give the smallest files of each kind of an instrument; of a folder with many files, some."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*.*"))]
    some = [path for path in paths if path.is_file()][:: max(1, len(paths) // 100)]
    found = [(Path(one.path), one.kind) for one in preview(instrument.kinds, some, limit=LARGEST) if not one.reason]
    found.sort(key=lambda pair: pair[0].stat().st_size)
    return {kind.name: [path for path, name in found if name == kind.name][:most] for kind in instrument.kinds}


def real_files(request: pytest.FixtureRequest, instrument: Instrument, kind: FileKind) -> list[Path]:
    """Give real files of a kind; skips where there are none."""
    folder: Path = request.getfixturevalue("real_data")
    found = files_by_kind(instrument, [folder / instrument.name])[kind.name]
    if not found:
        pytest.skip(f"no real files of {kind.name}, and simulated ones neither")
    return found
