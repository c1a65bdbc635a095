"""The three kinds of STIS files: claims, identities and what they bring."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.contracts.kind import Source
from longwatch.domain.times import to_us
from longwatch.errors import BadFile
from longwatch.instruments.stis import columns as c
from longwatch.instruments.stis import readers

CLAIMS = (readers.claim_pixels, readers.claim_periods, readers.claim_darks)
LINES = c.PIXELS_HEADER + b"\n3,4,1,2,3,0,5\n3,5,1,2,3,0,5\n"


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "mine"),
    [
        ("anneal_snippet.csv", readers.claim_pixels),
        ("stis_anneal_periods.csv", readers.claim_periods),
        ("stis_anneal_darks.csv", readers.claim_darks),
    ],
)
def test_real_files_are_claimed_by_their_first_line(real_data: Path, name: str, mine: object) -> None:
    head = (real_data / "stis" / name).read_bytes()[:2880]
    assert [claim("any.txt", head, None) for claim in CLAIMS] == [float(claim is mine) for claim in CLAIMS]


def test_pixels_become_planes_of_a_sub_array() -> None:
    reading = readers.read_pixels(Source(name="anneal_0.csv", data=LINES))
    assert reading.key == "anneal_0"
    assert [plane.property for plane in reading.planes] == [column.name for column in c.PROPERTIES]
    for plane in reading.planes:
        assert (plane.cube, plane.epoch, plane.origin) == ("stis.ccd", 0, (3, 4))
        assert plane.image.shape == (1, 2)


def test_pixels_without_a_number_say_what_to_do() -> None:
    with pytest.raises(BadFile, match=r"Name the file anneal_<number>\.csv"):
        readers.read_pixels(Source(name="anneal_snippet.csv", data=LINES))


@pytest.mark.real
def test_real_periods_and_darks(real_data: Path) -> None:
    folder = real_data / "stis"
    periods = readers.read_periods(Source(name="p", data=(folder / "stis_anneal_periods.csv").read_bytes()))
    darks = readers.read_darks(Source(name="d", data=(folder / "stis_anneal_darks.csv").read_bytes()))
    assert len(periods.epochs) == periods.keywords["N_PERIODS"] == 199
    assert len(darks.members) == darks.keywords["N_DARKS"] == 10_440
    assert periods.t_min_us == to_us("1997-02-16 01:04:37")
    assert darks.t_min_us == to_us("1997-03-01 09:24:06")
