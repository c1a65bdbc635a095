"""Image telemetry under the old names, without the old defects. Truth: spec/aca-dark-hdr3-l0.md 3.3, 6.1, 6.3, 8.1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aca_files import l0_rows, write_l0
from longwatch.archive import Archive, create_archive
from longwatch.errors import BadQuery, NotFound
from longwatch.instruments.aca import aca_l0
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate import START

REAL = (686111000, 686111060)
SPAN = (START - 10, START + 1000)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Slot 5 in all sizes: 8x8, a gap, 4x4, 6x6; a file that overlaps; an older revision; slots 0 and 7 beside it."""
    folder = tmp_path_factory.mktemp("mixed")
    write_l0(folder, l0_rows(5, np.arange(0, 80, 4), size=8))
    write_l0(folder, l0_rows(5, np.arange(60, 120, 4), size=8))
    write_l0(folder, l0_rows(5, np.arange(200, 230), size=4))
    late = l0_rows(5, np.arange(240, 300, 2), size=6)
    write_l0(folder, late | {"bgdavg": np.full(30, 111)}, revision=1)
    write_l0(folder, late | {"bgdavg": np.full(30, 222), "quality": np.arange(30) % 10 == 0}, revision=2)
    for slot in (0, 7):
        write_l0(folder, l0_rows(slot, np.arange(0, 40, 4)))
    (folder / "dwells.csv").write_text(
        f"obsid,start,stop\n8008,{START},{START + 100}\n8008,{START + 200},{START + 230}\n"
    )
    site = create_archive(folder / "site", instruments=[INSTRUMENT])
    report = site.ingest(*map(str, folder.glob("*.*")))
    assert (report.stored, report.quarantined) == (8, 0), report
    return site


@pytest.mark.real
def test_real_rows_keep_the_masks_of_their_size(real_site: Archive) -> None:
    eight = aca_l0.get_slot_data(*REAL, 0, archive=real_site)
    six = aca_l0.get_slot_data(*REAL, 3, archive=real_site)
    assert (len(eight), len(six)) == (10, 19)
    assert eight["IMGRAW"].shape == (10, 64)
    assert not np.ma.getmaskarray(eight["IMGRAW"]).any()
    assert np.ma.getmaskarray(six["IMGRAW"]).sum(axis=1).tolist() == [28] * 19
    assert six["HD3TLM62"].mask.all()
    assert six["IMGFID3"].mask.all()
    assert six["FILENAME"][0] == "test_level0_3.fits.gz"
    assert set(eight["IMGSIZE"].tolist()) == {8}


@pytest.mark.real
def test_no_image_is_lost_at_the_start_of_a_file(real_site: Archive) -> None:
    """B8: the file says it begins 1.87 s after its first image."""
    assert len(aca_l0.get_slot_data(686111012, 686111014, 0, archive=real_site)) == 1
    assert len(aca_l0.get_slot_data(686111012, 686111014.4, 0, archive=real_site)) == 1
    first = 686111012.493093
    assert len(aca_l0.get_slot_data(first + 1e-3, first + 4, 0, archive=real_site)) == 0


@pytest.mark.real
def test_real_table_of_all_slots(real_site: Archive) -> None:
    table = aca_l0.get_aca_images(*REAL, archive=real_site)
    assert len(table) == 3 * 10 + 2 * 19
    assert (np.diff(table["TIME"]) >= 0).all()
    row = table[table["IMGNUM"] == 3][0]
    assert [int(row[n]) for n in ("IMGROW0", "IMGROW_A1", "IMGROW0_8X8", "VCDUCTR")] == [131, 132, 130, 1098364]
    assert int(row["IMGTYPE"]) == 1
    assert table["IMG"].shape[1:] == (8, 8)
    assert np.ma.getmaskarray(row["IMG"]).sum() == 28
    assert not np.ma.getmaskarray(row["IMG"])[1:7, 1:7].any()
    assert np.ma.is_masked(table["BGDRMS"]) is False
    assert np.ma.is_masked(table["HD3TLM62"])
    assert float(table["TEMPCCD"][0]) > 200
    assert set(table["ION_RAD"]) == {True, False}


def test_the_older_columns_are_all_there_even_without_rows(mixed: Archive) -> None:
    empty = aca_l0.get_aca_images(START + 5000, START + 6000, archive=mixed)
    full = aca_l0.get_aca_images(*SPAN, archive=mixed)
    assert len(empty) == 0
    assert empty.colnames == full.colnames
    wanted = "TIME AAPIXTLM COMMPROG BGDSTAT IMG HD3TLM77 IMGSIZE IMGFUNC IMGCOL0_8X8 IMG_VCDUCTR SAT_PIXEL"
    assert set(wanted.split()) <= set(full.colnames)
    assert len(full.colnames) == 62


