"""What is fetched of image telemetry agrees with a slow reader of the same files, written apart from ours."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aca_files import l0_rows, write_l0
from aca_slow import HDR3, JOINED, TYPES, SlowReader, column, images
from longwatch.archive import Archive, create_archive
from longwatch.ingest.fold import fold_series
from longwatch.instruments.aca import aca_hdr3, aca_l0
from longwatch.instruments.aca.instrument import INSTRUMENT
from longwatch.instruments.aca.simulate import PACKET_S, START
from longwatch.series import fold, layout

FIRST = 100
"""Packet that counts as 0 here: some come before it."""

ALL = [*TYPES, "IMGRAW", "IMGSIZE", "FILENAME"]
SHARED = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


@dataclass(frozen=True)
class Watched:
    """An archive, and the slow reader of its files."""

    site: Archive
    slow: SlowReader


def deliveries(folder: Path) -> list[list[Path]]:
    """Give files as they come: eight slots; sizes change, images lack, come twice, late, out of order, corrected."""

    def file(slot: int, packets: range, size: int, *, revision: int = 1, **changed: np.ndarray) -> Path:
        return write_l0(folder, l0_rows(slot, FIRST + np.asarray(packets), size=size) | changed, revision=revision)

    second = [file(slot, range(160, 240, 4), 8) for slot in (0, 4, 6, 7)]
    first = [file(slot, range(0, 160, 4), 8) for slot in (0, 1, 2, 4, 6)]
    flagged = {"quality": (np.arange(40) % 7 == 3).astype(int), "imgstat": np.arange(40) % 64}
    mixed = [
        file(3, range(0, 160, 4), 8, **flagged),
        file(5, range(0, 80, 4), 8),
        file(5, range(200, 230), 4),
        file(5, range(240, 300, 2), 6),
        file(7, range(0, 60, 4), 8),
        file(7, range(60, 72, 2), 6),
        file(7, range(100, 152, 4), 8),
    ]
    overlap = [file(5, range(60, 140, 4), 8)]
    patched = [with_patch_columns(file(2, range(160, 200, 4), 8))]
    late = [file(0, range(-80, -40, 2), 6), file(1, range(-60, -40), 4)]
    again = folder / "again"
    again.mkdir()
    twice = [Path(shutil.copy(first[1], again / "copy_1_img0.fits.gz"))]
    corrected = [file(3, range(0, 160, 4), 8, revision=2, bgdavg=np.arange(40) + 500)]
    older = [file(4, range(40, 120, 4), 8, revision=0, bgdavg=np.full(20, 1))]
    return [second, mixed, first, overlap, patched, corrected, older, late, twice]


def with_patch_columns(path: Path) -> Path:
    """Add the columns that files have since the background patch."""
    with fits.open(path) as hdus:
        table = hdus[1]
        n_rows = len(table.data)
        new = [
            fits.Column(name="PIXTLM", format="4A", array=np.resize(["ORIG", "DYNB", "DIFF"], n_rows)),
            fits.Column(name="BGDTYP", format="4A", array=np.resize(["FLAT", "DYNB"], n_rows)),
        ]
        wide = fits.BinTableHDU.from_columns(table.columns + fits.ColDefs(new), header=table.header)
        out = io.BytesIO()
        fits.HDUList([fits.PrimaryHDU(), wide]).writeto(out, checksum=True)
    path.write_bytes(gzip.compress(out.getvalue(), 1, mtime=0))
    return path


@pytest.fixture(scope="module", params=["as it came", "folded, key by key"])
def watched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Give an archive into which the files came one delivery after the other."""
    folder = tmp_path_factory.mktemp("slow")
    came = deliveries(folder)
    site = create_archive(folder / "site", instruments=[INSTRUMENT])
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "as it came":
            for name, value in (("RUN", 5), ("GROUP", 16), ("GROUP_OF_ARRAYS", 16)):
                patch.setattr(layout, name, value)
            patch.setattr(fold, "PIECE", 40)
            patch.setattr(fold, "DUE", 1)
        reports = [site.ingest(*map(str, files)) for files in came]
        with site.catalog.run("fold") as run:
            fold_series(site.catalog, site.store, run)
    assert sum(report.quarantined + report.unknown for report in reports) == 0
    slow = SlowReader(list(chain.from_iterable(came[:-1])))
    yield Watched(site, slow)
    site.close()


MARKS = st.sampled_from([-90, -80, -40, 0, 60, 80, 100, 152, 160, 199, 230, 240, 301])
NEAR = st.one_of(st.sampled_from([0.0, -1e-3, 1e-3, 0.51]), st.floats(-30, 30))
TIMES = st.builds(lambda mark, near: START + (FIRST + mark - 1) * PACKET_S - 0.848 + near, MARKS, NEAR)
WINDOWS = st.tuples(TIMES, TIMES).map(sorted)


