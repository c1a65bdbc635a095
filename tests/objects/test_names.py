"""Names and layout of objects."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.errors import BadQuery
from longwatch.objects.names import BLOCK, Hashed, check_oid, compute_oid, layout, read_blocks


@given(blocks=st.lists(st.binary(max_size=50)))
def test_hashing_in_passing_is_hashing_the_whole(blocks: list[bytes]) -> None:
    passing = Hashed(blocks)
    whole = b"".join(passing)
    assert (passing.oid, passing.size) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert compute_oid(whole) == passing.oid


def test_files_are_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * (BLOCK + 1))
    assert [len(block) for block in read_blocks(path)] == [BLOCK, 1]


@given(text=st.text(max_size=70))
def test_only_names_have_a_place(text: str) -> None:
    assert not check_oid(text)
    with pytest.raises(BadQuery):
        layout(text)


def test_two_levels() -> None:
    assert layout("ab" + "0" * 62) == "ab/" + "0" * 62
