"""The defects of the old pixel database, one by one: we do not have them (spec/stis.md 5 and 0).

| no. | defect | test |
|---|---|---|
| 1 | the package installs no modules | `test_1_...installed_with_its_modules` |
| 2 | half-loaded periods, no second attempt, a TypeError under pandas 3 | `test_2_...leaves_nothing...` |
| 3 | the list of darks is not that of the frames used | `test_3_...darks_of_a_derived_period...` |
| 4 | NaN becomes 0 | `test_4_nan_stays_nan` |
| 5 | anneal 0 cannot be asked by number | `test_5_6_...` |
| 6 | a date outside all periods becomes `= None` | `test_5_6_...` |
| 7 | a date is midnight; the network is asked for periods | `test_7_...half_open...no_network` |
| 8 | names of columns, rows and numbers are pasted into SQL | `test_8_...never_code`, `test_8_numbers_...` |
| 9 | the key of PIXEL lacks the detector; three schemas contradict each other | `test_9_10_...` |
| 10 | a million rows that only count | `test_9_10_...` |
| 11 | the guide calls a signal a rate, and a chi-square a variance | `test_11_properties_say_...` |
| 12 | no uncertainty, exposure time, gain, temperature or version | `test_12_...can_be_made_again` |
| 13 | the derivation was never published | `test_13_...from_darks_alone` |
| 14 | only means of whole periods | `test_14_a_birth_inside_a_period_...` |
| 15 | one threshold for cosmic rays, whose residues dominate the stability | `test_15_residues_...` |
| 0.8 | a guard that lets `DROP TABLE DARKS` pass | `test_custom_queries_read_and_never_write` |
| 0.9 | every period is reported as missing | `test_missing_periods_are_a_true_difference` |
"""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.catalog.runs import find_runs
from longwatch.errors import BadFile, BadQuery, NotFound, Refused
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import declared
from longwatch.instruments.stis.derive import derive_period, derive_stale, frames_table
from longwatch.instruments.stis.detector import Period
from longwatch.instruments.stis.pixeldb import PixelDB
from longwatch.instruments.stis.properties import life_properties, old_properties
from longwatch.instruments.stis.simulate import FIRST, Size, pixels_csv, simulate_size

SQUARE = slice(500, 516)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Archive]:
    size = Size(rows=SQUARE, cols=SQUARE, n_periods=3, n_dark_periods=1, n_darks=6)
    simulate_size(tmp_path, seed=2, size=size)
    (tmp_path / f"anneal_{FIRST + 2}.csv").unlink()
    with open_archive(tmp_path / "site", create=True) as archive:
        archive.ingest(*tmp_path.glob("*.csv"), tmp_path / "darks")
        yield archive


def pixels(number: int, folder: Path, **values: float) -> None:
    images = {p.name: np.full((4, 4), values.get(p.name, 2.0), p.dtype) for p in c.PROPERTIES}
    (folder / f"anneal_{number}.csv").write_bytes(pixels_csv(images, origin=(0, 0)))


def test_1_the_package_is_installed_with_its_modules() -> None:
    assert inspect.getfile(PixelDB).endswith("longwatch/instruments/stis/pixeldb.py")
    signature = inspect.signature(PixelDB.query_anneal)
    assert list(signature.parameters) == ["self", "date", "anneal_num", "instrument", "detector", "columns"]
    signature = inspect.signature(PixelDB.query_pixel_region)
    assert list(signature.parameters)[1:] == ["pixel_row_range", "pixel_col_range", "date", "anneal_num", "columns"]


