"""Headers are kept byte for byte, and keywords as they can be searched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from longwatch.catalog.headers import (
    add_headers,
    add_keywords,
    headers_of,
    indexed_keywords,
    keywords_of,
    note_indexed,
    pack,
    unpack,
)
from longwatch.catalog.versions import add_versions
from longwatch.domain.product import RawHeader


@given(
    st.lists(st.tuples(st.integers(0, 99), st.text(max_size=8), st.binary(max_size=300), st.integers(0, 5)), max_size=4)
)
def test_packing_loses_nothing(parts):
    headers = tuple(
        RawHeader(hdu=number, name=name, cards=cards + b" " * (80 * blanks)) for number, name, cards, blanks in parts
    )
    assert unpack(pack(headers)) == headers


def test_headers_of_a_version_and_of_one_without_any(catalog, new):
    headers = (RawHeader(hdu=0, name="PRIMARY", cards=b"SIMPLE  =                    T".ljust(2880)),)
    with catalog.run("ingest") as run, catalog.change(run) as change:
        first, second = add_versions(change, [new("a"), new("b")])
        add_headers(change, {first: (1, pack(headers))})
    with catalog.read() as snapshot:
        assert headers_of(snapshot, first) == headers
        assert headers_of(snapshot, second) == ()


def test_a_large_header_fits(catalog, new):
    cards = b"".join(f"KEY{i:05d}= {i * 7919 % 100003:20d}".encode().ljust(80) for i in range(40_000))
    with catalog.run("ingest") as run, catalog.change(run) as change:
        (number,) = add_versions(change, [new("a")])
        add_headers(change, {number: (1, pack([RawHeader(hdu=0, name="", cards=cards)]))})
    with catalog.read() as snapshot:
        assert headers_of(snapshot, number)[0].cards == cards


def test_keyword_values_keep_number_text_and_truth_apart(catalog, new):
    values = {"N": 3, "X": 2.5, "T": "x" * 300, "B": True, "U": None, "BAD": float("inf")}
    with catalog.run("ingest") as run, catalog.change(run) as change:
        (number,) = add_versions(change, [new("a")])
        add_keywords(change, "lab.x", [(number, None, values)])
        note_indexed(change, "lab.x", sorted(values))
        note_indexed(change, "lab.x", ["N"])
    with catalog.read() as snapshot:
        found = keywords_of(snapshot, [number], list(values))[number]
        assert indexed_keywords(snapshot, "lab.x") == sorted(values)
    assert found == {"N": 3.0, "X": 2.5, "T": "x" * 255, "B": 1.0, "U": None, "BAD": "inf"}
