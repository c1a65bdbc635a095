"""Content from plain and gzip files."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.errors import BadFile
from longwatch.fits.content import inflate, is_gzip


def test_plain_content_passes_through() -> None:
    assert inflate(b"SIMPLE", name="x") == b"SIMPLE"
    assert inflate(b"", name="x") == b""
    assert not is_gzip(b"")


@given(st.lists(st.binary(max_size=1000), min_size=1, max_size=4))
def test_gzip_members_are_joined(parts: list[bytes]) -> None:
    assert inflate(b"".join(map(gzip.compress, parts)), name="x.gz") == b"".join(parts)


def test_zeros_after_the_gzip_are_padding() -> None:
    assert inflate(gzip.compress(b"abc") + bytes(512), name="x.gz") == b"abc"


def test_other_bytes_after_the_gzip_are_bad() -> None:
    with pytest.raises(BadFile, match=r"x\.gz: .* 4 other bytes follow"):
        inflate(gzip.compress(b"abc") + b"junk", name="x.gz")


@given(st.integers(3, 60))
def test_a_gzip_cut_short_is_bad(cut: int) -> None:
    with pytest.raises(BadFile, match=r"x\.gz"):
        inflate(gzip.compress(bytes(range(256)))[:cut], name="x.gz")


def test_a_damaged_gzip_is_bad() -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 10))
    data[-6] ^= 1
    with pytest.raises(BadFile, match="damaged"):
        inflate(bytes(data), name="x.gz")


def test_the_limit_holds_exactly() -> None:
    assert len(inflate(gzip.compress(bytes(1000)), name="x.gz", limit=1000)) == 1000
    with pytest.raises(BadFile, match="at most 999 more bytes"):
        inflate(gzip.compress(bytes(1000)), name="x.gz", limit=999)


def test_a_bomb_is_refused_in_bounded_memory() -> None:
    bomb = gzip.compress(bytes(10**8))
    tracemalloc.start()
    with pytest.raises(BadFile, match="Raise `inflate_limit`"):
        inflate(bomb * 3, name="bomb.gz", limit=10**7)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 10**7


def test_many_small_members_are_joined() -> None:
    data = gzip.compress(b"x") * 20_000
    assert inflate(data, name="x.gz") == b"x" * 20_000