def test_2_an_insert_that_fails_leaves_nothing_and_one_that_is_repeated_changes_nothing(
    site: Archive, tmp_path: Path
) -> None:
    database = PixelDB(site)
    (tmp_path / "anneal_300.csv").write_bytes(c.PIXELS_HEADER + b"\n0,0,1,2,3,0,4\n0,0,1,2,3,0,4\n")
    with pytest.raises(BadFile, match="2 times"):
        database.insert_anneal(300, tmp_path, start="2024-01-01", stop="2024-01-29")
    with pytest.raises(NotFound):
        database.query_anneal(anneal_num=300)
    pixels(300, tmp_path)
    before = site.catalog.head()
    for _ in range(2):
        database.insert_anneal(300, tmp_path, start="2024-01-01", stop="2024-01-29")
    assert len(database.query_pixel_region((0, 3), (0, 3), anneal_num=300)) == 16
    assert len(site.products.versions("stis.anneal_csv", "anneal_300")) == 1
    seen = [whole_300(site.at_commit(commit)) for commit in range(before, site.catalog.head() + 1)]
    assert set(seen) == {(False, False), (True, True)}


def whole_300(view: Archive) -> tuple[bool, bool]:
    """Tell whether a reader sees period 300, and its pixels."""
    in_cube = c.CUBE in view.cubes and 300 in view.cubes[c.CUBE].epochs()["epoch"]
    return 300 in view.timelines[c.TIMELINE].epochs()["number"], in_cube


def test_3_the_darks_of_a_derived_period_are_those_that_were_used(site: Archive) -> None:
    database, number = PixelDB(site), FIRST + 2
    listed = database.query_anneal_darks(anneal_num=number)["Darks"].tolist()
    derive_period(site, number)
    site.retract(kind="stis.dark", key=listed[0])
    derive_period(site, number)
    assert database.query_anneal_darks(anneal_num=number)["Darks"].tolist() == listed[1:]
    assert database.query_anneal(anneal_num=number)["NumberOfDarks"].tolist() == [5]


def test_4_nan_stays_nan(site: Archive, tmp_path: Path) -> None:
    pixels(301, tmp_path, sci_mean=np.nan, stability=np.nan)
    PixelDB(site).insert_anneal(301, tmp_path, start="2024-02-01", stop="2024-03-01")
    row = PixelDB(site).query_pixel(1, 1, anneal_num=301)
    assert np.isnan(row["Sci_Mean"][0])
    assert np.isnan(row["Stability"][0])
    answer = PixelDB(site).custom_query(
        "SELECT Sci_Mean, Err_Mean FROM HAS_PROPERTIES_IN WHERE RowNum = 1", anneals=[301]
    )
    assert np.isnan(answer["Sci_Mean"].astype(float)).all()
    assert set(answer["Err_Mean"].tolist()) == {2.0}


def test_5_6_period_zero_and_dates_outside_all_periods(site: Archive, tmp_path: Path) -> None:
    pixels(0, tmp_path)
    PixelDB(site).insert_anneal(0, tmp_path, start="1997-02-16 01:04:37", stop="1997-04-17 01:04:37")
    assert len(PixelDB(site).query_pixel(0, 0, anneal_num=0)) == 1
    with pytest.raises(NotFound, match="No epoch"):
        PixelDB(site).query_pixel(0, 0, date="1996-01-01")


