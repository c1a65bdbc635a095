"""A file and what belongs to it: both in one commit, or neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.archive import Archive
from longwatch.contracts.reading import Reading
from longwatch.domain.epoch import Epoch
from longwatch.domain.product import Identity
from longwatch.errors import BadFile, NotFound
from toy_instrument import KIND, T0, TIMELINE, ToyFile, write

MONTH = Identity("toy", "toy.month", "month_7")
DATES = Reading(key="month_7", epochs=(Epoch(timeline=TIMELINE, number=7, start_us=T0, stop_us=T0 + 9),))


def _seen(archive: Archive, commit: int) -> tuple[bool, bool]:
    """Tell whether a reader of a commit sees the file, and the epoch."""
    view = archive.at_commit(commit)
    epochs = view.timelines[TIMELINE].epochs()["number"].tolist() if TIMELINE in view.timelines else []
    return len(view.products.find(kind=KIND)) > 0, 7 in epochs


def test_no_commit_shows_one_without_the_other(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    path = write(incoming, toys)[0]
    assert archive.ingest_with(path, MONTH, DATES)
    seen = [_seen(archive, commit) for commit in range(archive.catalog.head() + 1)]
    assert set(seen) == {(False, False), (True, True)}
    assert archive.ingest(path).unchanged == 1
    head = archive.catalog.head()
    assert not archive.ingest_with(path, MONTH, DATES)
    assert _seen(archive, head) == (True, True)


def test_a_file_that_cannot_be_stored_takes_nothing_with_it(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    path = write(incoming, toys)[0]
    path.write_bytes(path.read_bytes()[:5000])
    words = incoming / "weather.txt"
    words.write_text("fine")
    for bad, why in ((path, "t0_1.fits"), (words, "no kind of file claims it")):
        with pytest.raises(BadFile, match=why):
            archive.ingest_with(bad, MONTH, DATES)
    with pytest.raises(NotFound, match="to ingest"):
        archive.ingest_with(incoming / "none.fits", MONTH, DATES)
    assert _seen(archive, archive.catalog.head()) == (False, False)
    assert archive.ingest(path).quarantined == 1
