"""The real anneal periods and darks. Truth: spec/stis.md 2.6 and 6.4."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from longwatch.cubes.timelines import find_epoch
from longwatch.domain.epoch import Epoch, EpochMember
from longwatch.domain.times import from_us, to_us
from longwatch.errors import BadFile, NotFound
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis.periods import parse_darks, parse_periods

FIRST_STARTS = {
    0: ("1997-02-16 01:04:37", 40, "40x1800"),
    1: ("1997-04-17 01:04:37", 23, "23x1800"),
    2: ("1997-05-17 03:22:18", 37, "23x1800;2x1000;12x1350"),
    3: ("1997-06-19 12:23:09", 28, "4x1000;24x1350"),
    4: ("1997-07-21 05:48:04", 21, "3x1000;18x1350"),
    5: ("1997-08-11 10:36:48", 35, "5x1000;30x1350"),
    6: ("1997-09-15 15:53:08", 22, "3x1000;19x1350"),
    7: ("1997-10-09 04:36:21", 45, "4x1000;18x1260;23x1350"),
}


@pytest.fixture(scope="module")
def epochs(real_data: Path) -> tuple[Epoch, ...]:
    return parse_periods((real_data / "stis" / "stis_anneal_periods.csv").read_bytes(), name="periods")


@pytest.fixture(scope="module")
def darks(real_data: Path) -> tuple[EpochMember, ...]:
    return parse_darks((real_data / "stis" / "stis_anneal_darks.csv").read_bytes(), name="darks")


def utc(us: int | None) -> str:
    assert us is not None
    return str(from_us(us).strftime("%Y-%m-%d %H:%M:%S"))


@pytest.mark.real
def test_counts(epochs: tuple[Epoch, ...], darks: tuple[EpochMember, ...]) -> None:
    assert [epoch.number for epoch in epochs] == list(range(199))
    assert len(darks) == len({dark.member for dark in darks}) == 10_440
    counted = Counter(dark.number for dark in darks)
    assert {epoch.number: epoch.attributes["n_darks"] for epoch in epochs} == dict(counted)
    assert counted[91] == 50


@pytest.mark.real
def test_first_and_last_periods(epochs: tuple[Epoch, ...]) -> None:
    for number, (start, n_darks, exposures) in FIRST_STARTS.items():
        epoch = epochs[number]
        assert utc(epoch.start_us) == start
        assert epoch.attributes["n_darks"] == n_darks
        told = str(epoch.attributes["exptime_counts"]).split("|")
        assert sorted(told) == sorted(exposures.split(";"))
    assert (epochs[0].attributes["first_dark"], epochs[0].attributes["last_dark"]) == ("o3sl01pcq", "o3sl59kgq")
    assert epochs[1].attributes["first_dark"] == "o3sl62ykq"
    assert utc(epochs[197].start_us) == "2017-07-04 04:47:45"
    assert utc(epochs[197].stop_us) == "2017-08-01 09:04:12"
    assert utc(epochs[198].start_us) == "2017-08-02 22:44:26"
    assert epochs[198].attributes["n_darks"] == 2


@pytest.mark.real
def test_periods_follow_each_other_but_for_the_gap_before_the_stub(epochs: tuple[Epoch, ...]) -> None:
    gaps = [b.number for a, b in pairwise(epochs) if a.stop_us != b.start_us]
    assert gaps == [198]


@pytest.mark.real
@pytest.mark.parametrize(
    ("time", "number"),
    [
        ("1997-12-15 16:32:15", 9),
        ("1997-02-16 01:04:37", 0),
        ("1997-04-17 01:04:37", 1),
        ("1997-04-17 01:04:36.999999", 0),
        ("2004-08-03 12:00", 91),
        ("2009-01-01", 91),
        ("2013-09-15", 147),
    ],
)
def test_look_up(epochs: tuple[Epoch, ...], time: str, number: int) -> None:
    assert find_epoch(epochs, to_us(time), timeline=c.TIMELINE).number == number


@pytest.mark.real
@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("2017-08-02 00:00", r"after epoch 197 .* to 2017-08-01T09:04:12.* and before epoch 198 \(2017-08-02T22:44:26"),
        ("1997-02-16", "It lies before epoch 0"),
        ("2020-01-01", r"It lies after epoch 198 \([^)]*\)\. Ask"),
    ],
)
def test_look_up_outside_names_the_neighbours(epochs: tuple[Epoch, ...], time: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        find_epoch(epochs, to_us(time), timeline=c.TIMELINE)


@pytest.mark.real
def test_members_of_period_147(darks: tuple[EpochMember, ...]) -> None:
    members = [dark for dark in darks if dark.number == 147]
    assert len(members) == 56
    told = [(dark.member, utc(dark.t_us)) for dark in members[:3]]
    assert told == [
        ("oc4w6xh3q", "2013-09-03 00:10:34"),
        ("oc4w6yhbq", "2013-09-03 00:39:06"),
        ("oc4w6zp2q", "2013-09-04 02:10:28"),
    ]


@pytest.mark.real
def test_every_dark_lies_in_its_period(epochs: tuple[Epoch, ...], darks: tuple[EpochMember, ...]) -> None:
    for dark in darks:
        epoch = epochs[dark.number]
        assert dark.t_us is not None
        assert epoch.start_us is not None
        assert epoch.stop_us is not None
        assert epoch.start_us <= dark.t_us < epoch.stop_us


def table(*lines: str, header: bytes = c.PERIODS_HEADER) -> bytes:
    return b"\n".join((header, *(line.encode() for line in lines), b""))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("7,1997-10-09,1997-10-08,1,4,,,a,b", "line 2; the period from 1997-10-09 to 1997-10-08 ends before"),
        ("seven,1997-10-09,1997-11-08,1,4,,,a,b", "line 2; invalid literal"),
        ("7,yesterday,1997-11-08,1,4,,,a,b", "line 2; .*yesterday"),
        ("7,1997-10-09", "line 2"),
    ],
)
def test_refuses_a_bad_line(line: str, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        parse_periods(table(line), name="bad.csv")


def test_refuses_a_bad_dark() -> None:
    with pytest.raises(BadFile, match="line 3"):
        parse_darks(table("0,a,1997-03-01,1800,7092", "0,b,1997-03-01", header=c.DARKS_HEADER), name="bad.csv")


def test_of_overlapping_periods_the_later_answers() -> None:
    lines = [f"{n},1997-10-0{n},1997-11-08,1,4,,,a,b" for n in (2, 1)]
    epochs = parse_periods(table(*lines), name="a")
    assert find_epoch(epochs, to_us("1997-10-05"), timeline=c.TIMELINE).number == 2
