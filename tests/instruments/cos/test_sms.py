"""Exposure reports line by line (truth: spec/cos.md 5.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longwatch.contracts.kind import Source
from longwatch.domain.times import from_us, us_from_mjd
from longwatch.errors import BadFile
from longwatch.instruments.cos.sms import parse_report, read_sms

COUNTS = {
    "100047aa": 92,
    "110037a8": 112,
    "122687b1": 20,
    "152717t0": 152,
    "153627a7": 80,
    "160467a6": 82,
    "161027a5": 132,
    "161368a8": 75,
    "162567b1": 50,
    "181137b3": 65,
    "181137b4": 65,
    "181137c2": 65,
}


@pytest.fixture
def report_of(real_cos: Path) -> Any:
    return lambda name: parse_report((real_cos / "sms" / f"{name}.txt").read_text("ascii"), name=name)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_every_exposure_is_read(report_of: Any, name: str, count: int) -> None:
    report = report_of(name)
    assert (len(report.exposures), report.bad_lines) == (count, ())
    assert f"{report.sms_id}{report.version}" == name
    assert len({fields["exposure"] for fields in report.exposures}) == count
    assert len({fields["rootname"] for fields in report.exposures}) == count


def test_what_a_report_is_made_of(report_of: Any) -> None:
    exposures = report_of("100047aa").exposures
    assert Counter(e["detector"] for e in exposures) == {"FUV": 51, "NUV": 41}
    assert Counter(e["hvstate"] for e in exposures) == {"HVNom": 47, "HVSegA": 4, None: 41}
    assert Counter(e["fppos"] for e in exposures) == {3: 74, 4: 9, 1: 5, 2: 4}
    assert Counter(e["opmode"] for e in exposures) == {
        "TIME-TAG": 63,
        "ACQ/SEARCH": 11,
        "ACQ/IMAGE": 8,
        "ACQ/PEAKXD": 5,
        "ACQ/PEAKD": 5,
    }


def test_first_row_in_both_layouts(report_of: Any) -> None:
    first = report_of("100047aa").exposures[0]
    assert first == {
        "rootname": "lbb906as",
        "proposid": 11897,
        "target": "WD0947+857",
        "exposure": "BB90601",
        "file_id": "100047aa",
        "detector": "FUV",
        "opmode": "ACQ/SEARCH",
        "exptime": 2.0,
        "time": first["time"],
        "hvstate": "HVSegA",
        "aperture": "PSA",
        "life_adj": None,
        "osm1": "G140L",
        "osm2": None,
        "cenwave": 1105,
        "fppos": 3,
        "tsinceosm1": 87,
        "tsinceosm2": 20735,
    }
    assert from_us(us_from_mjd(first["time"])).yday[:17] == "2010:004:05:45:35"
    later = report_of("181137b3").exposures[1]
    assert (later["hvstate"], later["aperture"], later["life_adj"]) == ("163/100", "PSA", "4")


@pytest.mark.parametrize(
    ("name", "rootname", "since"),
    [
        ("100047aa", "lb4c10ni", (21024, 17086)),
        ("110037a8", "lbhx97ij", (127, 577)),
        ("122687b1", "lbhx26fm", (128, 581)),
        ("152717t0", "lcwj02qv", (8070, 7646)),
        ("153627a7", "ld1ce2j1", (92662, 92584)),
        ("160467a6", "lcwj05eg", (9898, 8216)),
        ("161027a5", "lcwj08e3", (19690, 19248)),
        ("161368a8", "ld1ce3yu", (124678, 124572)),
        ("162567b1", "ld1ce4dk", (34064, 34064)),
    ],
)
def test_time_since_the_mechanisms_moved(report_of: Any, name: str, rootname: str, since: tuple[int, int]) -> None:
    (row,) = [fields for fields in report_of(name).exposures if fields["rootname"] == rootname]
    assert (row["tsinceosm1"], row["tsinceosm2"]) == since


def test_versions_of_a_schedule_keep_their_exposures(report_of: Any) -> None:
    b3, b4, c2 = ({e["exposure"]: e["rootname"] for e in report_of(f"181137{v}").exposures} for v in ("b3", "b4", "c2"))
    assert b3.keys() == b4.keys() == c2.keys()
    assert (b4["DI20301"], c2["DI20301"]) == ("ldi203n9", "ldi203n6")
    assert sum(b4[key] != c2[key] for key in b4) == 9


def test_versions_share_one_identity_in_order(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    readings = [read_sms(open_source(real_cos / "sms" / f"181137{v}.txt")) for v in ("b3", "b4", "c2")]
    assert {reading.key for reading in readings} == {"181137"}
    assert [reading.version for reading in readings] == ["b3", "b4", "c2"]


def test_an_odd_line_is_reported_and_costs_only_itself(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    reading = read_sms(open_source(real_cos / "sms" / "bad_111078a6.txt"))
    assert reading.rows[0].columns["rootname"].tolist() == ["lbmum1c5"]
    assert reading.keywords["n_bad_lines"] == 1
    assert reading.keywords["bad_lines"].startswith("9: lbl205gi12315V-TW-HYA")


def test_blank_fields_are_masked(real_cos: Path, open_source: Callable[[Path], Source]) -> None:
    columns = read_sms(open_source(real_cos / "sms" / "100047aa.txt")).rows[0].columns
    assert np.ma.count_masked(columns["hvstate"]) == 41
    assert np.ma.count_masked(columns["life_adj"]) == 92
    assert {len(values) for values in columns.values()} == {92}


def test_a_text_without_title_is_no_report() -> None:
    with pytest.raises(BadFile, match="sought the title"):
        parse_report("nothing here\n", name="x.txt")


def test_a_report_of_which_nothing_can_be_read_is_bad() -> None:
    with pytest.raises(BadFile, match="none of 1 lines"):
        read_sms(Source(name="x.txt", data=b"COS Exposure Report: SMS 111078A6\nrubbish\n"))


def test_unusual_words_are_read() -> None:
    line = (
        "ldk201pm 15341 SDSSJ12420 DK2 01 01 01 NUV  ACQ/PKD-XD  16.0 2018.113:18:25:03         REL 4  NCM1     "
        "MIRRORA 1850 -2    333  66303                      NO"
    )
    report = parse_report(f"COS Exposure Report: SMS 181137B4\n{line}\n", name="x.txt")
    assert report.bad_lines == ()
    fields = report.exposures[0]
    assert (fields["opmode"], fields["aperture"], fields["fppos"]) == ("ACQ/PKD-XD", "REL", 1)
