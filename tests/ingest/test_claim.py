"""Claims: the surest kind wins, and a tie is nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.errors import BadFile
from longwatch.fits.header import Header
from longwatch.ingest.claim import HEAD, choose, claims


def _read(source: Source) -> Reading:
    return Reading(key=source.name)


def _kind(name: str, confidence: float) -> FileKind:
    def claim(_name: str, _head: bytes, _header: Header | None) -> float:
        return confidence

    return FileKind(name=name, description="A kind.", claim=claim, read=_read)


def test_the_surest_kind_wins() -> None:
    kinds = [_kind("a.one", 0.2), _kind("b.two", 0.9), _kind("c.three", 0.5)]
    found = choose(kinds, "x.fits", b"", None)
    assert found is kinds[1]


def test_what_nobody_claims_is_unknown() -> None:
    assert choose([_kind("a.one", 0.0)], "x.fits", b"", None) is None
    assert choose([], "x.fits", b"", None) is None


def test_a_tie_names_both_and_goes_to_neither() -> None:
    with pytest.raises(BadFile, match=r"a\.one and b\.two claim it with confidence 0\.9.*disabled_plugins"):
        choose([_kind("b.two", 0.9), _kind("a.one", 0.9), _kind("c.three", 0.1)], "x.fits", b"", None)


def test_a_kind_is_shown_the_beginning_and_no_more() -> None:
    shown: list[bytes] = []

    def claim(_name: str, head: bytes, _header: Header | None) -> float:
        shown.append(head)
        return 1.0

    kind = FileKind(name="a.one", description="A kind.", claim=claim, read=_read)
    choose([kind], "x.txt", bytes(HEAD + 1), None)
    assert [len(head) for head in shown] == [HEAD]


@given(st.lists(st.sampled_from([0.0, 0.001, 0.3, 0.5, 1.0]), max_size=6))
def test_claims_come_surest_first_whatever_the_order_of_kinds(confidences: list[float]) -> None:
    kinds = [_kind(f"k.{n}", sure) for n, sure in enumerate(confidences)]
    found = claims(kinds, "x", b"", None)
    assert [sure for sure, _ in found] == sorted((c for c in confidences if c), reverse=True)
    assert found == claims(kinds[::-1], "x", b"", None)
