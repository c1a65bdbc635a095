"""One's own rows, in whatever form they are at hand."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from astropy import units
from astropy.table import Table
from astropy.time import Time

from longwatch.domain.column import Column
from longwatch.errors import BadQuery
from longwatch.series.face import SeriesRoom
from longwatch.series.own import instants_of
from longwatch.series.series import Series
from longwatch.testing.series_site import SeriesSite

TIMES = ["2026-01-31", "2026-02-01T00:00:00.5"]
TIMES_US = [1769817637000000, 1769904037500000]


@pytest.fixture
def room(site: SeriesSite) -> SeriesRoom:
    return site.room()


@pytest.fixture
def temps(room: SeriesRoom) -> Series:
    return room.create("lab.temps", columns={"ccd_temp": "deg_C", "state": "", "on": ""}, description="Temperatures.")


@pytest.mark.parametrize(
    "times",
    [
        TIMES,
        Time(TIMES),
        TIMES_US,
        np.array(TIMES_US),
        np.array(TIMES, dtype="M8[us]"),
        [datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, 0, 0, 0, 500_000, tzinfo=UTC)],
        Time(TIMES).cxcsec,
    ],
    ids=["iso", "Time", "us", "us array", "datetime64", "datetime", "mission seconds"],
)
def test_times_come_in_any_form(times: object) -> None:
    assert instants_of(times).tolist() == TIMES_US


def test_rows_come_back_and_the_same_rows_are_stored_once(temps: Series) -> None:
    rows = {"time": TIMES, "ccd_temp": [-10.0, -11.5], "state": ["warm", "cold"], "on": [True, False]}
    assert temps.append(rows) == 2
    assert temps.append(rows) == 0
    table = temps.fetch(start="2026-02-01")
    assert table["ccd_temp"].tolist() == [-11.5]
    assert table["state"].tolist() == ["cold"]
    assert table["on"].tolist() == [False]
    assert temps.times(table)[0].isot == TIMES[1] + "00"


def test_rows_given_last_answer_and_what_was_not_given_is_missing(temps: Series) -> None:
    temps.append({"time": TIMES, "ccd_temp": [1.0, 2.0]})
    temps.append({"time": TIMES[1:], "ccd_temp": np.ma.MaskedArray([3.0], [True])})
    table = temps.fetch()
    assert table["ccd_temp"].tolist() == [1.0, None]
    assert table["state"].mask.all()


def test_quantities_and_table_columns_are_converted(temps: Series) -> None:
    temps.append({"time": TIMES, "ccd_temp": [273.15, 283.15] * units.K})
    temps.append(Table({"time": ["2026-03-01"], "ccd_temp": [293.15] * units.K}))
    assert temps.fetch()["ccd_temp"].tolist() == pytest.approx([0, 10, 20])
    with pytest.raises(BadQuery, match="'deg_C'"):
        temps.append({"time": TIMES, "ccd_temp": [1.0, 2.0] * units.m})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"ccd_temp": [1.0]}, "need times in 'time'"),
        ({"time": ["today"], "ccd_temp": [1.0]}, "is not a time"),
        ({"time": TIMES, "ccd_tmp": [1.0, 2.0]}, "no column 'ccd_tmp'"),
        ({"time": TIMES, "ccd_temp": [1.0]}, "different lengths"),
    ],
)
def test_rows_that_contradict_the_declaration_are_refused(temps: Series, rows: dict[str, object], message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        temps.append(rows)
    assert len(temps.fetch()) == 0


def test_lists_of_numbers_stay_numbers(room: SeriesRoom) -> None:
    column = Column(name="peaks", unit="V", description="Peaks", dtype="f8", ragged=True)
    lists = np.empty(2, dtype=object)
    lists[:] = [np.array([1.0, 2.0]), np.array([])]
    room.create("lab.peaks", {"peaks": column}).append({"time": TIMES, "peaks": lists})
    assert [row.tolist() for row in room["lab.peaks"].fetch()["peaks"]] == [[1.0, 2.0], []]
