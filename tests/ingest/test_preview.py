"""A dry run: who would claim what, and nothing stored."""

from __future__ import annotations

import gzip
from pathlib import Path

from longwatch.archive import Archive
from toy_instrument import KIND, ToyFile, write


def test_each_file_is_given_its_surest_kind_and_the_others(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    write(incoming, toys[:1])
    (incoming / "weather.txt").write_text("fine")
    (incoming / "x.fits.gz").write_bytes(gzip.compress(toys[0].encode())[:-20])
    found = {Path(p.path).name: p for p in archive.preview(incoming)}
    toy = found["t0_1.fits"]
    assert (toy.kind, toy.confidence, toy.others) == (KIND, 1.0, ("generic.fits",))
    assert (found["weather.txt"].kind, found["weather.txt"].reason) == ("", "")
    assert "x.fits.gz" in found["x.fits.gz"].reason


def test_nothing_is_stored(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    head = archive.catalog.head()
    assert len(list(archive.preview(incoming))) == 3
    assert archive.catalog.head() == head
    assert list(archive.store.listing()) == []
