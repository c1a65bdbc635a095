"""What older software did wrong and ours does right, one by one: spec/aca-dark-hdr3-l0.md 8.1, B1 to B21.

More on each is tested where it belongs; here is the list.
"""

from __future__ import annotations

import copy
import gzip
import json
import os
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive, create_archive
from longwatch.errors import NotFound
from longwatch.instruments.aca import aca_hdr3, aca_l0, dark_cal, downlink, star_probs
from longwatch.instruments.aca.aca_image import ACAImage
from longwatch.instruments.aca.background import dark_background
from longwatch.instruments.aca.columns import HEADER_3
from longwatch.instruments.aca.dark_model import LAWS, get_dark_hist, scaled_map
from longwatch.instruments.aca.hdr3_channels import CHANNELS, COLUMNS
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate import PACKET_S, START
from longwatch.instruments.aca.simulate_dark import dark_cals, write_directory

SPAN = (START - 10, START + 200)
WORDS = {
    0: "02b401a417a218f135903ee4",
    1: "5e9fa0be633ffff713ed1e18",
    6: "fc1d1acf41930c6dad80fb75",
    7: "69daf89400001ca1000001ff",
}
"""Real header-3 bytes of 2023:297 (spec 4): words 62 to 67, then 72 to 77."""


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """All slots as 8x8 with known bytes; slot 3 goes on as 4x4 and 6x6; the files are gone afterwards."""
    folder = tmp_path_factory.mktemp("camera")
    for slot in range(8):
        words = zip(HEADER_3, bytes.fromhex(WORDS.get(slot, "00" * 12)), strict=True)
        write_l0(folder, l0_rows(slot, np.arange(0, 80, 4), size=8) | {name: np.full(20, word) for name, word in words})
    write_l0(folder, l0_rows(3, np.arange(80, 90), size=4))
    write_l0(folder, l0_rows(3, np.arange(90, 120, 2), size=6) | {"quality": np.arange(15) % 5 == 0})
    site = create_archive(folder / "site", instruments=[INSTRUMENT])
    assert site.ingest(*map(str, folder.glob("*.gz"))).stored == 10
    for path in folder.glob("*.gz"):
        path.unlink()
    return site


