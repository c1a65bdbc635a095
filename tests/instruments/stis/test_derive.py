"""From stored darks to planes: which were used, what is stale, and what is read back."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, open_archive
from longwatch.catalog.declared import declared_cubes
from longwatch.catalog.slabs import slabs_of
from longwatch.errors import NotFound, Refused
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.dark_writer import Setup, Shot, flt_file
from longwatch.instruments.stis.derive import derive_period, derive_stale, frames_table, stale_periods, used_darks
from longwatch.instruments.stis.detector import Frame
from longwatch.instruments.stis.selection import USUAL
from longwatch.instruments.stis.simulate import FIRST, Size, simulate_size

SQUARE = slice(500, 524)
SIZE = Size(rows=SQUARE, cols=SQUARE, n_periods=3, n_dark_periods=3, n_darks=12)
MJD = 58030.0


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("darks")
    simulate_size(folder, seed=3, size=SIZE, csv=False)
    return folder


@pytest.fixture
def archive(incoming: Path, tmp_path: Path) -> Iterator[Archive]:
    with open_archive(tmp_path / "site", create=True) as site:
        site.ingest(incoming)
        yield site


def odd_dark(folder: Path, name: str, *shots: Shot, size: int = 24, **cards: object) -> Path:
    image = np.full((size, size), 35, np.float32)
    frame = Frame(sci=image, err=image, dq=np.zeros(image.shape, np.int16), cosmic=image > 1e9)
    setup = Setup(rootname=name, origin=(500, 500), cards=cards)
    shots = shots or (Shot(mjd=MJD, exptime_s=1100.0, temp_c=20.0),)
    path = folder / f"{name}_flt.fits"
    path.write_bytes(flt_file(setup, [(shot, frame) for shot in shots]))
    return path


def test_every_period_is_derived_once(archive: Archive, incoming: Path) -> None:
    assert stale_periods(archive) == [FIRST, FIRST + 1, FIRST + 2]
    done = list(derive_stale(archive))
    assert [(one.number, one.n_used, one.excluded, one.stored) for one in done] == [
        (FIRST + i, 12, {}, True) for i in range(3)
    ]
    assert stale_periods(archive) == []
    assert derive_period(archive, FIRST).stored is False
    truth = np.load(incoming / "truth" / "stis.npz")["rate"]
    for i in range(3):
        found = archive.cubes[c.LIFE].region((500, 524), (500, 524), epoch=FIRST + i, properties=["dark_rate"])
        ratio = found["dark_rate"][0] / truth[i]
        assert np.nanmedian(ratio) == pytest.approx(1, abs=0.02)


def test_outside_the_square_nothing_was_observed(archive: Archive) -> None:
    derive_period(archive, FIRST)
    image = archive.cubes[c.LIFE].image("dark_rate", FIRST)
    assert image.shape == c.SHAPE
    assert np.ma.count(image) == 24 * 24


def test_every_input_frame_is_named_by_its_hash(archive: Archive) -> None:
    derive_period(archive, FIRST)
    table = frames_table(archive, FIRST)
    stored = archive.products.find(kind="stis.dark")
    hashes = dict(zip(stored["key"].tolist(), stored["sha256"].tolist(), strict=True))
    for cube in (c.CUBE, c.LIFE):
        made = archive.cubes[cube].inputs(FIRST)
        assert {name.removesuffix("[1]"): sha256 for name, sha256 in made.iterrows()} == {
            str(name): hashes[str(name)] for name in table["rootname"]
        }
    assert len(table) == 12
    assert [hashes[str(name)] for name in table["rootname"]] == table["sha256"].tolist()
    assert table["used"].all()
    assert not table["notemp"].any()
    assert (table["factor"] > 1).any()


def test_replacing_or_adding_a_dark_makes_its_period_stale_and_no_other(
    archive: Archive, incoming: Path, tmp_path: Path
) -> None:
    list(derive_stale(archive))
    before = archive.cubes[c.CUBE].image("sci_mean", FIRST)
    old = sorted((incoming / "darks").iterdir())[3]
    replaced = odd_dark(tmp_path, old.name[:9], Shot(mjd=MJD, exptime_s=1100.0, temp_c=20.0), DATE="2030-01-01")
    archive.ingest(replaced)
    assert stale_periods(archive) == [FIRST]
    assert [one.number for one in derive_stale(archive)] == [FIRST]
    assert stale_periods(archive) == []
    assert not np.ma.allequal(archive.cubes[c.CUBE].image("sci_mean", FIRST), before)
    archive.retract(kind="stis.dark", key=old.name[:9])
    assert stale_periods(archive) == [FIRST]


def test_adding_a_dark_derives_its_period_again_and_writes_nothing_of_the_others(
    archive: Archive, tmp_path: Path
) -> None:
    def planes(number: int) -> set[tuple[object, ...]]:
        with archive.catalog.read() as snapshot:
            ids = [found.id for found in declared_cubes(snapshot).values() if found.spec.name in {c.CUBE, c.LIFE}]
            return {(s.oid, s.version_id) for cube in ids for s in slabs_of(snapshot, cube, epoch=number)}

    list(derive_stale(archive))
    before = {number: planes(number) for number in (FIRST, FIRST + 1, FIRST + 2)}
    archive.ingest(odd_dark(tmp_path, "oneworldq", Shot(mjd=MJD + 28, exptime_s=1100.0, temp_c=20.0)))
    (done,) = derive_stale(archive)
    assert (done.number, done.n_used) == (FIRST + 1, 13)
    assert {number for number in before if planes(number) != before[number]} == {FIRST + 1}
    assert len(archive.cubes[c.LIFE].inputs(FIRST + 1)) == 13
    assert list(derive_stale(archive)) == []


def test_biases_tell_the_read_noise(archive: Archive, tmp_path: Path) -> None:
    derive_period(archive, FIRST)
    before = archive.cubes[c.LIFE].image("readnoise_true", FIRST)
    rng = np.random.default_rng(4)
    for number in range(24):
        sci = rng.normal(0, 9.0, (24, 24)).astype(np.float32)
        frame = Frame(sci=sci, err=sci, dq=np.zeros(sci.shape, np.int16), cosmic=sci > 1e9)
        cards = {"TARGNAME": "BIAS", **({"CCDGAIN": 4} if number == 5 else {})}
        setup = Setup(rootname=f"obias{number:03d}q", origin=(500, 500), cards=cards)
        shot = Shot(mjd=MJD + 0.1 * number, exptime_s=0.0, temp_c=20.0)
        (tmp_path / f"obias{number:03d}q_flt.fits").write_bytes(flt_file(setup, [(shot, frame)]))
    assert archive.ingest(tmp_path).kinds == {"stis.bias": 24}
    assert stale_periods(archive) == [FIRST, FIRST + 1, FIRST + 2]
    assert derive_period(archive, FIRST).n_used == 12
    after = archive.cubes[c.LIFE].image("readnoise_true", FIRST)
    assert np.median(before.compressed()) == pytest.approx(6.2, abs=0.8)
    assert np.sqrt(np.mean(np.square(after.compressed()))) == pytest.approx(9.0, rel=0.02)
    assert len(archive.cubes[c.LIFE].inputs(FIRST)) == 12 + 23
    assert len(archive.cubes[c.CUBE].inputs(FIRST)) == 12
    table = frames_table(archive, FIRST)
    biases = table[np.asarray(table["target"]) == "BIAS"]
    assert biases["used"].sum() == 23
    assert set(biases["reason"][~biases["used"]]) == {"gain 4, not 1"}
    assert len(used_darks(archive, FIRST)) == 12
    assert stale_periods(archive) == [FIRST + 1, FIRST + 2]


def test_exposures_that_must_not_count_are_recorded_with_the_reason(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    odd_dark(folder, "oampaaaaq", CCDAMP="A")
    odd_dark(folder, "ogain444q", CCDGAIN=4)
    odd_dark(folder, "obinnedbq", BINAXIS1=2, BINAXIS2=2, size=12)
    odd_dark(folder, "oshort60q", Shot(mjd=MJD + 0.2, exptime_s=60.0, temp_c=20.0))
    odd_dark(folder, "onotempaq", Shot(mjd=MJD + 0.3, exptime_s=1100.0, temp_c=-1.0))
    odd_dark(folder, "omulti010", *(Shot(mjd=MJD + 0.3 + 0.1 * i, exptime_s=1100.0, temp_c=None) for i in range(2)))
    cut = odd_dark(folder, "otruncatq")
    cut.write_bytes(cut.read_bytes()[:9000])
    report = archive.ingest(folder)
    assert report.quarantined == 1
    done = derive_period(archive, FIRST)
    assert done.n_used == 12 + 2
    assert done.excluded == {
        "amplifier A, not D": 1,
        "gain 4, not 1": 1,
        "binned 2 x 2": 1,
        "60 s, shorter than 960 s": 1,
        "the same exposure as omulti010": 1,
    }
    table = frames_table(archive, FIRST)
    unknown = table[table["notemp"]]
    assert set(unknown["rootname"].tolist()) == {"onotempaq", "omulti010"}
    assert set(unknown["factor"].tolist()) == {1.0}
    assert unknown["occdhtav"].mask.all()
    assert np.ma.getdata(archive.cubes[c.LIFE].pixel(510, 510, epoch=FIRST)["n_frames"]).tolist() == [14]


def test_a_period_without_a_usable_dark_keeps_the_reasons_and_no_planes(archive: Archive) -> None:
    derive_period(archive, FIRST)
    done = derive_period(archive, FIRST, replace(USUAL, ccdamp="B"))
    assert done.n_used == 0
    assert done.excluded == {"amplifier D, not B": 12}
    assert not frames_table(archive, FIRST)["used"].any()
    with pytest.raises(NotFound, match="nothing of epoch 200"):
        archive.cubes[c.LIFE].image("dark_rate", FIRST)


def test_compressed_and_linked_darks_give_the_same(archive: Archive, incoming: Path, tmp_path: Path) -> None:
    derive_period(archive, FIRST)
    folder = tmp_path / "zipped"
    folder.mkdir()
    for number, path in enumerate(sorted((incoming / "darks").iterdir())):
        if number % 2:
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        else:
            shutil.copy(path, folder)
    for table in incoming.glob("*.csv"):
        shutil.copy(table, folder)
    with open_archive(tmp_path / "linked", create=True) as other:
        other.ingest(folder, link=True)
        assert derive_period(other, FIRST).n_used == 12
        for name in ("sci_mean", "stability"):
            one, two = (site.cubes[c.CUBE].image(name, FIRST) for site in (archive, other))
            assert np.array_equal(np.ma.filled(one, -1.0), np.ma.filled(two, -1.0), equal_nan=True)


def test_without_darks_or_without_the_right_to_write_it_is_said(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no epoch 999"):
        derive_period(archive, 999)
    with open_archive(archive.site, read_only=True) as reading, pytest.raises(Refused, match="reading only"):
        derive_period(reading, FIRST)
    archive.retract(kind="stis.dark", start="2010-01-01", stop="2030-01-01")
    with pytest.raises(NotFound, match="No dark of anneal period 200 is stored"):
        derive_period(archive, FIRST)
    with open_archive(tmp_path / "empty", create=True) as empty:
        assert stale_periods(empty) == []