def test_one_image_is_never_twice_and_the_newer_revision_answers(mixed: Archive) -> None:
    """B9: rows are sorted, overlaps are one, revisions replace each other."""
    rows = aca_l0.get_slot_data(*SPAN, 5, archive=mixed)
    assert np.all(np.diff(rows["TIME"]) > 0)
    assert [int((rows["IMGSIZE"] == size).sum()) for size in (8, 4, 6)] == [30, 30, 30]
    assert set(rows["BGDAVG"][rows["IMGSIZE"] == 6].tolist()) == {222}
    assert rows["QUALITY"].sum() == 3


def test_sizes_columns_and_the_middle(mixed: Archive) -> None:
    rows = aca_l0.get_slot_data(*SPAN, 5, imgsize=[4], columns=["IMGRAW"], centered_8x8=True, archive=mixed)
    assert rows.dtype.names == ("IMGRAW",)
    assert rows["IMGRAW"].shape == (30, 8, 8)
    mask = np.ma.getmaskarray(rows["IMGRAW"])
    assert not mask[:, 2:6, 2:6].any()
    assert mask.sum() == 30 * 48
    with pytest.raises(BadQuery, match="NOPE"):
        aca_l0.get_slot_data(*SPAN, 5, columns=["NOPE"], archive=mixed)
    assert len(aca_l0.get_slot_data(START + 5000, START + 6000, 5, archive=mixed)) == 0


def test_images_know_their_place_and_leave_the_callers_list_alone(mixed: Archive) -> None:
    """B11: the list of columns is not changed, TIME need not be in it."""
    columns = ["TEMPCCD", "IMGRAW"]
    images = aca_l0.get_l0_images(*SPAN, 5, columns=columns, archive=mixed)
    assert columns == ["TEMPCCD", "IMGRAW"]
    assert [len([i for i in images if i.shape == (n, n)]) for n in (8, 4, 6)] == [30, 30, 27]
    assert set(images[0].meta) == {"TEMPCCD", "IMGROW0", "IMGCOL0"}
    assert -20 < images[0].TEMPCCD < 0
    assert "TEMPCCD" not in next(i for i in images if i.shape == (4, 4)).meta
    default = aca_l0.get_l0_images(*SPAN, 5, imgsize=8, archive=mixed)[0]
    assert set(default.meta) == {*aca_l0.IMAGE_COLUMNS, "IMGROW0", "IMGCOL0"}
    row, col, _ = default.aca.centroid_fm(bgd=default.BGDAVG)
    assert (row, col) == (pytest.approx(413, abs=3), pytest.approx(-100, abs=3))


def test_msids_of_any_size(mixed: Archive) -> None:
    """B7: sets work, and 4x4 and 6x6 images count too."""
    found = aca_l0.MSIDset(["tempccd", "BGDAVG"], 5, *SPAN, archive=mixed)
    assert (len(found["TEMPCCD"].vals), len(found["BGDAVG"].vals)) == (60, 90)
    assert aca_l0.MSID("IMGRAW", 5, *SPAN, archive=mixed).vals.shape == (90, 64)
    with pytest.raises(NotFound, match="nope"):
        aca_l0.MSID("nope", 5, *SPAN, archive=mixed)


def test_files_by_span_slot_size_and_obsid(mixed: Archive) -> None:
    names = [Path(path).name for path in aca_l0.get_files(start=SPAN[0], stop=SPAN[1], archive=mixed)]
    assert len(names) == 6
    assert names[0].startswith("acaf797000000N001_")
    assert len(aca_l0.get_files(start=SPAN[0], stop=SPAN[1], slots=[5], imgsize=[8, 4], archive=mixed)) == 3
    assert len(aca_l0.get_files(8008, slots=5, archive=mixed)) == 3
    with pytest.raises(BadQuery, match="obsid"):
        aca_l0.get_files(start=SPAN[0], archive=mixed)
    with pytest.raises(NotFound, match="99"):
        aca_l0.get_files(99, archive=mixed)


def test_an_archive_without_observations_says_so(site: Archive) -> None:
    with pytest.raises(NotFound, match="obsid,start,stop"):
        aca_l0.get_files(8008, archive=site)


@given(st.floats(-5, 330), st.floats(0, 330), st.sampled_from([0, 5, 7]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_slow_reader_of_the_simulated_rows_agrees(mixed: Archive, begin: float, length: float, slot: int) -> None:
    start, stop = START + begin, START + begin + length
    if slot == 5:
        parts = [(np.arange(0, 120, 4), 8), (np.arange(200, 230), 4), (np.arange(240, 300, 2), 6)]
    else:
        parts = [(np.arange(0, 40, 4), None)]
    truth = np.concatenate([l0_rows(slot, packets, size=size)["time"] for packets, size in parts])
    found = aca_l0.get_slot_data(start, stop, slot, columns=["TIME", "MNF"], archive=mixed)
    near = np.abs(truth[:, None] - [start, stop]).min(axis=1) < 2e-6
    if not near.any():
        assert found["TIME"].tolist() == truth[(truth >= start) & (truth <= stop)].tolist()
