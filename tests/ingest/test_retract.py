"""Retracting: it no longer answers, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from longwatch.archive import Archive
from longwatch.domain.times import from_us
from longwatch.errors import BadQuery, NotFound
from longwatch.fits.write import image_file
from toy_instrument import CUBE, HOUR, KIND, SERIES, T0, ToyFile, write


@pytest.fixture
def run(archive: Archive, incoming: Path, toys: list[ToyFile]) -> int:
    write(incoming, toys)
    return archive.ingest(incoming).run


def _keys(archive: Archive) -> list[str]:
    return archive.products.find(kind=KIND)["key"].tolist()


def test_a_run_takes_all_it_brought_with_it(archive: Archive, run: int) -> None:
    head = archive.catalog.head()
    assert archive.retract(run=run) == [f"{KIND}/t{n} {1:019.6f}" for n in range(3)]
    assert _keys(archive) == []
    assert len(archive.series[SERIES].fetch()) == 0
    assert len(archive.cubes[CUBE].epochs()) == 0
    assert _keys(archive.at_commit(head)) == ["t0", "t1", "t2"]


def test_a_dry_run_only_says_it(archive: Archive, run: int) -> None:
    head = archive.catalog.head()
    assert len(archive.retract(run=run, dry_run=True)) == 3
    assert archive.catalog.head() == head


def test_a_product_goes_alone(archive: Archive, run: int) -> None:
    archive.retract(kind=KIND, key="t1")
    assert _keys(archive) == ["t0", "t2"]
    assert set(archive.series[SERIES].fetch()["value"]) == {0.0, 0.5, 2.0, 2.5}


@pytest.mark.parametrize("name", ["version", "hash"])
def test_a_version_gives_way_to_the_one_before(archive: Archive, run: int, incoming: Path, name: str) -> None:
    (path,) = write(incoming, [ToyFile(key="t1", version=2, rows=((24, 0, 9.0),), epoch=1, level=9)])
    archive.ingest(path)
    newest = archive.products.version(kind=KIND, key="t1")
    archive.retract(kind=KIND, key="t1", version=newest.version if name == "version" else (newest.oid or "")[:12])
    assert _keys(archive) == ["t0", "t1", "t2"]
    assert 1.0 in archive.series[SERIES].fetch()["value"]


def test_a_window_takes_what_begins_in_it(archive: Archive, run: int) -> None:
    start, stop = from_us(T0 + 24 * HOUR), from_us(T0 + 48 * HOUR)
    archive.retract(kind=KIND, start=start, stop=stop)
    assert _keys(archive) == ["t0", "t2"]


def test_content_that_was_retracted_is_taken_in_again(archive: Archive, run: int, incoming: Path) -> None:
    archive.retract(run=run)
    again = archive.ingest(incoming)
    assert (again.stored, again.unchanged) == (3, 0)
    assert _keys(archive) == ["t0", "t1", "t2"]


def test_a_key_of_several_kinds_is_refused(archive: Archive, run: int, incoming: Path) -> None:
    data, _ = image_file([], cards={"OBJECT": "another t1"})
    (incoming / "t1.fits").write_bytes(data)
    archive.ingest(incoming)
    with pytest.raises(BadQuery, match=r"toy\.file/t1, generic\.fits/t1.*Name the kind"):
        archive.retract(key="t1")
    assert archive.retract(kind="generic.fits", key="t1") == ["generic.fits/t1"]
    assert _keys(archive) == ["t0", "t1", "t2"]


@pytest.mark.parametrize(
    "target",
    [{}, {"kind": KIND}, {"key": "t0", "run": 1}, {"run": 1, "start": "2020-01-01", "stop": "2021-01-01"}],
)
def test_a_target_is_exactly_one_thing(archive: Archive, run: int, target: dict[str, str]) -> None:
    with pytest.raises(BadQuery, match="exactly one"):
        archive.retract(**target)


def test_what_is_not_there_is_told_in_words(archive: Archive, run: int) -> None:
    with pytest.raises(NotFound, match=r"product toy\.file/t9") as told:
        archive.retract(kind=KIND, key="t9")
    assert "Target(" not in str(told.value)
    with pytest.raises(NotFound, match="run 99"):
        archive.retract(run=99)
    with pytest.raises(NotFound, match=r"toy\.none"):
        archive.retract(kind="toy.none", start="2020-01-01", stop="2021-01-01")


def test_no_copy_of_what_was_retracted_counts_as_unchanged(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    (path,) = write(incoming, toys[:1])
    (copy,) = write(incoming / "copy", toys[:1])
    run = archive.ingest(incoming).run
    archive.retract(run=run)
    assert archive.ingest(path).stored == 1
    archive.retract(kind=KIND, key="t0")
    assert archive.ingest(copy).stored == 1
