"""File kinds: what holds where a plug-in says nothing."""

from __future__ import annotations

from longwatch.contracts.kind import FileKind, Source, no_version
from longwatch.contracts.reading import Reading
from longwatch.fits.header import Header


def _claim(_name: str, _head: bytes, _header: Header | None) -> float:
    return 0.0


def _read(source: Source) -> Reading:
    return Reading(key=source.name)


def test_without_a_version_key_the_order_of_arrival_decides() -> None:
    kind = FileKind(name="toy.file", description="Toy.", claim=_claim, read=_read)
    assert kind.version_key is no_version
    assert kind.version_key(Header(b"")) == ""


def test_wrong_sums_are_refused_unless_a_kind_says_otherwise() -> None:
    assert FileKind(name="toy.file", description="Toy.", claim=_claim, read=_read).strict_checksum
