"""Dark calibrations in an archive under the old names. Truth: spec/aca-dark-hdr3-l0.md 1.1, 5.1, 6.1 and 8.1 B1."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.errors import BadFile, BadQuery, NotFound, Refused
from longwatch.instruments.aca import dark_cal
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate_dark import BORN, DarkCal, dark_cals, plain_file, write_directory

SCHEDULE = [("2007006", -19.0), ("2007069", -18.0), ("2019153", -11.086), ("2022069", -11.0)]
KNOWN = ["1999223", "2006329", "2007006", "2007069", "2007251", "2022069", "2022104", "2022133"]


@pytest.fixture(scope="module")
def cals() -> list[DarkCal]:
    return list(dark_cals(SCHEDULE, seed=3))


@pytest.fixture(scope="module")
def folder(cals: list[DarkCal], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classic directories, one newer, and one plain image beside them."""
    root = tmp_path_factory.mktemp("dark")
    for cal in cals[:3]:
        write_directory(root / "aca_dark", cal, classic=cal.dark_id < "2019")
    (root / "aca_dark" / "notes").mkdir()
    (root / "plain").mkdir()
    (root / "plain" / f"aca_dark_{cals[3].dark_id}.fits").write_bytes(plain_file(cals[3]))
    return root


@pytest.fixture(scope="module")
def dark(folder: Path) -> Archive:
    archive = create_archive(folder / "site", instruments=[INSTRUMENT])
    assert dark_cal.add_dark_cals(folder / "aca_dark", archive) == ["2007006", "2007069", "2019153"]
    report = archive.ingest(str(folder / "plain"))
    assert (report.stored, report.planes) == (1, 1)
    return archive


def test_dark_ids_of_dates() -> None:
    assert dark_cal.date_to_dark_id("2011-01-15T12:00:00") == "2011015"
    assert dark_cal.date_to_dark_id(["2007:006", "2011:015:13:00:00"]).tolist() == ["2007006", "2011015"]
    assert dark_cal.dark_id_to_date("2007006") == "2007:006"
    assert dark_cal.dark_id_to_date(["2007006", "2011015"]).tolist() == ["2007:006", "2011:015"]


@pytest.mark.parametrize(
    ("date", "select", "without", "expected"),
    [
        ("2007:008:12:00:00", "nearest", (), "2007006"),
        ("2007:008:12:00:00", "before", (), "2007006"),
        ("2007:008:12:00:00", "after", (), "2007069"),
        ("2007:008:12:00:00", "nearest", ("2007006", "2007069"), "2006329"),
        ("2007:008:12:00:00", "before", ("2007006", "2007069"), "2006329"),
        ("2007:008:12:00:00", "after", ("2007006", "2007069"), "2007251"),
        ("2007:006:00:00:00", "before", (), "2007006"),
        ("2007:006:23:59:59", "after", (), "2007006"),
        ("2007006", "nearest", (), "2007006"),
        ("1990:001", "nearest", (), "1999223"),
        ("2026:001", "before", (), "2022133"),
    ],
)
def test_which_calibration_answers(date: str, select: str, without: tuple[str, ...], expected: str) -> None:
    ids = [one for one in KNOWN if one not in without]
    assert dark_cal.get_dark_cal_id(date, select, dark_cal_ids=ids) == expected


def test_which_calibrations_answer_for_many_dates() -> None:
    dates = ["2022:100", "2022:105", "2022:127"]
    expected = {
        "before": ["2022069", "2022104", "2022104"],
        "after": ["2022104", "2022133", "2022133"],
        "nearest": ["2022104", "2022104", "2022133"],
    }
    for select, ids in expected.items():
        assert dark_cal.get_dark_cal_id(dates, select, dark_cal_ids=KNOWN).tolist() == ids


def test_where_none_answers() -> None:
    with pytest.raises(NotFound, match=r"No dark cal found before 1998:001\(1998:001\)"):
        dark_cal.get_dark_cal_id("1998:001", dark_cal_ids=KNOWN)
    with pytest.raises(NotFound, match="No dark cal found after 2023:001"):
        dark_cal.get_dark_cal_id("2023:001", "after", dark_cal_ids=KNOWN)
    with pytest.raises(BadQuery, match='select arg must be one of "nearest", "before", or "after"'):
        dark_cal.get_dark_cal_id("2023:001", "later", dark_cal_ids=KNOWN)


