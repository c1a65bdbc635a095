"""Lives asked of an archive: derived periods, periods from files, and both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.derive import derive_stale
from longwatch.instruments.stis.history import (
    changed_most,
    cube_of,
    difference,
    events,
    fuller_cube,
    life,
    lives,
    recoveries,
    watch,
)
from longwatch.instruments.stis.lives import Threshold, hot_in, spells
from longwatch.instruments.stis.simulate import FIRST, Size, simulate_size

SQUARE = slice(500, 532)
SIZE = Size(rows=SQUARE, cols=SQUARE, n_periods=5, n_dark_periods=3, n_darks=14)


@pytest.fixture(scope="module")
def truth_and_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[np.ndarray, Archive]]:
    folder = tmp_path_factory.mktemp("history")
    simulate_size(folder, seed=8, size=SIZE)
    with open_archive(folder / "site", create=True) as archive:
        archive.ingest(*folder.glob("*.csv"), folder / "darks")
        list(derive_stale(archive))
        yield np.load(folder / "truth" / "stis.npz")["rate"], archive


@pytest.fixture(scope="module")
def site(truth_and_site: tuple[np.ndarray, Archive]) -> Archive:
    return truth_and_site[1]


def test_a_life_has_every_period_and_its_state(truth_and_site: tuple[np.ndarray, Archive]) -> None:
    truth, site = truth_and_site
    row, col = np.unravel_index(np.argmax(truth[-1] < 15), truth[-1].shape)
    for at in [(int(row), int(col)), (5, 9), (20, 30)]:
        table = life(site, 500 + at[0], 500 + at[1])
        assert table["epoch"].tolist() == list(range(FIRST, FIRST + 5))
        assert np.asarray(table["rate"]) == pytest.approx(truth[(slice(None), *at)], rel=0.15, abs=0.01)
        assert (table["error"] > 0).all()
        assert np.isnan(table["p_jump"][:2]).all()
        assert np.isfinite(table["p_jump"][2:]).all()
        assert set(table["state"].tolist()) <= {"cold", "warm", "hot"}
    hot = np.argwhere((truth > 0.15).all(axis=0) & (truth < 15).all(axis=0))[0]
    assert life(site, 500 + hot[0], 500 + hot[1])["state"].tolist() == ["hot"] * 5
    assert str(table["rate"].unit) == "electron / s"


def test_a_pixel_that_was_never_observed_is_unknown(site: Archive) -> None:
    table = life(site, 3, 3)
    assert set(table["state"].tolist()) == {"unknown"}
    assert np.isnan(table["rate"]).all()


def test_lives_of_several_pixels_a_mask_and_a_rectangle(site: Archive) -> None:
    table = lives(site, [(505, 509), (520, 530)])
    assert table["row"].tolist() == [505] * 5 + [520] * 5
    for row, col in ((505, 509), (520, 530)):
        one, of_many = life(site, row, col), table[table["row"] == row]
        for name in one.colnames:
            assert np.array_equal(one[name], of_many[name], equal_nan=one[name].dtype.kind == "f"), name
    rectangle = lives(site, np.s_[505:507, 509:512])
    mask = np.zeros(c.SHAPE, dtype=bool)
    mask[505:507, 509:512] = True
    masked = lives(site, mask)
    assert len(rectangle) == 6 * 5
    assert rectangle["rate"].tolist() == masked["rate"].tolist()
    assert list(zip(masked["row"][::5].tolist(), masked["col"][::5].tolist(), strict=True))[:4] == [
        (505, 509), (505, 510), (505, 511), (506, 509),
    ]  # fmt: skip
    assert len(lives(site, [])) == 0
    with pytest.raises(BadQuery, match=r"shape \(1024, 1024\)"):
        lives(site, mask[:9])
    with pytest.raises(BadQuery, match="1024"):
        lives(site, [(1024, 0)])


def test_events_are_those_the_watch_counts(truth_and_site: tuple[np.ndarray, Archive]) -> None:
    truth, site = truth_and_site
    table, book = events(site), watch(site).book
    for word, count in (("birth", None), ("re-birth", None), ("death", book.deaths)):
        own = table[table["event"] == word]
        if count is not None:
            assert len(own) == count.sum()
            assert not own["dwell"].mask.any()
            assert (own["dwell"] >= 1).all()
        else:
            assert own["dwell"].mask.all()
    assert np.isin(table["event"], ["birth", "re-birth"]).sum() == book.births.sum()
    assert (table["event"] == "re-birth").sum() == np.where(book.births > 0, spells(book) - 1, 0).sum()
    born = table[table["event"] == "birth"][0]
    row, col, number = born["row"] - 500, born["col"] - 500, born["epoch"] - FIRST
    assert truth[number, row, col] > 0.095 > truth[number - 1, row, col] * 0.95
    assert set(events(site, first=FIRST + 3)["epoch"]) <= {FIRST + 4}


def test_the_watch_counts_what_the_truth_has(truth_and_site: tuple[np.ndarray, Archive]) -> None:
    truth, site = truth_and_site
    watched = watch(site)
    assert watched.epochs == tuple(range(FIRST, FIRST + 5))
    assert fuller_cube(site) == c.CUBE
    always = (truth > 0.105).all(axis=0)
    never = (truth < 0.095).all(axis=0)
    found = hot_in(watched.book, at_least=5, last=5)[SQUARE, SQUARE]
    assert found[always].mean() > 0.97
    assert not found[never].any()
    assert hot_in(watched.book, at_least=1).sum() == hot_in(watched.book, at_least=1)[SQUARE, SQUARE].sum()


def test_the_watch_over_derived_periods_and_a_part_of_them(site: Archive) -> None:
    watched = watch(site, cube=c.LIFE, first=FIRST + 3, threshold=Threshold(level=1.0))
    assert watched.epochs == (FIRST + 3, FIRST + 4)
    with pytest.raises(NotFound, match="holds no period from 900"):
        watch(site, first=900)


def test_recoveries_of_the_anneals_between_derived_periods(site: Archive) -> None:
    table = recoveries(site)
    assert table["anneal"].tolist() == [FIRST + 3, FIRST + 4]
    assert (table["n_before"] - table["n_healed"] + table["n_new"] == table["n_after"]).all()
    assert np.isnan(table["created_per_day"][0])
    assert np.isfinite(table["created_per_day"][1])
    assert ((table["healed"] >= 0) & (table["healed"] < 0.5)).all()


def test_differences_and_ratios(site: Archive) -> None:
    change = difference(site, "sci_mean", FIRST + 1, FIRST)
    new, old = (site.cubes[c.CUBE].image("sci_mean", number) for number in (FIRST + 1, FIRST))
    assert np.ma.count(change) == 32 * 32
    assert change[510, 510] == pytest.approx(float(new[510, 510]) - float(old[510, 510]))
    ratio = difference(site, "dark_rate", FIRST + 4, FIRST + 3, ratio=True)
    assert np.nanmedian(np.ma.getdata(ratio)[SQUARE, SQUARE]) == pytest.approx(1, abs=0.05)
    assert (cube_of("dark_rate"), cube_of("stability")) == (c.LIFE, c.CUBE)


def test_pixels_that_changed_most(truth_and_site: tuple[np.ndarray, Archive]) -> None:
    truth, site = truth_and_site
    table = changed_most(site, since=FIRST + 2, count=3)
    assert len(table) == 3
    row, col = int(table["row"][0]) - 500, int(table["col"][0]) - 500
    assert table["change"][0] == pytest.approx(truth[4, row, col] - truth[2, row, col], rel=0.1, abs=0.02)


def test_an_empty_archive_says_what_to_do(tmp_path: Path) -> None:
    with open_archive(tmp_path, create=True) as empty, pytest.raises(NotFound, match="longwatch stis derive"):
        watch(empty)
