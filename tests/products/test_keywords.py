"""Keywords: picked, compared, and indexed afterwards without losing what is there or what is yet to come."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.archive import Archive, create_archive
from longwatch.contracts.instrument import Instrument
from longwatch.domain.product import RawHeader
from longwatch.fits.header import Header
from longwatch.fits.write import CardValue, image_file
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from longwatch.products.keywords import differences, index_keyword, meets, pick, scalar

KIND = "generic.fits"


def _header(**cards: CardValue) -> Header:
    text = "".join(f"{keyword:8}= {value!r:>20}".ljust(80) for keyword, value in cards.items())
    return Header(text.encode())


def _write(folder: Path, name: str, **cards: CardValue) -> Path:
    folder.mkdir(exist_ok=True)
    data, _ = image_file([], cards=cards)
    (folder / f"{name}.fits").write_bytes(data)
    return folder


def _declaring(*keywords: str) -> Instrument:
    kind = replace(GENERIC.kinds[0], keywords=keywords)
    return replace(GENERIC, kinds=(kind,))


def test_each_keyword_comes_from_the_first_hdu_that_has_it() -> None:
    found = pick([_header(GAIN=1), _header(GAIN=4, TEMP=2.5)], ["GAIN", "TEMP", "NONE"])
    assert found == {"GAIN": 1, "TEMP": 2.5}


def test_what_cannot_be_searched_becomes_text_or_missing() -> None:
    assert [scalar(v) for v in (1, 2.5, "x", True, float("nan"), float("inf"), 1 + 2j)] == [
        1,
        2.5,
        "x",
        True,
        None,
        None,
        "(1+2j)",
    ]


@given(
    value=st.integers(-5, 5) | st.floats(-5, 5),
    low=st.none() | st.integers(-5, 5),
    high=st.none() | st.integers(-5, 5),
)
def test_a_range_is_closed_and_may_be_open_ended(value: float, low: int | None, high: int | None) -> None:
    inside = (low is None or low <= value) and (high is None or value <= high)
    assert meets(value, (low, high)) == inside


@pytest.mark.parametrize("value", ["4", None])
def test_only_numbers_lie_in_a_range(value: str | None) -> None:
    assert not meets(value, (None, None))
    assert meets("4", "4")


def test_differences_name_hdu_keyword_and_both_values() -> None:
    old = [RawHeader(hdu=0, name="PRIMARY", cards=_header(GAIN=1, SAME=2, GONE=3).raw)]
    new = [RawHeader(hdu=0, name="PRIMARY", cards=_header(GAIN=4, SAME=2, MORE=5).raw)]
    assert differences(old, new) == [
        ("0 PRIMARY", "GAIN", 1, 4),
        ("0 PRIMARY", "GONE", 3, None),
        ("0 PRIMARY", "MORE", None, 5),
    ]
    assert differences(old, old) == []


def _index(archive: Archive, keyword: str) -> int:
    with archive.catalog.run("index") as run, archive.catalog.change(run) as change:
        return index_keyword(change, KIND, keyword)


def test_a_keyword_indexed_afterwards_finds_what_came_before_and_what_comes_later(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[_declaring()]) as archive:
        archive.ingest(_write(tmp_path / "in", "before", CCDGAIN=4))
        assert archive.products.find(kind=KIND, ccdgain=4).meta["scanned"] == ["CCDGAIN"]
        assert _index(archive, "CCDGAIN") == 1
        archive.ingest(_write(tmp_path / "in", "after", CCDGAIN=4))
        found = archive.products.find(kind=KIND, ccdgain=4)
        assert (found["key"].tolist(), found.meta["scanned"]) == (["after", "before"], [])


def test_a_keyword_a_newer_plugin_declares_finds_older_files_too(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[_declaring()]) as archive:
        archive.ingest(_write(tmp_path / "in", "before", CCDGAIN=4))
    with create_archive(tmp_path / "site", instruments=[_declaring("CCDGAIN")]) as archive:
        archive.ingest(_write(tmp_path / "in", "after", CCDGAIN=4))
        found = archive.products.find(kind=KIND, ccdgain=4)
        assert (found["key"].tolist(), found.meta["scanned"]) == (["after", "before"], [])


def test_indexing_a_keyword_twice_changes_nothing(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[_declaring()]) as archive:
        archive.ingest(_write(tmp_path / "in", "before", CCDGAIN=4))
        assert [_index(archive, "CCDGAIN"), _index(archive, "CCDGAIN")] == [1, 1]