def test_directories_and_ids(dark: Archive, folder: Path) -> None:
    assert list(dark_cal.get_dark_cal_dirs(folder / "aca_dark")) == ["2007006", "2007069", "2019153"]
    assert dark_cal.get_dark_cal_ids(archive=dark)["2007:006:00:00:00.000"] == "2007006"
    assert list(dark_cal.get_dark_cal_ids(archive=dark).values()) == [one for one, _ in SCHEDULE]
    assert dark_cal.get_dark_cal_dirs(archive=dark) == dark_cal.get_dark_cal_dirs(folder / "aca_dark")
    assert list(dark_cal.get_dark_cal_ids(folder / "aca_dark").values()) == ["2007006", "2007069", "2019153"]
    with pytest.raises(NotFound, match="No folder"):
        dark_cal.get_dark_cal_dirs(folder / "nowhere")


def test_maps_as_measured_clipped_and_scaled(dark: Archive, cals: list[DarkCal]) -> None:
    raw = dark_cal.get_dark_cal_image("2007:100", allow_negative=True, archive=dark)
    assert np.array_equal(raw, cals[1].image)
    assert raw.dtype == np.dtype("=f4")
    assert raw.min() < 0
    clipped = dark_cal.get_dark_cal_image("2007:100", t_ccd_ref=-14.0, archive=dark)
    assert np.allclose(clipped, np.maximum(cals[1].image * (1 / 0.7) ** 1.0, 0), rtol=1e-6, atol=0)
    image = dark_cal.get_dark_cal_image("2022:100", aca_image=True, archive=dark)
    assert (image.row0, image.col0) == (-512, -512)
    assert image.aca[BORN[1], BORN[2]] == pytest.approx(float(cals[3].image[BORN[1] + 512, BORN[2] + 512]))


def test_arguments_stand_where_older_scripts_put_them(dark: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(dark.site))
    props = dark_cal.get_dark_cal_props("2007:100", "before", True, -14.0, True, True)
    image = dark_cal.get_dark_cal_image("2007:100", "before", -14.0, True, True)
    assert (props["image"].row0, props["image"].min() < 0) == (-512, True)
    assert np.array_equal(image, props["image"])
    assert len(dark_cal.get_dark_cal_props_table("2007:001", "2008:001", False, False)) == 2


def test_a_planted_pixel_is_born(dark: Archive) -> None:
    life = dark.cubes["aca.dark"].history("dark_rate", BORN[1], BORN[2])
    assert life["epoch"].tolist() == [int(one) for one, _ in SCHEDULE]
    assert (np.asarray(life["dark_rate"]) > 500).tolist() == [False, False, True, True]


def test_properties_of_both_generations(dark: Archive) -> None:
    classic = dark_cal.get_dark_cal_props("2007:008", archive=dark)
    assert (classic["id"], classic["start"], classic["ccd_temp"]) == ("2007006", "2007:006:01:56:46.817", -19.0)
    assert len(classic["replicas"]) == 5
    assert classic["replicas"][0]["count"] == 1
    assert classic["replicas"][0]["ccd_temp_source"] == "HDR3"
    newer = dark_cal.get_dark_cal_props("2019:153", include_image=True, archive=dark)
    assert "replicas" not in newer
    assert newer["t_ccd"] == newer["ccd_temp"] == -11.086
    assert newer["image"].shape == (1024, 1024)


def test_a_table_with_maps(dark: Archive) -> None:
    """B1: include_image and as_table together."""
    table = dark_cal.get_dark_cal_props_table(archive=dark, include_image=True)
    assert table["image"].shape == (4, 1024, 1024)
    assert table["t_ccd"].mask.tolist() == [True, True, False, True]
    assert table["eb"][0] == pytest.approx(24.6, abs=0.1)
    assert "replicas" not in table.colnames
    some = dark_cal.get_dark_cal_props_table("2007:006", "2007:069", archive=dark)
    assert some["id"].tolist() == ["2007006", "2007069"]
    assert len(dark_cal.get_dark_cal_props_table("2010:001", "2011:001", archive=dark)) == 0
    listed = dark_cal.get_dark_cal_props_table("2007:001", "2008:001", archive=dark, as_table=False)
    assert len(listed[0]["replicas"]) == 5


