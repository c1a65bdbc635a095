"""HST keywords mean what the archive is told they mean."""

from __future__ import annotations

from typing import Any

import pytest

from longwatch.domain.times import from_us, us_from_mjd
from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.instruments.cos.headers import (
    exposure,
    file_root,
    planned_span_us,
    product_version,
    rootname,
    span_us,
)


def header(**values: Any) -> Any:
    cards = (f"{keyword:8}= {value!r:>20}".ljust(80) for keyword, value in values.items())
    return Header("".join((*cards, "END".ljust(80))).encode())


def made(date: Any, calcos: Any) -> Any:
    return product_version(
        Header(f"DATE    = '{date}'".ljust(80).encode() + f"CAL_VER = '{calcos}'".ljust(80).encode())
    )


def test_rootname_is_lower_case_and_must_be_there() -> None:
    assert rootname(header(ROOTNAME="LB4C10NIQ  "), name="x") == "lb4c10niq"
    with pytest.raises(BadFile, match="sought ROOTNAME"):
        rootname(header(DETECTOR="FUV"), name="x")


@pytest.mark.parametrize(
    ("value", "root"),
    [
        ("lref$23n1744jl_lamp.fits", "23n1744jl_lamp"),
        ("U1T1616OL_LAMP.FITS ", "u1t1616ol_lamp"),
        ("x_wcp.fits.gz", "x_wcp"),
        ("N/A     ", ""),
        ("", ""),
    ],
)
def test_file_root(value: Any, root: str) -> None:
    assert file_root(value) == root


def test_span_goes_from_the_first_start_to_the_last_end() -> None:
    spans = [header(EXPSTART=57000.5, EXPEND=57000.6), header(NEVENTS=5), header(EXPSTART=57000.1, EXPEND=57000.2)]
    assert span_us(spans) == (us_from_mjd(57000.1), us_from_mjd(57000.6))


@pytest.mark.parametrize("values", [{}, {"EXPSTART": 57000.5}, {"EXPSTART": 57000.5, "EXPEND": 57000.4}])
def test_what_is_missing_or_reversed_is_no_span(values: Any) -> None:
    assert span_us([header(**values)]) is None


def test_planned_span() -> None:
    span = planned_span_us(header(PSTRTIME="2010.006:11:35:16", PSTPTIME="2010.006:12:25:59"))
    assert [from_us(us).isot for us in span] == ["2010-01-06T11:35:16.000", "2010-01-06T12:25:59.000"]
    assert planned_span_us(header(PSTRTIME="N/A", PSTPTIME="")) is None


def test_exposure_leaves_out_what_the_header_does_not_say() -> None:
    told = exposure(header(ROOTNAME="lb4c10niq", DETECTOR="NUV", LIFE_ADJ=-1), header(EXPTIME=3.5), (1, 2))
    assert told.attributes == {
        "obs_collection": "HST",
        "instrument_name": "COS",
        "t_exptime": 3.5,
        "detector": "NUV",
        "life_adj": -1,
    }


def test_a_later_file_and_a_later_calcos_win() -> None:
    ordered = [
        ("2017-07-05", "3.2.1 (2017-04-28)"),
        ("2018-03-24", "3.3.4"),
        ("2018-03-24", "3.3.10"),
        ("2019-01-01", ""),
    ]
    versions = [made(*one) for one in ordered]
    assert versions == sorted(versions)
    assert len(set(versions)) == 4
