"""The readers give what stands in the real files (truth: spec/cos.md 3.3 to 3.7, 5.2, 5.4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.time import Time

from longwatch.contracts.kind import Source
from longwatch.domain.times import from_us, us_from_mjd
from longwatch.errors import BadFile
from longwatch.instruments.cos.readers import (
    exposure_of_jitter,
    read_jit,
    read_lampflash,
    read_lamptab,
    read_rawacq,
    read_spt,
    read_wcptab,
)

EXPSTART = {
    "lb4c10niq": 55202.48302439,
    "lbhx97ijq": 55569.66150848,
    "lcwj02qvq": 57299.49579449,
    "lcwj05egq": 57433.65586375,
    "ld1ce1rcq": 57330.15729042,
    "ld1ce2j1q": 57389.72835523,
    "ld1ce4dkq": 57643.39421050,
    "lddm01tlq": 57751.04798630,
}
FLASHES = {
    "lb4c10niq": [("NUVA", 1), ("NUVB", 1), ("NUVC", 1), ("NUVA", 2), ("NUVB", 2), ("NUVC", 2)],
    "lbhx97ijq": [("FUVA", 1), ("FUVA", 2), ("FUVB", 1), ("FUVB", 2)],
    "lcwj02qvq": [("NUVA", 1), ("NUVB", 1), ("NUVC", 1)],
    "ld1ce1rcq": [("FUVA", 1), ("FUVA", 2), ("FUVB", 1), ("FUVB", 2)],
    "lddm01tlq": [("FUVA", 1), ("FUVB", 1)],
}
FIRST_FLASH = {
    "lb4c10niq": "2010-01-06T11:35:37.627",
    "ld1ce1rcq": "2015-11-04T03:46:36.868",
    "lddm01tlq": "2016-12-29T01:09:18.816",
}


@pytest.fixture
def flashes_of(real_cos: Path, open_source: Callable[[Path], Source]) -> Any:
    def read(root: str) -> Any:
        reading = read_lampflash(open_source(real_cos / f"{root}_lampflash.fits.gz"))
        return reading, reading.rows[0].columns

    return read


@pytest.mark.parametrize(("root", "expstart"), EXPSTART.items())
def test_lampflash_identity_and_exposure(flashes_of: Any, root: str, expstart: float) -> None:
    reading, rows = flashes_of(root)
    assert reading.key == root
    assert reading.t_min_us == us_from_mjd(expstart)
    (exposure,) = reading.exposures
    assert (exposure.obs_id, exposure.t_min_us) == (root, reading.t_min_us)
    assert exposure.t_max_us > exposure.t_min_us
    assert exposure.attributes["detector"] == rows["detector"][0]
    np.testing.assert_allclose(rows["time"], expstart + rows["elapsed"] / 86400, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("root", "expected"), FLASHES.items())
def test_flash_number_is_right_in_both_row_orders(flashes_of: Any, root: str, expected: Any) -> None:
    _, rows = flashes_of(root)
    assert list(zip(rows["segment"].tolist(), rows["flash"].tolist(), strict=True)) == expected


@pytest.mark.parametrize(("root", "utc"), FIRST_FLASH.items())
def test_first_flash_absolute_time(flashes_of: Any, root: str, utc: str) -> None:
    _, rows = flashes_of(root)
    assert abs((from_us(us_from_mjd(float(rows["time"][0]))) - Time(utc, scale="utc")).sec) < 6e-4


def test_lampflash_setup(flashes_of: Any) -> None:
    _, rows = flashes_of("ld1ce1rcq")
    setup = {name: rows[name][0].item() for name in ("detector", "opt_elem", "cenwave", "fppos", "life_adj")}
    assert setup == {"detector": "FUV", "opt_elem": "G130M", "cenwave": 1327, "fppos": 1, "life_adj": 3}
    assert (rows["lamptab"][0], rows["wcptab"][0]) == ("24914347l_lamp", "u1t1616ql_wcp")


def test_lifetime_position_may_be_minus_one(flashes_of: Any) -> None:
    _, rows = flashes_of("lddm01tlq")
    assert rows["life_adj"].tolist() == [-1, -1]


def test_spectrum_not_found_is_kept_and_said(flashes_of: Any) -> None:
    _, rows = flashes_of("lbhx97ijq")
    assert rows["spec_found"].tolist() == [True, True, False, False]


def test_lampflash_version_orders_by_date_then_calcos(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    source = open_source(real_cos / "ld1ce1rcq_lampflash.fits.gz")
    assert read_lampflash(source).version == (
        "2018-04-09 000000058217.850451 000000000003.000000 000000000003.000000 000000000004.000000"
    )


def test_lampflash_without_table_is_bad(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    source = open_source(real_cos / "ldngz2szq_rawacq.fits.gz")
    with pytest.raises(BadFile, match="LAMPFLASH"):
        read_lampflash(source)


def test_text_is_no_lampflash(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    with pytest.raises(BadFile, match="sought a FITS file"):
        read_lampflash(open_source(real_cos / "sms" / "100047aa.txt"))


ACQUISITIONS = {
    "lb4l02m1q": ("ACQ/PEAKXD", None, -0.156, None, 1896, "02.002"),
    "lbhx1epiq": ("ACQ/IMAGE", 0.653, -0.304, 16670, 686, "1E.001"),
    "ldi404zsq": ("ACQ/PEAKD", 0.018, None, None, None, "04.002"),
    "ldng01chq": ("ACQ/PEAKD", -0.064, None, None, None, "01.003"),
    "ldng05huq": ("ACQ/IMAGE", 0.148, -0.286, 5931, 3493, "05.001"),
    "ldngz2szq": ("ACQ/PEAKXD", None, -0.193, None, None, "Z2.002"),
}


@pytest.mark.parametrize(("root", "expected"), ACQUISITIONS.items())
def test_rawacq_header_values(real_cos: Path, open_source: Callable[[Path], Source], root: str, expected: Any) -> None:
    source = open_source(real_cos / f"{root}_rawacq.fits.gz")
    reading = read_rawacq(source)
    primary, first = source.fits.hdus[0].header, source.fits.hdus[1].header
    found = (
        primary.text("EXPTYPE").strip(),
        primary.number("ACQSLEWX"),
        primary.number("ACQSLEWY"),
        first.number("NEVENTS"),
        primary.number("LAMPEVNT"),
        primary.text("LINENUM").strip(),
    )
    assert found == expected
    assert reading.key == root
    assert reading.exposures[0].obs_id == root
    assert reading.exposures[0].attributes["exptype"] == expected[0]
    assert primary.text("ACQSTAT").strip() == "Success"


def test_an_acquisition_image_spans_both_its_images(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    reading = read_rawacq(open_source(real_cos / "lbhx1epiq_rawacq.fits.gz"))
    assert (reading.t_min_us, reading.t_max_us) == (us_from_mjd(55692.66989162), us_from_mjd(55692.67282791))


@pytest.mark.parametrize(("root", "sums"), [("lbhx1epiq", (16670, 17148)), ("ldng05huq", (5931, 5730))])
def test_acquisition_image_sums(real_cos: Path, open_source: Callable[[Path], Source], root: str, sums: Any) -> None:
    fits = open_source(real_cos / f"{root}_rawacq.fits.gz").fits
    assert tuple(int(hdu.image().sum(dtype=np.int64)) for hdu in fits.hdus if hdu.name == "SCI") == sums


@pytest.mark.parametrize(
    ("root", "axis", "offsets", "counts", "slew"),
    [
        ("ldng01chq", "DISP", [0, -1.8, -0.9, 0.9, 1.8], [1314, 37, 1048, 887, 0], -0.06436),
        ("ldi404zsq", "DISP", [0, -1.3, 1.3], [6952, 6468, 6750], 0.01818),
        ("ldngz2szq", "XDISP", [0, -1.3, 1.3], [578, 291, 141], -0.19307),
    ],
)
def test_dwell_counts_close_the_slew(
    real_cos: Path, open_source: Callable[[Path], Source], root: str, axis: Any, offsets: Any, counts: Any, slew: Any
) -> None:
    table = open_source(real_cos / f"{root}_rawacq.fits.gz").fits.hdu("ACQ").table()
    np.testing.assert_allclose(table[f"{axis}_OFFSET"], offsets, atol=1e-6)
    assert table["COUNTS"].tolist() == counts
    assert table[f"{axis}_OFFSET"] @ table["COUNTS"] / table["COUNTS"].sum() == pytest.approx(slew, abs=1e-5)


@pytest.mark.parametrize(
    ("root", "fgs", "lamp"), [("lb4l02m1q", "F3", 0.0), ("lbhx1epiq", "F1", 710.0), ("ldng05huq", "F2", 705.0)]
)
def test_spt_guide_star_and_lamp_position(
    real_cos: Path, open_source: Callable[[Path], Source], root: str, fgs: Any, lamp: Any
) -> None:
    source = open_source(real_cos / f"{root}_spt.fits.gz")
    assert read_spt(source).key == root
    assert source.fits.primary.header.text("DGESTAR").strip()[-2:] == fgs
    assert source.fits.hdus[1].header.number("LQTAYCOR") == lamp


def test_spt_tells_the_plan_and_no_exposure(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    reading = read_spt(open_source(real_cos / "lb4c10niq_spt.fits.gz"))
    assert reading.exposures == ()
    assert from_us(reading.t_min_us).isot == "2010-01-06T11:35:16.000"


def test_jitter_placeholders_are_masked_one_by_one(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    reading = read_jit(open_source(real_cos / "ldngz2szj_jit.fits.gz"))
    rows = reading.rows[0].columns
    assert reading.key == "ldngz2szj"
    assert set(rows["obs_id"]) == {"ldngz2szq"}
    assert {len(values) for values in rows.values()} == {21}
    masked = {name: int(np.ma.count_masked(values)) for name, values in rows.items()}
    assert masked["si_v2_avg"] == masked["ra"] == int((rows["takedata"] == 0).sum()) == 13
    assert masked["termang"] == 21
    assert masked["seconds"] == masked["limbang"] == 0
    assert rows["seconds"][1] == pytest.approx(0.05, abs=1e-6)


def test_jitter_of_an_association_keeps_its_exposures_apart(
    real_cos: Path, open_source: Callable[[Path], Source]
) -> None:
    reading = read_jit(open_source(real_cos / "ldxe02010_jit.fits.gz"))
    (rows,) = reading.rows
    names, counts = np.unique(rows.columns["obs_id"], return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        "ldxe02svq": 268,
        "ldxe02sxq": 268,
        "ldxe02szq": 409,
        "ldxe02t1q": 409,
    }
    assert (reading.key, reading.t_min_us, reading.exposures) == ("ldxe02010", None, ())
    assert len(rows.columns) == 29


def test_exposure_of_jitter() -> None:
    assert exposure_of_jitter("ldxe02svj ") == "ldxe02svq"


@pytest.mark.parametrize("root", ["u1t1616ol_lamp", "23n1744jl_lamp", "24914347l_lamp"])
def test_lamptab_key_is_how_headers_cite_it(real_cos: Path, open_source: Callable[[Path], Source], root: str) -> None:
    source = open_source(real_cos / "crds" / f"{root}.fits.gz")
    assert read_lamptab(replace(source, name="renamed.fits")).key == root


@pytest.mark.parametrize("root", ["u1t1616ql_wcp", "xaf1429el_wcp"])
def test_wcptab_key_is_how_headers_cite_it(real_cos: Path, open_source: Callable[[Path], Source], root: str) -> None:
    source = open_source(real_cos / "crds" / f"{root}.fits.gz")
    assert read_wcptab(replace(source, name="renamed.fits")).key == root


def test_a_wcptab_that_does_not_state_its_name_has_that_of_the_file(
    real_cos: Path, open_source: Callable[[Path], Source]
) -> None:
    source = open_source(real_cos / "crds" / "03p1706jl_wcp.fits.gz")
    assert "FILENAME" not in source.fits.primary.header
    assert read_wcptab(source).key == "03p1706jl_wcp"


def test_a_lamptab_is_no_wcptab(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    with pytest.raises(BadFile, match="XC_RANGE"):
        read_wcptab(open_source(real_cos / "crds" / "u1t1616ol_lamp.fits.gz"))
