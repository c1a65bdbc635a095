"""The built-in kind: a stranger's FITS is not a wall."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from longwatch.archive import create_archive
from longwatch.contracts.kind import Source
from longwatch.domain.times import to_us
from longwatch.errors import BadFile
from longwatch.fits.file import parse
from longwatch.fits.header import Header, primary_header
from longwatch.fits.write import CardValue, image_file
from longwatch.instruments.generic.instrument import INSTRUMENT, claim, read, version_key


def _file(cards: dict[str, CardValue]) -> bytes:
    return image_file([], cards=cards)[0]


def _source(cards: dict[str, CardValue], name: str = "a.fits") -> Source:
    data = _file(cards)
    return Source(name=name, data=data, fits=parse(data, name=name))


def test_it_claims_any_fits_with_the_least_confidence_and_nothing_else() -> None:
    assert 0 < claim("a.fits", b"", primary_header(_file({}), name="a.fits")) < 0.01
    assert claim("a.txt", b"hello", None) == 0


@pytest.mark.parametrize("name", ["night_1.fits", "night_1.fits.gz", "night_1.fit"])
def test_the_key_is_the_name_without_suffixes(name: str) -> None:
    assert read(_source({}, name)).key == "night_1"


@pytest.mark.parametrize(
    ("cards", "start", "stop"),
    [
        ({"DATE-OBS": "2020-01-30T12:00:00"}, "2020-01-30T12:00:00", "2020-01-30T12:00:00"),
        ({"DATE-OBS": "2020-01-30", "TIME-OBS": "12:00:00"}, "2020-01-30T12:00:00", "2020-01-30T12:00:00"),
        ({"DATE-OBS": "2020-01-30T12:00:00", "EXPTIME": 60.0}, "2020-01-30T12:00:00", "2020-01-30T12:01:00"),
        ({"DATE-OBS": "2020-01-30T12:00:00", "EXPOSURE": 60}, "2020-01-30T12:00:00", "2020-01-30T12:01:00"),
        ({"DATE-BEG": "2020-01-30", "DATE-OBS": "2019-01-30"}, "2020-01-30", "2020-01-30"),
        ({"DATE-OBS": "2020-01-30", "EXPTIME": -1.0}, "2020-01-30", "2020-01-30"),
        ({"DATE-OBS": "2020-01-30", "EXPTIME": 1e30}, "2020-01-30", "2020-01-30"),
        ({"DATE-OBS": "2020-01-30T00:00:37", "TIMESYS": "TAI"}, "2020-01-30", "2020-01-30"),
        ({"DATE-OBS": "2020-01-30", "TIMESYS": "LOCAL"}, "2020-01-30", "2020-01-30"),
    ],
)
def test_the_time_is_what_the_usual_keywords_say(cards: dict[str, CardValue], start: str, stop: str) -> None:
    reading = read(_source(cards))
    assert (reading.t_min_us, reading.t_max_us) == (to_us(start), to_us(stop))


@pytest.mark.parametrize("date", ["", "30/01/20", "yesterday"])
def test_a_time_nobody_can_read_is_no_time(date: str) -> None:
    reading = read(_source({"DATE-OBS": date}))
    assert (reading.t_min_us, reading.t_max_us) == (None, None)


def test_the_later_written_file_is_the_newer_version() -> None:
    headers = [Header(f"DATE    = '{date}'".ljust(80).encode()) for date in ("2020-01-01", "2021-01-01")]
    assert version_key(headers[0]) < version_key(headers[1])


def test_another_format_is_told_what_it_needs() -> None:
    with pytest.raises(BadFile, match="plug-in"):
        read(Source(name="a.txt", data=b"hello"))


def test_a_strangers_file_is_kept_and_found(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    data = gzip.compress(_file({"OBJECT": "M51", "DATE-OBS": "2020-01-30T12:00:00"}))
    (tmp_path / "in" / "m51.fits.gz").write_bytes(data)
    with create_archive(tmp_path / "site", instruments=[INSTRUMENT]) as archive:
        assert archive.ingest(tmp_path / "in").stored == 1
        found = archive.products.find(object="M51", start="2020-01-30", stop="2020-01-31")
        assert found["key"].tolist() == ["m51"]
        assert archive.products.data(kind="generic.fits", key="m51") == data
