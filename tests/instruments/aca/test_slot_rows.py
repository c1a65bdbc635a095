"""Rows of a slot as a structured array hold what a table of the same rows holds."""

from __future__ import annotations

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.instruments.aca import aca_l0
from longwatch.instruments.aca.aca_table import centred
from longwatch.instruments.aca.simulate import START
from longwatch.instruments.aca.slot_rows import COLUMNS, FILENAME, old_type, structured

SPAN = (START - 10, START + 2 * 86_400)


@pytest.mark.parametrize("slot", [0, 3])
@pytest.mark.parametrize("centered", [False, True])
def test_every_field_is_its_column(watched: Archive, slot: int, centered: bool) -> None:
    series = watched.series["aca.l0"]
    blocks = series.blocks(None, *SPAN, where={"slot": slot})
    rows = structured([*COLUMNS, FILENAME], blocks, centered=centered)
    table = series.fetch(None, *SPAN, where={"slot": slot})
    assert len(rows) == len(table) > 1000
    for name in COLUMNS:
        wanted = np.ma.asanyarray(table[name.lower()].data)
        if name == "IMGRAW":
            wanted = centred(wanted, table["imgsize"]) if centered else wanted.reshape(len(table), -1)
        else:
            assert rows[name].dtype == old_type(name)
        there = ~np.ma.getmaskarray(wanted)
        assert np.array_equal(np.ma.getmaskarray(rows[name]), ~there), name
        assert np.array_equal(rows[name].data[there], wanted.data[there]), name
    assert rows[FILENAME].tolist() == series.origins(*SPAN, where={"slot": slot})["file"].tolist()
    assert not np.ma.getmaskarray(rows[FILENAME]).any()


def test_a_column_named_twice_is_given_once(watched: Archive) -> None:
    rows = aca_l0.get_slot_data(*SPAN, 0, columns=["TIME", "BGDAVG", "TIME"], archive=watched)
    assert rows.dtype.names == ("TIME", "BGDAVG")


def test_no_rows_have_all_fields(watched: Archive) -> None:
    blocks = watched.series["aca.l0"].blocks(None, START - 100, START - 90, where={"slot": 0})
    rows = structured(["TIME", FILENAME, "IMGRAW"], blocks, centered=False)
    assert (len(rows), rows["IMGRAW"].shape) == (0, (0, 64))


def test_both_ends_belong_to_a_span_to_the_microsecond(watched: Archive) -> None:
    times = aca_l0.get_slot_data(*SPAN, 0, columns=["TIME"], archive=watched)["TIME"].data
    first, last = times[5], times[-7]
    for begin, end, rows in (
        (first, last, slice(5, -6)),
        (first + 1e-6, last - 1e-6, slice(6, -7)),
        (first - 1e-6, last + 1e-6, slice(5, -6)),
        (first, first, slice(5, 6)),
    ):
        found = aca_l0.get_slot_data(begin, end, 0, columns=["TIME"], archive=watched)["TIME"].data
        assert np.array_equal(found, times[rows])
        assert np.array_equal(aca_l0.MSID("BGDAVG", 0, begin, end, archive=watched).times, found)
