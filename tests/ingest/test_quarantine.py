from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.archive import create_archive
from longwatch.errors import NotFound
from longwatch.ingest.quarantine import drop, refused


def test_a_dropped_file_is_unknown_until_it_changes(tmp_path: Path) -> None:
    files = tmp_path / "incoming"
    files.mkdir()
    cut = files / "cut.fits.gz"
    cut.write_bytes(bytes.fromhex("1f8b0800") + b"nothing")
    with create_archive(tmp_path / "site") as archive:
        assert archive.ingest(files).quarantined == 1
        assert [one.path for one in refused(archive.catalog)] == [str(cut)]
        with pytest.raises(NotFound, match="nothing was dropped"):
            drop(archive.catalog, [str(cut), "/elsewhere"])
        assert drop(archive.catalog, [str(cut)]) == 1
        assert refused(archive.catalog) == []
        assert drop(archive.catalog, []) == 0
        assert archive.ingest(files).unknown == 1
        cut.write_bytes(bytes.fromhex("1f8b0800") + b"nothing more")
        assert archive.ingest(files).quarantined == 1
