"""The real level-0 files, value by value, and what a reader must refuse. Truth: spec/aca-dark-hdr3-l0.md 6.3."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.contracts.reading import Reading
from longwatch.domain.times import us_from_cxc
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.instruments.aca import columns as c
from longwatch.instruments.aca import readers
from longwatch.instruments.aca.l0_files import l0_file
from longwatch.instruments.aca.simulate import FIELD, INTEG_S, START, rows_of

FIRST_LAST = {
    0: ((-183, -169, 24), (-183, -169, 25)),
    1: ((370, 211, 70), (370, 211, 71)),
    2: ((-75, 341, 46), (-75, 341, 47)),
    3: ((131, 279, 71), (131, 280, 34)),
    6: ((297, 270, 17), (297, 271, 39)),
}
SLOT_0_COUNTS = """
10 10 21 15 17 16 11 22  12 12 16 28 35 21 30 16  18 28 66 144 84 48 24 20  25 70 347 1021 545 116 36 17
18 73 292 907 511 119 43 28  25 30 57 108 78 59 35 27  29 17 27 45 42 24 23 17  8 11 14 22 17 12 11 11
"""


def source(name: str, data: bytes, *, checksum: bool = True) -> Source:
    return Source(name=name, data=data, fits=parse(data, name=name, checksum=checksum))


def simulated(slot: int, n: int = 5, **changes: np.ndarray) -> bytes:
    rows = rows_of(FIELD[slot], np.arange(0, 4 * n, 4), np.random.default_rng(1))
    return l0_file(rows | changes)


def columns_of(reading: Reading) -> dict[str, np.ndarray]:
    rows = reading.rows[0]
    assert rows.series == "aca.l0"
    return dict(rows.columns)


@pytest.fixture(scope="module")
def real(real_data: Path) -> dict[int, Reading]:
    """Cut from longer files, their check sums are those of the whole: they are read without."""
    readings = {}
    for slot in FIRST_LAST:
        path = real_data / "aca" / "l0" / f"test_level0_{slot}.fits.gz"
        readings[slot] = readers.read(source(path.name, gzip.decompress(path.read_bytes()), checksum=False))
    return readings


@pytest.mark.real
def test_real_rows_of_each_slot(real: dict[int, Reading]) -> None:
    for slot, (first, last) in FIRST_LAST.items():
        rows = columns_of(real[slot])
        n, step, size = (10, 4.1, 8) if slot < 3 else (19, 2.05, 6)
        assert len(rows["time"]) == n
        assert np.diff(rows["time"]) == pytest.approx(step, abs=1e-6)
        assert rows["time"][[0, -1]].tolist() == pytest.approx([686111012.493093, 686111049.393095], abs=1e-6)
        assert set(rows["imgsize"]) == {size}
        assert set(rows["slot"]) == {slot}
        where = [(int(rows["imgrow0"][i]), int(rows["imgcol0"][i]), int(rows["bgdavg"][i])) for i in (0, -1)]
        assert where == [first, last]


@pytest.mark.real
def test_real_housekeeping(real: dict[int, Reading]) -> None:
    for reading in real.values():
        rows = columns_of(reading)
        assert {round(float(t), 2) for t in rows["tempccd"]} == {263.55, 263.95}
        for name, kelvin in {"temphous": 304.75, "tempprim": 304.35, "tempsec": 303.55}.items():
            assert rows[name] == pytest.approx(kelvin, abs=1e-4)
        assert rows["integ"] == pytest.approx(1.696)
        assert rows["end_integ_time"] - rows["time"] == pytest.approx(0.848, abs=1e-6)
        for name in ("quality", "glbstat", "commcnt", "commprog"):
            assert not rows[name].any()
        assert set(rows["imgfunc1"]) == {1}
        assert set(rows["imgstat"]) <= {0, 1, 16}
        assert set(rows["bgdstat"]) <= {239, 255, 191, 79, 95, 216, 219, 222, 223}
        assert set(rows["pixtlm"]) == {"ORIG"}
        assert set(rows["bgdtyp"]) == {"FLAT"}
        assert rows["mjf"][0] * 128 + rows["mnf"][0] == 1098364


@pytest.mark.real
def test_real_image_inverts_to_ten_bit_counts(real: dict[int, Reading]) -> None:
    rows = columns_of(real[0])
    image = rows["imgraw"][0].astype(float)
    assert rows["imgscale"][0] == 230
    counts = (image + 50) * 32 / 230
    assert counts.ravel().tolist() == [float(word) for word in SLOT_0_COUNTS.split()]
    assert image.sum() == 37344.6875
    assert image.max() == 7288.4375
    assert not np.ma.getmaskarray(rows["imgraw"]).any()


@pytest.mark.real
def test_every_real_pixel_is_a_whole_count(real: dict[int, Reading]) -> None:
    for reading in real.values():
        rows = columns_of(reading)
        images = rows["imgraw"].astype(float)
        counts = (images + 50) * 32 / rows["imgscale"][:, None, None]
        if reading.keywords["IMGSIZE"] == 6:
            counts[:, [0, 0, 5, 5], [0, 5, 0, 5]] = 8
        counts = counts.compressed()
        assert (counts == np.rint(counts)).all()
        assert counts.min() >= 8
        assert counts.max() <= 1023


@pytest.mark.real
def test_real_small_images_fill_the_low_corner(real: dict[int, Reading]) -> None:
    rows = columns_of(real[3])
    assert "hd3tlm62" not in rows
    mask = rows["imgraw"].mask
    assert mask.sum() == 19 * 28
    assert not mask[:, :6, :6].any()
    assert (rows["imgraw"][:, [0, 0, 5, 5], [0, 5, 0, 5]] == 0).all()


@pytest.mark.real
def test_real_header_3_bytes(real: dict[int, Reading]) -> None:
    words = {0: "02b401a4165c179e34953ee6", 1: "5ea0a0c4634cfff812c61c96", 2: "1c851c211c2d1be01bda1c1e"}
    for slot, text in words.items():
        rows = columns_of(real[slot])
        sets = [bytes(int(rows[name][row]) for name in c.HEADER_3).hex() for row in range(len(rows["time"]))]
        assert text in sets


@pytest.mark.real
def test_real_identity_version_and_span(real: dict[int, Reading]) -> None:
    assert [real[slot].key for slot in (0, 3)] == ["686111014_0", "686111014_3"]
    assert real[0].version == "000000000001.000000 000000000010.000000 000000000008.000000 000000000000.000000"
    assert real[0].t_min_us == int(us_from_cxc(686111012.493093 - 0.848))
    assert real[0].keywords == {"SLOT": 0, "IMGSIZE": 8}


@pytest.mark.real
def test_real_files_are_claimed_by_content(real_data: Path) -> None:
    for path in (real_data / "aca" / "l0").iterdir():
        head = gzip.decompress(path.read_bytes())
        assert readers.claim("any", head, None) == 1.0
        assert readers.claim("any", head[:8192], None) == 0.9


def test_claims_by_name_alone_and_leaves_others() -> None:
    assert readers.claim("acaf686111014N001_3_img0.fits.gz", b"", None) == 0.6
    assert readers.claim("lb4c10niq_lampflash.fits", b"SIMPLE  =", None) == 0.0


def test_four_by_four_masks_48_pixels_and_lacks_housekeeping() -> None:
    rows = columns_of(readers.read(source("a.fits", simulated(6))))
    assert rows["imgraw"].mask.sum() == 5 * 48
    assert "tempccd" not in rows
    assert rows["imgsize"].tolist() == [4] * 5


def test_every_column_is_declared_and_has_its_type() -> None:
    declared = {column.name: column for column in c.COLUMNS}
    for slot in range(c.SLOTS):
        for name, values in columns_of(readers.read(source("a.fits", simulated(slot)))).items():
            column = declared[name]
            assert values.shape[1:] == column.shape
            assert column.dtype == "str" or values.dtype == np.dtype(column.dtype), name


def test_check_sums_of_simulated_files_hold_and_values_come_back() -> None:
    truth = rows_of(FIELD[0], np.arange(0, 20, 4), np.random.default_rng(1))
    rows = columns_of(readers.read(source("a.fits", l0_file(truth))))
    for name in ("time", "mjf", "mnf", "bgdavg", "imgscale", "hd3tlm77"):
        assert rows[name].tolist() == truth[name].tolist(), name
    assert np.array_equal(rows["imgraw"].filled(np.nan), truth["imgraw"].astype(np.float32))


def test_a_file_without_rows_takes_its_slot_from_the_name() -> None:
    data = simulated(3, 1)
    header = data[: data.index(b"NAXIS2  =")] + b"NAXIS2  = " + b"0".rjust(20)
    empty = header + data[len(header) : -2880]
    reading = readers.read(source("acaf797000000N001_3_img0.fits", empty, checksum=False))
    assert reading.key == f"{int(START)}_3"
    assert len(columns_of(reading)["time"]) == 0
    with pytest.raises(BadFile, match="one slot from 0 to 7"):
        readers.read(source("nameless.fits", empty, checksum=False))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": np.array([1.0, np.nan, 2, 3, 4])}, "1 of 5 have none"),
        ({"imgnum1": np.array([0, 1, 0, 0, 0])}, r"there are \[0, 1\]"),
        ({"imgnum1": np.full(5, 9)}, r"there are \[9\]"),
    ],
)
def test_refuses_what_is_no_telemetry_of_one_slot(changes: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(BadFile, match=message):
        readers.read(source("bad.fits", simulated(0, **changes)))


def test_refuses_a_file_without_the_table() -> None:
    with pytest.raises(BadFile, match="ACADATA"):
        readers.read(source("bad.fits", simulated(0)[:2880]))


def test_refuses_a_file_without_name_giving_time() -> None:
    data = simulated(0).replace(b"TSTART  =", b"TSTERT  =")
    with pytest.raises(BadFile, match="TSTART"):
        readers.read(source("bad.fits", data, checksum=False))


def test_span_reaches_from_start_to_end_of_integration() -> None:
    reading = readers.read(source("a.fits", simulated(0)))
    assert reading.t_min_us is not None
    assert reading.t_max_us is not None
    assert (reading.t_max_us - reading.t_min_us) / 1e6 == pytest.approx(16 * 1.025 + INTEG_S, abs=1e-3)


def test_a_later_revision_is_a_higher_version() -> None:
    rows = rows_of(FIELD[0], np.arange(0, 8, 4), np.random.default_rng(1))
    versions = [readers.read(source("a.fits", l0_file(rows, revision=r))).version for r in (2, 10)]
    assert versions == sorted(versions)
