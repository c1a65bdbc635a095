"""Saved copies of the page of periods."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.archive import open_archive
from longwatch.contracts.kind import Source
from longwatch.domain.times import to_us
from longwatch.errors import BadFile
from longwatch.instruments.stis.pixeldb import PixelDB
from longwatch.instruments.stis.saved_table import claim_saved, read_saved

PAGE = """<!DOCTYPE html><html><body><h1>Anneal periods</h1>
<table border="1"><thead><tr><th></th><th>start</th><th>end</th><th>duration</th><th>num</th><th>exposure_time</th>
<th>darks</th></tr></thead><tbody>
<tr><th>0</th><td>1997-02-16 01:04:37</td><td>1997-04-17 01:04:37</td><td>60 days 00:00:00</td><td>2</td>
<td>2 x 1800 s</td><td>o3sl01pcq, o3sl20psq</td></tr>
<tr><th>1</th><td>1997-04-17 01:04:37</td><td>1997-05-17 03:22:18</td><td>30 days 02:17:41</td><td>2</td>
<td>1 x 1000 s<br/>1 x 1350 s</td><td>o3sl62ykq, o3sl76cyq</td></tr>
</tbody></table><table><tr><td>another</td></tr></table></body></html>"""
CSV = """number,start,end,duration,num,exposure_time,darks
0,1997-02-16 01:04:37,1997-04-17 01:04:37,60 days 00:00:00,2,2 x 1800 s,"o3sl01pcq, o3sl20psq"
1,1997-04-17 01:04:37,1997-05-17 03:22:18,30 days 02:17:41,2,"1 x 1000 s
1 x 1350 s","o3sl62ykq, o3sl76cyq"
"""


@pytest.mark.parametrize("text", [PAGE, CSV])
def test_periods_and_darks(text: str) -> None:
    data = text.encode()
    assert claim_saved("anneals.html", data, None) > 0.5
    reading = read_saved(Source(name="anneals.html", data=data))
    assert [(epoch.number, epoch.start_us) for epoch in reading.epochs] == [
        (0, to_us("1997-02-16 01:04:37")),
        (1, to_us("1997-04-17 01:04:37")),
    ]
    assert reading.epochs[1].attributes == {"n_darks": 2, "exptime_counts": "1 x 1000 s; 1 x 1350 s"}
    assert [(dark.number, dark.member) for dark in reading.members][1:3] == [(0, "o3sl20psq"), (1, "o3sl62ykq")]


def test_other_pages_are_not_claimed() -> None:
    assert claim_saved("x.html", b"<html><table><tr><td>start</td></tr></table>", None) == 0
    assert claim_saved("x.csv", b"number,start_utc,end_utc", None) == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<table></table>", "there is no table"),
        (PAGE.replace("<th>num</th>", "<th>count</th>"), "sought a table with start"),
        (PAGE.replace("<th>1</th>", "<th>one</th>"), "period in row 2"),
        (PAGE.replace("1997-05-17", "1997-13-17"), "period in row 2"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        read_saved(Source(name="x", data=text.encode()))


def test_the_old_questions_are_answered_from_it(tmp_path: Path) -> None:
    (tmp_path / "anneals.html").write_text(PAGE)
    with open_archive(tmp_path / "site", create=True) as archive:
        assert archive.ingest(tmp_path / "anneals.html").stored == 1
        database = PixelDB(archive)
        assert database.query_anneal(date="1997-04-17 01:04:37")["AnnealNumber"].tolist() == [1]
        assert database.query_anneal_darks(anneal_num=0)["Darks"].tolist() == ["o3sl01pcq", "o3sl20psq"]
        assert database.check_for_anneals() == [0, 1]