def same(found: np.ndarray, wanted: np.ma.MaskedArray) -> bool:
    """Tell whether masks agree, and values where there are any."""
    mask = np.ma.getmaskarray(wanted)
    if not np.array_equal(np.ma.getmaskarray(np.ma.asanyarray(found)), mask):
        return False
    return np.array_equal(np.ma.getdata(found)[~mask], np.ma.getdata(wanted)[~mask])


@SHARED
@given(window=WINDOWS, slot=st.integers(0, 7), names=st.sets(st.sampled_from(ALL), min_size=1), size=st.booleans())
def test_rows_of_a_slot(watched: Watched, window: list[float], slot: int, names: set[str], *, size: bool) -> None:
    rows = [row for row in watched.slow.rows(slot, *window) if not size or row["IMGSIZE"] in {4, 6}]
    asked = [*sorted(names)]
    found = aca_l0.get_slot_data(*window, slot, [4, 6] if size else None, asked, archive=watched.site)
    assert found.dtype.names == tuple(asked)
    assert len(found) == len(rows)
    for name in asked:
        wanted = column(rows, name)
        assert same(found[name], wanted), name
        assert name == "FILENAME" or found[name].dtype == wanted.dtype


@SHARED
@given(window=WINDOWS, slot=st.integers(0, 7))
def test_images_in_the_middle(watched: Watched, window: list[float], slot: int) -> None:
    rows = watched.slow.rows(slot, *window)
    found = aca_l0.get_slot_data(*window, slot, columns=["IMGRAW"], centered_8x8=True, archive=watched.site)
    assert same(found["IMGRAW"], images(rows, centered=True))
    good = [row for row in rows if row["QUALITY"] == 0]
    singles = aca_l0.get_l0_images(*window, slot, archive=watched.site)
    assert len(singles) == len(good)
    for image, row in zip(singles, good, strict=True):
        assert np.array_equal(np.asarray(image), row["IMGRAW"])
        assert (image.row0, image.col0, image.meta["TIME"]) == (row["IMGROW0"], row["IMGCOL0"], row["TIME"])


@SHARED
@given(window=WINDOWS, slot=st.integers(0, 7), name=st.sampled_from([*TYPES, "IMGRAW", "IMGSIZE"]))
def test_one_column_of_a_slot(watched: Watched, window: list[float], slot: int, name: str) -> None:
    rows = watched.slow.rows(slot, *window)
    values = column(rows, name)
    held = ~np.all(np.ma.getmaskarray(values), axis=tuple(range(1, values.ndim)))
    found = aca_l0.MSID(name, slot, *window, archive=watched.site)
    assert found.times.tolist() == [row["TIME"] for row, there in zip(rows, held, strict=True) if there]
    assert same(found.vals, values[held])


@SHARED
@given(window=WINDOWS, key=st.sampled_from([*HDR3, *JOINED]))
def test_header_3(watched: Watched, window: list[float], key: str) -> None:
    times, values = watched.slow.hdr3(key, *window)
    found = aca_hdr3.MSID(key, *window, archive=watched.site)
    assert found.times.tolist() == times
    assert np.ma.getmaskarray(found.vals).tolist() == [value is None for value in values]
    wanted = [value for value in values if value is not None]
    assert np.ma.compressed(found.vals) == pytest.approx(wanted, rel=2e-6, abs=1e-6, nan_ok=True)


@SHARED
@given(window=WINDOWS)
def test_the_table_of_all_slots(watched: Watched, window: list[float]) -> None:
    every = chain.from_iterable(watched.slow.rows(slot, *window) for slot in range(8))
    rows = sorted((row for row in every if row["QUALITY"] == 0), key=lambda row: (row["TIME"], row["IMGNUM1"]))
    found = aca_l0.get_aca_images(*window, archive=watched.site)
    assert len(found) == len(rows)
    for name in ("TIME", "MJF", "TEMPCCD", "BGDSTAT", "IMGROW0", "HD3TLM62", "IMGSIZE", "GLBSTAT"):
        assert same(np.ma.asanyarray(found[name].data), column(rows, name)), name
    assert same(np.ma.asanyarray(found["IMG"].data), images(rows, centered=True))
    assert found["IMGNUM"].tolist() == [row["IMGNUM1"] for row in rows]
    assert found["IMGROW_A1"].tolist() == [row["IMGROW0"] + (row["IMGSIZE"] == 6) for row in rows]
    assert found["IMGCOL0_8X8"].tolist() == [row["IMGCOL0"] - {4: 2, 6: 1, 8: 0}[row["IMGSIZE"]] for row in rows]
    assert found["VCDUCTR"].tolist() == [row["MJF"] * 128 + row["MNF"] for row in rows]
    assert found["SAT_PIXEL"].tolist() == [bool(row["IMGSTAT"] & 32) for row in rows]
    assert found["ION_RAD"].tolist() == [bool(row["IMGSTAT"] & 1) for row in rows]
