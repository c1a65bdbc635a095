"""Products as people ask for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time

from longwatch.archive import Archive
from longwatch.domain.times import from_us
from longwatch.errors import BadQuery, Conflict, Gone, NotFound
from longwatch.fits.write import image_file
from toy_instrument import HOUR, KIND, T0, ToyFile, write


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    """Three toys a day apart, t1 in two versions; one foreign file with keywords and no time."""
    folder = tmp_path / "in"
    write(folder, [ToyFile(key=f"t{n}", version=1, rows=((24 * n, 0, n),), epoch=n, level=n) for n in range(3)])
    archive.ingest(folder)
    write(folder, [ToyFile(key="t1", version=2, rows=((24, 0, 9.0),), epoch=1, level=9)])
    data, _ = image_file([], cards={"OBJECT": "M51", "EXPTIME": 30.0, "CCDAMP": "D"})
    (folder / "stranger.fits").write_bytes(data)
    archive.ingest(folder)
    return archive


def test_find_gives_one_row_a_product_with_the_version_that_answers(filled: Archive) -> None:
    found = filled.products.find(kind=KIND)
    assert found["key"].tolist() == ["t0", "t1", "t2"]
    assert [float(v) for v in found["version"]] == [1, 2, 1]
    assert len(filled.products.find(kind=KIND, versions=True)) == 4
    assert {"instrument", "kind", "key", "version", "sha256", "t_min", "t_max"} <= set(found.colnames)


def test_find_by_time_is_half_open(filled: Archive) -> None:
    start, stop = from_us(T0), from_us(T0 + 24 * HOUR)
    assert filled.products.find(kind=KIND, start=start, stop=stop)["key"].tolist() == ["t0"]
    assert filled.products.find(kind=KIND, start=stop)["key"].tolist() == ["t1", "t2"]
    with pytest.raises(BadQuery):
        filled.products.find(kind=KIND, start=stop, stop=start)


def test_find_newest_first_and_at_most_so_many(filled: Archive) -> None:
    found = filled.products.find(kind=KIND, newest_first=True, limit=2)
    assert found["key"].tolist() == ["t2", "t1"]
    assert isinstance(found["t_min"], Time)
    assert found["t_min"][0] > found["t_min"][1]


@pytest.mark.parametrize(("key", "keys"), [("t1", ["t1"]), ("t*", ["t0", "t1", "t2"]), ("t_", []), ("*", 4)])
def test_find_by_key_knows_one_wild_card(filled: Archive, key: str, keys: list[str] | int) -> None:
    found = filled.products.find(key=key)["key"].tolist()
    assert len(found) == keys if isinstance(keys, int) else found == keys


def test_find_by_keyword_indexed_or_not_gives_the_same(filled: Archive) -> None:
    indexed = filled.products.find(kind="generic.fits", object="M51", exptime=(10, 30))
    scanned = filled.products.find(kind="generic.fits", ccdamp="D")
    assert indexed["key"].tolist() == scanned["key"].tolist() == ["stranger"]
    assert (indexed.meta["scanned"], scanned.meta["scanned"]) == ([], ["CCDAMP"])
    assert (indexed["exptime"][0], scanned["ccdamp"][0]) == (30.0, "D")
    assert len(filled.products.find(kind="generic.fits", ccdamp="A")) == 0


def test_a_product_without_a_time_is_masked_in_time(filled: Archive) -> None:
    (row,) = filled.products.find(kind="generic.fits")
    assert bool(np.all(row["t_min"].mask))


def test_an_empty_answer_has_the_same_columns(filled: Archive) -> None:
    assert filled.products.find(kind="toy.none").colnames == filled.products.find(kind=KIND).colnames


def test_a_file_comes_back_byte_for_byte(filled: Archive, tmp_path: Path) -> None:
    original = (tmp_path / "in" / "t1_1.fits").read_bytes()
    old = filled.products.versions(KIND, "t1")[1]
    assert filled.products.data(kind=KIND, key="t1", version=old.version) == original
    assert filled.products.data(kind=KIND, key="t1", version=(old.oid or "")[:10]) == original
    assert filled.products.data(kind=KIND, key="t1") != original
    assert filled.products.content(kind="", key="t2") == (tmp_path / "in" / "t2_1.fits").read_bytes()


def test_save_never_overwrites(filled: Archive, tmp_path: Path) -> None:
    path = filled.products.save(tmp_path, kind=KIND, key="t0")
    assert path.read_bytes() == filled.products.data(kind=KIND, key="t0")
    with pytest.raises(BadQuery, match="not overwritten"):
        filled.products.save(tmp_path, kind=KIND, key="t0")


def test_headers_come_whole(filled: Archive) -> None:
    assert filled.products.header(kind=KIND, key="t1")["TOYVER"] == 2
    assert [h.name for h in filled.products.headers(kind=KIND, key="t1")] == ["PRIMARY", "ROWS", "MAP"]
    with pytest.raises(NotFound, match="0 PRIMARY, 1 ROWS, 2 MAP"):
        filled.products.header(kind=KIND, key="t1", hdu=7)


def test_versions_differ_in_their_cards(filled: Archive) -> None:
    old = filled.products.versions(KIND, "t1")[1]
    table = filled.products.differences(kind=KIND, key="t1", old=old.version)
    changed = {row["keyword"]: (row["old"], row["new"]) for row in table}
    assert changed["TOYVER"] == ("1", "2")


def test_what_is_not_there_is_told_with_what_is_near(filled: Archive) -> None:
    with pytest.raises(NotFound, match="near it there are t2"):
        filled.products.data(kind=KIND, key="t22")
    with pytest.raises(NotFound, match="has no version 'nine'; it has"):
        filled.products.data(kind=KIND, key="t1", version="nine")
    filled.retract(kind=KIND, key="t0")
    with pytest.raises(NotFound, match="retracted"):
        filled.products.data(kind=KIND, key="t0")


def test_a_linked_file_that_is_gone_or_changed_is_not_passed_off(archive: Archive, tmp_path: Path) -> None:
    (path,) = write(tmp_path / "in", [ToyFile(key="t", version=1, rows=((0, 0, 1.0),), epoch=0, level=0)])
    archive.ingest(path, link=True)
    assert archive.products.data(kind=KIND, key="t") == path.read_bytes()
    path.write_bytes(path.read_bytes() + bytes(2880))
    with pytest.raises(Conflict, match="changed since it was taken in"):
        archive.products.data(kind=KIND, key="t")
    path.unlink()
    with pytest.raises(Gone):
        archive.products.data(kind=KIND, key="t")


def test_as_of_a_commit_nothing_later_is_seen(filled: Archive) -> None:
    head = filled.catalog.head()
    filled.retract(kind=KIND, key="t1")
    then = filled.at_commit(head)
    assert len(then.products.find(kind=KIND)) == 3
    assert len(filled.products.find(kind=KIND)) == 2


def test_repr_says_what_is_here(filled: Archive) -> None:
    assert "toy.file: 3 products, 2020-01-30" in repr(filled.products)
