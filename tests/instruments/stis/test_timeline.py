"""Periods cut from exposures, stored, and asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, open_archive
from longwatch.errors import NotFound, Refused
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.derive import derive_period, stale_periods
from longwatch.instruments.stis.simulate import FIRST, Size, simulate_size
from longwatch.instruments.stis.timeline import period_of_dark, store_cut_periods

SQUARE = slice(500, 508)
ANNEALS = ["2017-09-26 13:00:00", "2017-09-26 20:00:00", "2017-10-24 13:00:00", "2017-11-21 13:00:00"]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    simulate_size(
        tmp_path, seed=3, size=Size(rows=SQUARE, cols=SQUARE, n_periods=2, n_dark_periods=2, n_darks=6), csv=False
    )
    with open_archive(tmp_path / "site", create=True) as site:
        site.ingest(tmp_path / "darks")
        yield site


def test_periods_are_cut_and_darks_counted(archive: Archive) -> None:
    assert store_cut_periods(archive, ANNEALS) == 4
    epochs = archive.timelines[c.TIMELINE].epochs()
    assert epochs["number"].tolist() == [0, 1, 2, 3]
    assert epochs["start"][1].iso[:19] == ANNEALS[0]
    assert epochs["provisional"].tolist() == [False, False, False, True]
    assert epochs["anneal_start"].tolist() == [
        None,
        *(f"{at.replace(' ', 'T')}.000" for at in [ANNEALS[0], *ANNEALS[2:]]),
    ]
    assert epochs["anneal_end"].tolist() == [None, *(f"{at.replace(' ', 'T')}.000" for at in ANNEALS[1:])]
    assert sum(epochs["n_darks"].tolist()) == 12
    assert stale_periods(archive) == [1, 2]
    assert derive_period(archive, 1).n_used == epochs["n_darks"][1]


def test_cut_again_they_take_the_place_of_those_before(archive: Archive) -> None:
    store_cut_periods(archive, ANNEALS)
    store_cut_periods(archive, ANNEALS[:1], programs=[14819])
    assert archive.timelines[c.TIMELINE].epochs()["number"].tolist() == [0, 1]
    store_cut_periods(archive, ANNEALS, programs=[1])
    assert set(archive.timelines[c.TIMELINE].epochs()["n_darks"].tolist()) == {0}


def test_a_dark_knows_its_period(archive: Archive) -> None:
    store_cut_periods(archive, ANNEALS)
    first = archive.products.find(kind="stis.dark")["key"][0]
    assert period_of_dark(archive, first.upper()) == 1
    store_cut_periods(archive, ANNEALS, programs=[1])
    assert period_of_dark(archive, first) == 1
    with pytest.raises(NotFound, match="No dark 'onothingq'"):
        period_of_dark(archive, "onothingq")
    assert first.startswith(f"o{FIRST}")


def test_reading_only_is_refused(archive: Archive) -> None:
    with open_archive(archive.site, read_only=True) as reading, pytest.raises(Refused):
        store_cut_periods(reading, ANNEALS)