@pytest.fixture(scope="module")
def cals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three directories of dark calibrations."""
    folder = tmp_path_factory.mktemp("cals")
    for cal in dark_cals([("2007006", -19.0), ("2007069", -18.0), ("2019153", -11.0)], seed=3):
        write_directory(folder / "all", cal, classic=cal.dark_id < "2019")
    return folder / "all"


@pytest.fixture(scope="module")
def dark(cals: Path, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    site = create_archive(tmp_path_factory.mktemp("dark"), instruments=[INSTRUMENT])
    dark_cal.add_dark_cals(cals, site)
    return site


def value(site: Archive, msid: str) -> float:
    """Give the one value an MSID has all the time."""
    (found,) = set(aca_hdr3.Msid(msid, *SPAN, archive=site).vals.tolist())
    return float(found)


def test_b1_tables_of_dark_calibrations_hold_maps(dark: Archive) -> None:
    table = dark_cal.get_dark_cal_props_table(include_image=True, archive=dark)
    assert table["image"].shape == (3, 1024, 1024)
    assert {"id", "date"} <= set(dark_cal.get_dark_cal_props_table("2010:001", "2010:002", archive=dark).colnames)


def test_b2_five_volts_are_five_volts(camera: Archive) -> None:
    assert value(camera, "ad_5v_ps") == pytest.approx(4913.4, abs=0.1)


def test_b3_the_analogue_ground_is_a_voltage(camera: Archive) -> None:
    assert value(camera, "ad_analog_gnd") == pytest.approx(-2.747, abs=1e-3)


def test_b4_the_set_point_is_in_degrees(camera: Archive) -> None:
    assert value(camera, "ccd_setpoint") == pytest.approx(-19.0)


def test_b5_every_named_msid_has_values(camera: Archive) -> None:
    for name in aca_hdr3.names():
        found = aca_hdr3.MSID(name, *SPAN, archive=camera)
        assert len(found.vals) == 20, name
    assert len({channel.key for channel in CHANNELS} - {"562", "762"}) == 38


def test_b6_negative_numbers_are_not_one_too_high(site: Archive, tmp_path: Path) -> None:
    write_l0(tmp_path, l0_rows(7, np.arange(0, 20, 4), size=8) | dict.fromkeys(HEADER_3, np.full(5, 0xFF)))
    site.ingest(str(tmp_path / "*.gz"))
    assert value(site, "dac") == -1


def test_b7_sets_work_and_images_of_every_size_count(camera: Archive) -> None:
    found = aca_l0.MSIDset(["BGDAVG", "TEMPCCD"], 3, *SPAN, archive=camera)
    assert (len(found["BGDAVG"].vals), len(found["TEMPCCD"].vals)) == (20 + 10 + 15, 20 + 15)


def test_b8_no_image_is_lost_at_the_start_of_a_file(camera: Archive) -> None:
    first = START - PACKET_S - 0.848
    assert len(aca_l0.get_slot_data(first - 0.5, first + 1.5, 0, archive=camera)) == 1
    assert len(aca_l0.get_slot_data(first, first, 0, archive=camera)) == 1


def test_b9_each_image_comes_once_sorted_and_bad_ones_only_where_asked(site: Archive, tmp_path: Path) -> None:
    for packets in (np.arange(40, 80, 4), np.arange(0, 60, 4)):
        write_l0(tmp_path, l0_rows(1, packets) | {"quality": packets % 16 == 0})
    site.ingest(str(tmp_path / "*.gz"))
    rows = aca_l0.get_slot_data(*SPAN, 1, archive=site)
    assert np.all(np.diff(rows["TIME"]) > 0)
    assert (len(rows), int(rows["QUALITY"].sum())) == (20, 5)
    assert len(aca_l0.get_l0_images(*SPAN, 1, archive=site)) == 15
    assert len(aca_l0.get_aca_images(*SPAN, archive=site)) == 15


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this system does not list open files")
def test_b10_asking_opens_no_file_of_telemetry(camera: Archive) -> None:
    assert len(aca_l0.get_slot_data(*SPAN, 0, archive=camera)) == 20
    aca_hdr3.MSID("dac", *SPAN, archive=camera)
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    held = [str(link.readlink()) for link in links if os.path.lexists(link)]
    assert not [name for name in held if "_img0.fits" in name]


def test_b10_a_name_is_no_sql(camera: Archive) -> None:
    assert len(camera.products.find(kind="aca.l0' OR '1'='1")) == 0
    assert len(camera.products.find(kind="aca.l0", name="' OR '1'='1")) == 0


def test_b11_lists_stay_as_they_are_and_time_need_not_be_asked(camera: Archive) -> None:
    asked = ["TEMPCCD"]
    (image, *_) = aca_l0.get_l0_images(*SPAN, 0, columns=asked, archive=camera)
    assert asked == ["TEMPCCD"]
    rows = aca_l0.get_slot_data(*SPAN, 0, columns=asked, archive=camera)
    assert rows.dtype.names == ("TEMPCCD",)
    assert abs(image.TEMPCCD - (float(rows["TEMPCCD"][0]) - 273.15)) < 1e-4


def test_b12_a_file_comes_in_as_a_whole_or_not_at_all(site: Archive, tmp_path: Path) -> None:
    good = write_l0(tmp_path, l0_rows(0, np.arange(0, 40, 4)))
    torn = write_l0(tmp_path, l0_rows(1, np.arange(0, 40, 4)))
    torn.write_bytes(torn.read_bytes()[:-800])
    report = site.ingest(str(good), str(torn))
    assert (report.stored, report.quarantined) == (1, 1)
    assert len(aca_l0.get_slot_data(*SPAN, 1, archive=site)) == 0
    assert [Path(name).name for name in aca_l0.get_files(start=SPAN[0], stop=SPAN[1], archive=site)] == [good.name]
    assert torn.exists()


def test_b12_packed_or_not_a_file_is_the_same_one(site: Archive, tmp_path: Path) -> None:
    packed = write_l0(tmp_path, l0_rows(0, np.arange(0, 40, 4)))
    plain = tmp_path / packed.stem
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    site.ingest(str(packed), str(plain))
    assert len(aca_l0.get_slot_data(*SPAN, 0, archive=site)) == 10


def test_b12_archives_know_nothing_of_each_other(camera: Archive, site: Archive, tmp_path: Path) -> None:
    later = write_l0(tmp_path, l0_rows(0, np.arange(0, 80, 4), size=8), revision=9)
    site.ingest(str(later))
    assert set(aca_l0.get_slot_data(*SPAN, 0, archive=camera)["FILENAME"].tolist()) != {later.name}
    assert set(aca_l0.get_slot_data(*SPAN, 0, archive=site)["FILENAME"].tolist()) == {later.name}


def test_b13_the_ccd_temperature_keeps_all_its_bits(camera: Archive) -> None:
    assert value(camera, "ccd_temp") == pytest.approx(-11.625865, abs=5e-7)
    assert aca_hdr3.MSID("ccd_temp", *SPAN, archive=camera, legacy=True).vals[0] == pytest.approx(-11.63)


def test_b14_images_keep_what_they_are() -> None:
    meta = {"BGDAVG": 3}
    image = ACAImage(np.arange(64).reshape(8, 8), meta=meta, row0=10, col0=-20)
    for again in (pickle.loads(pickle.dumps(image)), copy.deepcopy(image), ACAImage(image)):
        assert (again.row0, again.col0, again.BGDAVG) == (10, -20, 3)
    image.BGDAVG = 4
    assert meta == {"BGDAVG": 3}
    assert (image + image.astype(float).aca).dtype == float
    assert not isinstance(image.sum(), ACAImage)


def test_b15_the_counter_of_frames_restarts_after_all_its_24_bits(site: Archive, tmp_path: Path) -> None:
    path = write_l0(tmp_path, l0_rows(0, np.arange(39_992, 40_012, 4)))
    site.ingest(str(path))
    middle = START + 40_000 * PACKET_S
    table = aca_l0.get_aca_images(middle - 20, middle + 20, archive=site)
    assert table["IMG_VCDUCTR"].tolist() == [2**24 - 32, 2**24 - 16, 0, 16, 32]


def test_b15_commands_are_counted_with_six_bits_on_every_way(site: Archive, tmp_path: Path) -> None:
    packet = np.zeros((1, 224), np.uint8)
    packet[0, 3] = 0xFD
    (rows,) = downlink.slot_rows(2, packet, np.array([0]), np.array([START]))
    path = write_l0(tmp_path, l0_rows(2, np.arange(1)) | {"commcnt": rows["commcnt"]})
    site.ingest(str(path))
    table = aca_l0.get_aca_images(*SPAN, archive=site)
    assert table["COMMCNT"].tolist() == [0b111111]
    assert (table["COMMCNT_CHECKSUM_FAIL"][0], table["COMMCNT_SYNTAX_ERROR"][0]) == (True, False)


def test_b16_a_long_session_sees_new_calibrations(
    cals: Path, site: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(cals / "2007006", tmp_path / "new" / "2007006")
    dark_cal.add_dark_cals(tmp_path / "new", site)
    monkeypatch.setenv("LONGWATCH_ARCHIVE", str(site.site))
    assert list(dark_cal.get_dark_cal_ids().values()) == ["2007006"]
    shutil.copytree(cals / "2007069", tmp_path / "new" / "2007069")
    assert list(dark_cal.get_dark_cal_dirs(tmp_path / "new")) == ["2007006", "2007069"]
    dark_cal.add_dark_cals(tmp_path / "new", site)
    assert list(dark_cal.get_dark_cal_ids().values()) == ["2007006", "2007069"]
    assert dark_cal.get_dark_cal_id("2007:100") == "2007069"
    with create_archive(tmp_path / "other", instruments=[INSTRUMENT]):
        monkeypatch.setenv("LONGWATCH_ARCHIVE", str(tmp_path / "other"))
        assert not dark_cal.get_dark_cal_ids()


def test_b17_each_law_has_a_name_and_both_ways_say_which_they_use(dark: Archive) -> None:
    image = np.asarray(dark_cal.get_dark_cal_image("2007:007", allow_negative=True, archive=dark))
    warmer = np.asarray(dark_cal.get_dark_cal_image("2007:007", t_ccd_ref=-15.0, allow_negative=True, archive=dark))
    assert np.allclose(warmer, scaled_map(image, -19.0, -15.0, law="global-2016"), rtol=1e-5)
    under = dark_background(image, np.array([0]), np.array([0]), t_dark=-19.0, t_ccd=np.array([-15.0]))
    patch = scaled_map(image[512:520, 512:520], -19.0, -15.0, law="pixel-2023")
    assert np.allclose(under[0], patch * 1.696 / 5.0, rtol=1e-3)
    for function, law in ((dark_cal.get_dark_cal_image, LAWS[0]), (dark_background, LAWS[1])):
        assert law in str(function.__doc__)


def test_b18_the_model_keeps_the_accidents_its_parameters_were_found_with() -> None:
    centres, edges, pixels = get_dark_hist("2018:001", -14.0)
    assert (len(centres), len(edges), len(pixels)) == (74, 75, 74)
    assert 0.8 < pixels.sum() / 1024**2 < 1


def test_b19_replicas_have_their_own_times(cals: Path, site: Archive, tmp_path: Path) -> None:
    root = tmp_path / "2007006"
    shutil.copytree(cals / "2007006", root)
    known = json.loads((root / "properties.json").read_text())
    for hour, replica in enumerate(known["replicas"], start=2):
        replica |= {"start": f"2007:006:{hour:02}:00:00.000", "stop": f"2007:006:{hour:02}:10:00.000"}
    (root / "properties.json").write_text(json.dumps(known))
    dark_cal.add_dark_cals(tmp_path, site)
    found = dark_cal.get_dark_cal_props("2007:007", archive=site)
    assert [replica["start"] for replica in found["replicas"]] == [replica["start"] for replica in known["replicas"]]
    assert found["start"] == known["start"]


def test_b19_each_date_of_a_long_range_has_its_own_calibration(dark: Archive) -> None:
    dates = ["2007:007", "2007:060", "2007:100", "2019:300"]
    assert dark_cal.get_dark_cal_id(dates, "nearest", archive=dark).tolist() == [
        "2007006",
        "2007069",
        "2007069",
        "2019153",
    ]


def test_b20_it_is_said_when_header_3_was_sampled() -> None:
    delays = {channel.key[1]: channel.delay_s for channel in CHANNELS}
    assert delays == {"6": pytest.approx(2.05 + 1.873), "7": pytest.approx(3.075 + 1.873)}
    assert "3.9" in COLUMNS[0].description


def test_b21_a_model_that_knows_no_red_stars_says_so() -> None:
    with pytest.raises(NotFound, match=r"1\.5"):
        star_probs.acq_success_prob(None, -10, 10.0, 1.5, model="grid-local-quadratic-2023-05")
    at_node = star_probs.acq_success_prob(None, -10, 10.0, 0.6, halfwidth=120, model="grid-local-quadratic-2023-05")
    assert 0 < float(np.asarray(at_node).ravel()[0]) < 1
