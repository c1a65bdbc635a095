"""Arrivals: a version enters with its headers, keywords and exposures."""

from __future__ import annotations

from dataclasses import replace

from longwatch.archive import Archive
from longwatch.catalog.exposures import exposures_named
from longwatch.catalog.headers import headers_of, indexed_keywords, keywords_of, pack
from longwatch.catalog.versions import NewVersion
from longwatch.domain.epoch import Scalar
from longwatch.domain.product import Exposure, Identity, RawHeader
from longwatch.products.arrival import Arrival, add_arrivals
from longwatch.products.keywords import index_keyword

HEADER = RawHeader(hdu=0, name="PRIMARY", cards=b"SIMPLE  =                    T".ljust(80))


def _arrival(key: str, kind: str = "toy.file", **keywords: Scalar) -> Arrival:
    version = NewVersion(
        identity=Identity("toy", kind, key), version="", name=f"{key}.fits", content=key, oid=None, size=1, span=(5, 9)
    )
    exposure = Exposure(instrument="toy", obs_id=key, t_min_us=5, t_max_us=9)
    return Arrival(version=version, headers=(1, pack([HEADER])), keywords=keywords, exposures=(exposure,))


def _add(archive: Archive, *arrivals: Arrival) -> list[int]:
    with archive.catalog.run("ingest") as run, archive.catalog.change(run) as change:
        return add_arrivals(change, arrivals)


def test_all_a_file_says_enters_with_its_version(archive: Archive) -> None:
    first, second = _add(archive, _arrival("a", TOY=1), _arrival("b", "toy.other", TOY="x", LAMP=True))
    with archive.catalog.read() as snapshot:
        assert headers_of(snapshot, first) == (HEADER,)
        assert keywords_of(snapshot, [first, second], ["TOY", "LAMP"]) == {
            first: {"TOY": 1.0},
            second: {"TOY": "x", "LAMP": 1.0},
        }
        assert indexed_keywords(snapshot, "toy.other") == ["LAMP", "TOY"]
        assert exposures_named(snapshot, "toy", ["a"])["a"].t_max_us == 9


def test_versions_are_numbered_in_the_order_of_arrival(archive: Archive) -> None:
    numbers = _add(archive, *(_arrival(key) for key in "cab"))
    assert numbers == sorted(numbers)
    assert archive.products.find()["key"].tolist() == ["a", "b", "c"]


def test_a_keyword_that_became_searchable_meanwhile_is_looked_for_again(archive: Archive) -> None:
    _add(archive, _arrival("a"))
    with archive.catalog.run("index") as run, archive.catalog.change(run) as change:
        assert index_keyword(change, "toy.file", "SIMPLE") == 1
    _add(archive, replace(_arrival("b", TOY=1), sought=frozenset({"TOY"})))
    _add(archive, replace(_arrival("c"), sought=frozenset({"SIMPLE"})))
    assert archive.products.find(kind="toy.file", simple=True)["key"].tolist() == ["a", "b"]


def test_nothing_arrives_without_arrivals(archive: Archive) -> None:
    assert _add(archive) == []