def test_taken_in_twice_nothing_changes_and_corrections_replace(
    folder: Path, site: Archive, cals: list[DarkCal], tmp_path: Path
) -> None:
    root = tmp_path / "cals"
    shutil.copytree(folder / "aca_dark" / "2007006", root / "2007006")
    assert dark_cal.add_dark_cals(root, site) == ["2007006"]
    assert dark_cal.add_dark_cals(root, site) == []
    text = root / "2007006" / "properties.json"
    text.write_text(text.read_text().replace('"ccd_temp": -19.0', '"ccd_temp": -18.9'))
    assert dark_cal.add_dark_cals(root, site) == ["2007006"]
    assert dark_cal.get_dark_cal_props("2007006", archive=site)["ccd_temp"] == -18.9


def test_a_folder_of_directories_comes_in_by_plain_ingest(folder: Path, site: Archive, tmp_path: Path) -> None:
    """Map and properties are products of their own; what is known is the same whichever came first."""
    shutil.copytree(folder / "aca_dark", tmp_path / "in")
    for dark_id in ("2007006", "2019153"):
        (tmp_path / "in" / dark_id / "properties.json").rename(tmp_path / f"{dark_id}.json")
    first = site.ingest(str(tmp_path / "in"))
    assert (first.stored, first.planes, first.quarantined) == (4, 3, 0)
    assert "ccd_temp" not in dark_cal.get_dark_cal_props("2007006", archive=site)
    for dark_id in ("2007006", "2019153"):
        (tmp_path / f"{dark_id}.json").rename(tmp_path / "in" / dark_id / "properties.json")
    second = site.ingest(str(tmp_path / "in"))
    assert (second.stored, second.unchanged, second.planes) == (2, 4, 0)
    assert len(dark_cal.get_dark_cal_props("2007006", archive=site)["replicas"]) == 5
    table = dark_cal.get_dark_cal_props_table("2007:001", "2020:001", archive=site)
    assert np.asarray(table["ccd_temp"]).tolist() == [-19.0, -18.0, -11.086]
    assert len(site.products.find(kind="aca.dark")) == len(site.products.find(kind="aca.dark_properties")) == 3
    assert dark_cal.add_dark_cals(tmp_path / "in", site) == []


def test_only_calibrations_with_a_map_answer_for_one(folder: Path, site: Archive, tmp_path: Path) -> None:
    shutil.copytree(folder / "aca_dark", tmp_path / "in")
    (tmp_path / "in" / "2007069" / "image.fits").unlink()
    site.ingest(str(tmp_path / "in"))
    assert dark_cal.get_dark_cal_id("2007:100", archive=site) == "2007069"
    assert dark_cal.get_dark_cal_props("2007:100", include_image=True, archive=site)["id"] == "2007006"
    assert dark_cal.get_dark_cal_image("2007:069", archive=site).shape == (1024, 1024)
    table = dark_cal.get_dark_cal_props_table(include_image=True, archive=site)
    assert table["id"].tolist() == ["2007006", "2019153"]


@pytest.mark.parametrize(
    ("text", "message"),
    [("{not json", "properties"), ('{"id": "x"}', "date"), ('{"date": "2007:100"}', "a day away")],
)
def test_damaged_properties_are_refused(folder: Path, site: Archive, tmp_path: Path, text: str, message: str) -> None:
    shutil.copytree(folder / "aca_dark" / "2007006", tmp_path / "c" / "2007006")
    (tmp_path / "c" / "2007006" / "properties.json").write_text(text)
    with pytest.raises(BadFile, match=message):
        dark_cal.add_dark_cals(tmp_path / "c", site)
    (tmp_path / "c" / "2007006" / "image.fits").unlink()
    with pytest.raises(BadFile, match=r"image\.fits"):
        dark_cal.add_dark_cals(tmp_path / "c", site)


def test_an_archive_that_only_reads_refuses(dark: Archive, folder: Path) -> None:
    with pytest.raises(Refused):
        dark_cal.add_dark_cals(folder / "aca_dark", dark.at_commit(dark.catalog.head()))
