"""The old database's questions, asked of an archive with the ten real pixels and the real periods."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time

from longwatch.archive import Archive, open_archive
from longwatch.errors import BadFile, BadQuery, NotFound
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.pixeldb import DARK_COLUMNS, PIXEL_COLUMNS, PixelDB
from longwatch.instruments.stis.simulate import pixels_csv

PERIOD_200 = ("2017-09-26 13:04:04", "2017-10-25")


@pytest.fixture(scope="module")
def real_site(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("stis")
    shutil.copy(real_data / "stis" / "anneal_snippet.csv", folder / "anneal_200.csv")
    with open_archive(folder / "site", create=True) as archive:
        archive.ingest(*(real_data / "stis").glob("stis_anneal_*.csv"))
        PixelDB(archive).insert_anneal(200, folder, start=PERIOD_200[0], stop=PERIOD_200[1])
        yield archive


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "site", create=True) as archive:
        yield archive


def write(folder: Path, number: int, rows: slice, cols: slice, value: float) -> None:
    """Write a file of a rectangle of pixels: every property has the value, but for the count."""
    shape = rows.stop - rows.start, cols.stop - cols.start
    images = {column.name: np.full(shape, value, column.dtype) for column in c.PROPERTIES}
    images["nan_count"] = np.arange(shape[0] * shape[1]).reshape(shape)
    (folder / f"anneal_{number}.csv").write_bytes(pixels_csv(images, origin=(rows.start, cols.start)))


@pytest.mark.real
def test_ten_real_pixels_as_anneal_200(real_site: Archive, real_data: Path) -> None:
    table = PixelDB(real_site).query_pixel_region((0, 5), (0, 1023), anneal_num=200)
    assert tuple(table.colnames) == PIXEL_COLUMNS
    lines = (real_data / "stis" / "anneal_snippet.csv").read_text().splitlines()[1:]
    truth = np.array([line.split(",") for line in lines], dtype=float)
    assert table["RowNum"].tolist() == truth[:, 0].tolist()
    assert table["ColumnNum"].tolist() == truth[:, 1].tolist()
    assert set(table["AnnealNumber"]) == {200}
    for number, (old, column) in enumerate(c.OLD_NAMES.items(), 2):
        assert table[old].tolist() == truth[:, number].astype(column.dtype).tolist(), old
    assert table["Stability"].tolist() == truth[:, 2].tolist()
    assert np.round(table["Sci_Mean"].astype(float), 4).tolist() == np.round(truth[:, 3], 4).tolist()
    assert table["NaN_Count"].tolist() == [2, 0, 1, 1, 1, 1, 1, 2, 1, 1]
    assert str(table["Sci_Mean"].unit) == "DN"


@pytest.mark.real
def test_one_pixel_by_number_and_by_date(real_site: Archive) -> None:
    database = PixelDB(real_site)
    by_number = database.query_pixel(0, 5, anneal_num=200)
    by_date = database.query_pixel(0, 5, date="2017-09-26 13:04:04")
    assert len(by_number) == 1
    assert by_number["Sci_Mean"][0] == np.float32(1170.380859375)
    assert by_number.as_array().tolist() == by_date.as_array().tolist()


@pytest.mark.real
def test_columns_are_chosen_and_ordered(real_site: Archive) -> None:
    table = PixelDB(real_site).query_pixel(0, 0, anneal_num=200, columns=["NaN_Count", "RowNum"])
    assert table.colnames == ["NaN_Count", "RowNum"]
    with pytest.raises(BadQuery, match=r"no columns \['Dark'\]. There are: AnnealNumber, RowNum"):
        PixelDB(real_site).query_pixel(0, 0, anneal_num=200, columns=["Dark"])


@pytest.mark.real
def test_a_pixel_that_was_not_observed_gives_a_table_without_rows(real_site: Archive) -> None:
    table = PixelDB(real_site).query_pixel(412, 733, anneal_num=200)
    assert len(table) == 0
    assert tuple(table.colnames) == PIXEL_COLUMNS


@pytest.mark.real
@pytest.mark.parametrize(
    ("date", "number"),
    [
        ("1997-12-15 16:32:15", 9),
        ("1997-02-16 01:04:37", 0),
        ("1997-04-17 01:04:37", 1),
        ("2004-08-03 12:00", 91),
        ("2009-01-01", 91),
        (Time("2013-09-15"), 147),
        ("2017-09-26 13:04:04", 200),
    ],
)
def test_periods_by_date(real_site: Archive, date: str, number: int) -> None:
    assert PixelDB(real_site).query_anneal(date=date)["AnnealNumber"].tolist() == [number]


@pytest.mark.real
@pytest.mark.parametrize("date", ["2017-08-02 00:00", "1997-02-16", "2018-01-01"])
def test_dates_outside_every_period_say_what_is_near(real_site: Archive, date: str) -> None:
    with pytest.raises(NotFound, match="epoch"):
        PixelDB(real_site).query_anneal(date=date)


@pytest.mark.real
def test_period_zero_can_be_asked_by_number(real_site: Archive) -> None:
    table = PixelDB(real_site).query_anneal(anneal_num=0)
    assert table.colnames == ["AnnealNumber", "StartDate", "EndDate", "NumberOfDarks"]
    assert table["StartDate"][0].iso == "1997-02-16 01:04:37.000"
    assert table["EndDate"][0].iso == "1997-04-17 01:04:37.000"
    assert table["NumberOfDarks"].tolist() == [40]


@pytest.mark.real
def test_darks_of_a_period(real_site: Archive) -> None:
    table = PixelDB(real_site).query_anneal_darks(anneal_num=147)
    assert tuple(table.colnames) == DARK_COLUMNS
    assert len(table) == 56
    assert table["Darks"][:3].tolist() == ["oc4w6xh3q", "oc4w6yhbq", "oc4w6zp2q"]
    assert len(PixelDB(real_site).query_anneal_darks(anneal_num=200)) == 0


@pytest.mark.real
def test_a_hand_made_period_has_dates_and_no_number_of_darks(real_site: Archive) -> None:
    table = PixelDB(real_site).query_anneal(anneal_num=200)
    assert table["StartDate"][0].iso == "2017-09-26 13:04:04.000"
    assert table["NumberOfDarks"].mask.tolist() == [True]


@pytest.mark.real
@pytest.mark.parametrize("named", [{}, {"date": "2013-09-15", "anneal_num": 147}])
def test_a_period_is_named_in_exactly_one_way(real_site: Archive, named: dict[str, object]) -> None:
    with pytest.raises(BadQuery, match="by one of the two"):
        PixelDB(real_site).query_pixel(0, 0, **named)


@pytest.mark.real
def test_unknown_things_say_what_there_is(real_site: Archive) -> None:
    database = PixelDB(real_site)
    with pytest.raises(NotFound, match="holds nothing of epoch 12"):
        database.query_pixel(0, 0, anneal_num=12)
    with pytest.raises(NotFound, match="999"):
        database.query_anneal(anneal_num=999)
    with pytest.raises(NotFound, match="999"):
        database.query_anneal_darks(anneal_num=999)
    with pytest.raises(BadQuery, match="1024"):
        database.query_pixel(1024, 0, anneal_num=200)


def test_insert_into_an_empty_archive(empty: Archive, tmp_path: Path) -> None:
    write(tmp_path, 0, slice(10, 13), slice(20, 24), 2.5)
    database = PixelDB(empty)
    database.insert_anneal(0, tmp_path, start="2020-01-01", stop="2020-01-29")
    table = database.query_pixel_region([11, 12], [23, 25], date="2020-01-15")
    assert list(zip(table["RowNum"].tolist(), table["ColumnNum"].tolist(), strict=True)) == [(11, 23), (12, 23)]
    assert table["NaN_Count"].tolist() == [7, 11]
    assert table["Stability"].tolist() == [2.5, 2.5]


def test_an_unknown_period_needs_its_dates(empty: Archive, tmp_path: Path) -> None:
    write(tmp_path, 7, slice(0, 2), slice(0, 2), 1.0)
    for dates in ({}, {"start": "2020-01-01"}, {"stop": "2020-01-29"}):
        with pytest.raises(BadQuery, match="Anneal period 7 is in no table of periods"):
            PixelDB(empty).insert_anneal(7, tmp_path, **dates)
    with pytest.raises(BadQuery, match="ends before it begins"):
        PixelDB(empty).insert_anneal(7, tmp_path, start="2020-01-29", stop="2020-01-01")
    assert len(empty.products.find(kind="stis.anneal_csv")) == 0


def test_a_missing_file_names_those_there_are(empty: Archive, tmp_path: Path) -> None:
    write(tmp_path, 7, slice(0, 2), slice(0, 2), 1.0)
    with pytest.raises(NotFound, match=r"No file .*anneal_8\.csv\. There are: anneal_7\.csv"):
        PixelDB(empty).insert_anneal(8, tmp_path, start="2020-01-01", stop="2020-01-29")


def test_a_bad_file_says_why_and_leaves_no_period(empty: Archive, tmp_path: Path) -> None:
    write(tmp_path, 6, slice(0, 2), slice(0, 2), 1.0)
    PixelDB(empty).insert_anneal(6, tmp_path, start="2019-12-01", stop="2020-01-01")
    (tmp_path / "anneal_7.csv").write_bytes(c.PIXELS_HEADER + b"\n0,0,1,2,3,0.5,4\n")
    for _ in range(2):
        with pytest.raises(BadFile, match=r"nan_count as a whole number; line 2 has 0\.5"):
            PixelDB(empty).insert_anneal(7, tmp_path, start="2020-01-01", stop="2020-01-29")
    assert empty.timelines[c.TIMELINE].epochs()["number"].tolist() == [6]


def test_a_newer_file_takes_the_place_of_the_one_before(empty: Archive, tmp_path: Path) -> None:
    database = PixelDB(empty)
    for value in (1.0, 3.0):
        write(tmp_path, 7, slice(0, 2), slice(0, 2), value)
        database.insert_anneal(7, tmp_path, start="2020-01-01", stop="2020-01-29")
    assert database.query_pixel(1, 1, anneal_num=7)["Sci_Mean"].tolist() == [3.0]
    assert len(empty.products.versions("stis.anneal_csv", "anneal_7")) == 2


def test_the_answer_becomes_a_data_frame(empty: Archive, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    write(tmp_path, 7, slice(0, 2), slice(0, 2), 1.0)
    PixelDB(empty).insert_anneal(7, tmp_path, start="2020-01-01", stop="2020-01-29")
    frame = PixelDB(empty).query_pixel_region((0, 1), (0, 1), anneal_num=7).to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["Stability"].mean() == 1.0
