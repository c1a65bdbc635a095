"""STIS from files to figure: pixels equal spec/stis.md 6.1 to the last digit, periods equal 6.4."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.errors import NotFound
from longwatch.instruments.stis.monitors.hot_pixels import HotPixels
from longwatch.instruments.stis.pixeldb import PixelDB
from longwatch.plots.render import render_png

START, STOP = "2017-09-26 13:04:04", "2017-10-24 11:30:02"
OLD_NAMES = ("Stability", "Sci_Mean", "Err_Mean", "NaN_Count", "Readnoise")


@pytest.fixture(scope="module")
def real(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("stis")
    shutil.copy(real_data / "stis" / "anneal_snippet.csv", folder / "anneal_200.csv")
    with create_archive(folder / "site") as archive:
        archive.ingest(real_data / "stis" / "stis_anneal_periods.csv", real_data / "stis" / "stis_anneal_darks.csv")
        PixelDB(archive).insert_anneal(200, folder, start=START, stop=STOP)
        yield archive


@pytest.mark.real
def test_ten_pixels_come_back_to_the_last_stored_digit(real: Archive, real_data: Path) -> None:
    lines = (real_data / "stis" / "anneal_snippet.csv").read_text().splitlines()
    assert lines[0].split(",")[2:] == list(OLD_NAMES)
    database = PixelDB(real)
    for line in lines[1:]:
        row, col, *texts = line.split(",")
        (found,) = database.query_pixel(int(row), int(col), anneal_num=200)
        for name, text in zip(OLD_NAMES, texts, strict=True):
            stored = np.asarray(found[name])
            assert stored == stored.dtype.type(float(text)), (row, col, name)


@pytest.mark.real
def test_a_pixel_is_found_by_date_and_has_a_life(real: Archive) -> None:
    (by_date,) = PixelDB(real).query_pixel(0, 5, date="2017-10-01")
    assert (int(by_date["AnnealNumber"]), float(by_date["Sci_Mean"])) == (200, 1170.380859375)
    life = real.cubes["stis.ccd"].pixel(0, 5)
    assert life["epoch"].tolist() == [200]
    assert life["start"][0].isot == "2017-09-26T13:04:04.000"


@pytest.mark.real
@pytest.mark.parametrize(
    ("time", "number"),
    [
        ("1997-12-15 16:32:15", 9),
        ("1997-02-16 01:04:37", 0),
        ("1997-04-17 01:04:37", 1),
        ("2004-08-03 12:00", 91),
        ("2009-01-01", 91),
        ("2013-09-15", 147),
    ],
)
def test_a_time_lies_in_its_period(real: Archive, time: str, number: int) -> None:
    assert real.timelines["stis.anneal"].at(time).number == number


@pytest.mark.real
def test_a_gap_lies_in_none(real: Archive) -> None:
    with pytest.raises(NotFound):
        real.timelines["stis.anneal"].at("2017-08-02 00:00")


@pytest.mark.real
def test_periods_know_their_darks(real: Archive) -> None:
    timeline = real.timelines["stis.anneal"]
    assert len(timeline.members()) == 10_440
    assert timeline.members(147)["member"][:3].tolist() == ["oc4w6xh3q", "oc4w6yhbq", "oc4w6zp2q"]
    periods = timeline.epochs()
    counts = dict(zip(periods["number"].tolist(), np.ma.asarray(periods["n_darks"]).tolist(), strict=True))
    assert [counts[n] for n in range(8)] == [40, 23, 37, 28, 21, 35, 22, 45]


def test_simulated_periods_become_images_lives_and_a_trend(simulated: Callable[[str], Path], tmp_path: Path) -> None:
    folder = simulated("stis")
    chosen = [folder / "stis_anneal_periods.csv", *sorted(folder.glob("anneal_*.csv"))[:6]]
    truth = np.load(next((folder / "truth").glob("*.npz")))
    with create_archive(tmp_path / "site") as archive:
        report = archive.ingest(*chosen)
        assert (report.stored, report.quarantined) == (7, 0)
        life = archive.cubes["stis.ccd"].pixel(500, 500)
        assert life["epoch"].tolist() == truth["number"][:6].tolist()
        hottest = np.unravel_index(np.argmax(truth["rate"][0]), truth["rate"][0].shape)
        image = archive.cubes["stis.ccd"].image("sci_mean", epoch=int(truth["number"][0]))
        middle = image[480:544, 480:544]
        assert np.unravel_index(np.argmax(middle), middle.shape) == hottest
        assert archive.monitors.run("stis.hot_pixels").failed == ()
        (figure, *_) = HotPixels().figures(archive)
        assert render_png(figure).startswith(b"\x89PNG")
        assert archive.ingest(*chosen).unchanged == 7