def test_7_periods_are_half_open_and_dates_need_no_network(
    site: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network")

    pixels(0, tmp_path)
    PixelDB(site).insert_anneal(0, tmp_path, start="1997-02-16 01:04:37", stop="1997-04-17 01:04:37")
    monkeypatch.setattr(socket, "socket", refuse)
    assert PixelDB(site).query_anneal(date="1997-02-16 01:04:37")["AnnealNumber"].tolist() == [0]
    assert PixelDB(site).query_anneal(date="1997-02-16T01:04:37.5")["AnnealNumber"].tolist() == [0]
    for outside in ("1997-02-16", "1997-04-17 01:04:37"):
        with pytest.raises(NotFound):
            PixelDB(site).query_anneal(date=outside)


@pytest.mark.parametrize("column", ["Sci_Mean; DROP TABLE DARKS", "*", "1"])
def test_8_names_of_columns_are_never_code(site: Archive, column: str) -> None:
    with pytest.raises(BadQuery, match="no columns"):
        PixelDB(site).query_pixel(505, 505, anneal_num=FIRST, columns=[column])


def test_9_10_the_grid_of_pixels_needs_no_rows(site: Archive, tmp_path: Path) -> None:
    grid = tmp_path / "pixel_map.csv"
    grid.write_text("".join(f"{row},{col},CCD\n" for row in range(30) for col in range(20)))
    for _ in range(2):
        assert PixelDB(site).load_pixel_mapping(tmp_path) == 600
    with pytest.raises(NotFound, match="No file"):
        PixelDB(site).load_pixel_mapping(tmp_path, "other.csv")
    for bad in ("0,0,CCD\n0,0,CCD\n", "1024,0,CCD\n", "0,0,MAMA\n", "a,b,CCD\n"):
        grid.write_text(bad)
        with pytest.raises(BadFile):
            PixelDB(site).load_pixel_mapping(tmp_path)
    with pytest.raises(BadQuery, match="STIS CCD only"):
        PixelDB(site).query_anneal(anneal_num=FIRST, detector="MAMA")


def test_8_numbers_are_never_code(site: Archive) -> None:
    database = PixelDB(site)
    for bad in ("200 OR 1=1", None, 200.5):
        with pytest.raises(BadQuery):
            database.query_pixel(505, 505, anneal_num=bad)
    for bad in ("0; DROP TABLE DARKS", 1.5):
        with pytest.raises(BadQuery, match="whole number"):
            database.query_pixel(bad, 505, anneal_num=FIRST)


def test_11_properties_say_their_unit_and_meaning(site: Archive) -> None:
    table = PixelDB(site).query_pixel(505, 505, anneal_num=FIRST)
    assert str(table["Sci_Mean"].unit) == "DN"
    assert "1100 s" in table["Sci_Mean"].description
    assert "chi-square" in table["Stability"].description
    assert "no read noise in the strict sense" in table["Readnoise"].description
    assert table["Sci_Mean"].dtype.kind == "f"


def test_12_a_derived_number_has_its_error_and_all_that_it_takes_to_be_made_again(site: Archive) -> None:
    number = FIRST + 2
    derive_period(site, number)
    life = site.cubes[c.LIFE].pixel(505, 505, epoch=number)
    assert 0 < life["dark_rate_err"][0] < life["dark_rate"][0]
    assert 0 < life["dark_rate_syst"][0] < life["dark_rate"][0]
    frames = frames_table(site, number)
    assert {str(frames[name].unit) for name in ("exptime", "occdhtav")} == {"s", "deg_C"}
    choice = {"growth": "rate", "mask": 8455, "ccdgain": 1.0, "ccdamp": "D"}
    assert len(site.products.find(kind="stis.period", anneal=number, **choice)) == 1
    assert len(site.products.find(kind="stis.period", anneal=number, **{**choice, "growth": "linear"})) == 0
    with site.catalog.read() as snapshot:
        assert find_runs(snapshot, action="append")[0].code_version == version("longwatch")
    assert derive_period(site, number).stored is False


def test_13_properties_come_from_darks_alone(site: Archive, tmp_path: Path) -> None:
    with open_archive(tmp_path / "bare", create=True) as bare:
        bare.ingest(tmp_path / "darks", tmp_path / "stis_anneal_periods.csv")
        (done,) = derive_stale(bare)
        assert done.n_used == 6
        row = PixelDB(bare).query_pixel(505, 505, anneal_num=done.number)
    assert len(row) == 1
    assert np.isfinite([row[name][0] for name in ("Sci_Mean", "Err_Mean", "Readnoise")]).all()


def test_14_a_birth_inside_a_period_has_its_day(clean: Period) -> None:
    good = clean.stack.good()
    found = life_properties(clean.stack, clean.frames, good)
    bright = clean.born & (clean.birth_mjd < 58048) & (clean.birth_mjd > 58024) & (found["jump"] > 0.5)
    assert bright.any()
    assert found["t_jump"][bright] == pytest.approx(clean.birth_mjd[bright], abs=0.5)
    assert (found["p_jump"][bright] < 1e-6).all()


def test_15_residues_of_cosmic_rays_raise_the_old_stability_and_not_our_chi_square(halos: Period) -> None:
    good = halos.stack.good()
    old = old_properties(halos.stack, halos.frames, good)["stability"]
    ours = life_properties(halos.stack, halos.frames, good)["chi2_frame"]
    hit = (halos.cosmic & good).any(axis=0)
    assert np.percentile(old[hit], 95) > 1.5 * np.percentile(old[~hit], 95)
    assert np.percentile(ours[hit], 95) < 1.1 * np.percentile(ours[~hit], 95)


def test_missing_periods_are_a_true_difference(site: Archive) -> None:
    database = PixelDB(site)
    assert database.check_for_anneals() == [FIRST + 2]
    assert database.check_for_anneals(exclude=[FIRST + 2]) == []
    derive_period(site, FIRST + 2)
    assert database.check_for_anneals() == []


def test_custom_queries_read_and_never_write(site: Archive) -> None:
    database = PixelDB(site)
    table = database.custom_query(
        "SELECT p.AnnealNumber, avg(h.Sci_Mean) AS mean FROM HAS_PROPERTIES_IN h JOIN ANNEAL_PERIOD p "
        "ON p.AnnealNumber = h.AnnealNumber WHERE h.RowNum < ? GROUP BY 1 ORDER BY 1",
        (508,),
    )
    assert table["AnnealNumber"].tolist() == [FIRST, FIRST + 1]
    expected = site.cubes[c.CUBE].region((500, 508), (500, 516), epoch=FIRST)["sci_mean"].mean()
    assert table["mean"][0] == pytest.approx(float(expected), rel=1e-5)
    commit = site.catalog.head()
    for statement in ("DROP TABLE DARKS", "DROP *", "DELETE FROM HAS_PROPERTIES_IN"):
        with pytest.raises(BadQuery):
            database.custom_query(statement)
    assert site.catalog.head() == commit
    assert database.custom_query("SELECT N_Rows FROM DETECTOR")["N_Rows"].tolist() == [1024]
    assert len(database.custom_query("SELECT * FROM DARKS WHERE AnnealNumber = ?", (FIRST,))) == 58


def test_custom_queries_are_of_the_pixels_one_names(site: Archive) -> None:
    database = PixelDB(site)
    count = "SELECT AnnealNumber, count(*) AS n FROM HAS_PROPERTIES_IN GROUP BY 1"
    assert database.custom_query(count)["n"].tolist() == [256, 256]
    assert database.custom_query(count, anneals=[FIRST])["n"].tolist() == [256]
    assert database.custom_query(count, region=((500, 501), (0, 502)))["n"].tolist() == [6, 6]
    with pytest.raises(BadQuery, match="more than 5 rows"):
        database.custom_query("SELECT * FROM HAS_PROPERTIES_IN", max_rows=5)
    with pytest.raises(BadQuery, match="whole numbers"):
        database.custom_query(count, region=(("a", "b"), (0, 1)))


@pytest.mark.soak
def test_custom_queries_of_the_whole_detector(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    with open_archive(tmp_path / "site", create=True) as archive:
        assert archive.writer is not None
        archive.writer.declare(declared.CUBES[0])
        for number in range(6):
            images = {p.name: rng.normal(31, 8, c.SHAPE).astype(p.dtype) for p in c.PROPERTIES}
            archive.cubes[c.CUBE].append(epoch=number, images=images)
        database = PixelDB(archive)
        statement = "SELECT count(*) AS n, count(DISTINCT AnnealNumber) AS k FROM HAS_PROPERTIES_IN"
        with pytest.raises(BadQuery, match=r"at most 6,000,000 pixels fit.*anneals=.*region="):
            database.custom_query(statement)
        whole = database.custom_query(statement, anneals=[0, 3])
        assert (whole["n"][0], whole["k"][0]) == (2 * 1024 * 1024, 2)
        part = database.custom_query(statement, region=((0, 99), (0, 99)))
        assert (part["n"][0], part["k"][0]) == (6 * 100 * 100, 6)


def test_an_archive_that_may_only_be_read_says_so(site: Archive, tmp_path: Path) -> None:
    pixels(302, tmp_path)
    with open_archive(site.site, read_only=True) as reading, pytest.raises(Refused, match="reading only"):
        PixelDB(reading).insert_anneal(302, tmp_path, start="2024-02-01", stop="2024-03-01")
