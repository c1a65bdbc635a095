"""Linked files: read only while they are what was taken note of."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import pytest

from longwatch.errors import BadFile, BadQuery, Conflict, Gone
from longwatch.objects.linked import FileState, read_linked, state_of

DATA = bytes(range(256))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "linked.fits"
    path.write_bytes(DATA)
    return path


def test_reads_whole_files_and_ranges(path: Path) -> None:
    state = state_of(path)
    assert read_linked(path, state) == DATA
    assert read_linked(path, state, offset=10, size=5) == DATA[10:15]
    assert read_linked(path, state, offset=256) == b""


def test_a_state_survives_being_stored(path: Path) -> None:
    assert read_linked(path, FileState(**asdict(state_of(path)))) == DATA


@pytest.mark.parametrize(("offset", "size"), [(-1, 2), (0, 257), (257, None), (5, -1)])
def test_ranges_lie_within_the_file(path: Path, offset: int, size: int | None) -> None:
    with pytest.raises(BadQuery, match="256 bytes"):
        read_linked(path, state_of(path), offset=offset, size=size)


def test_a_moved_file_is_gone(path: Path) -> None:
    state = state_of(path)
    path.rename(path.with_suffix(".moved"))
    with pytest.raises(Gone, match="no longer there"):
        read_linked(path, state)
    with pytest.raises(Gone):
        state_of(path)


def test_a_grown_file_names_what_differs(path: Path) -> None:
    state = state_of(path)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(Conflict, match=r"size was 256 and is 260.*Ingest it again"):
        read_linked(path, state)


def test_setting_the_time_back_does_not_deceive(path: Path) -> None:
    state = state_of(path)
    path.write_bytes(DATA[::-1])
    os.utime(path, ns=(state.mtime_ns, state.mtime_ns))
    with pytest.raises(Conflict, match="ctime_ns was") as caught:
        read_linked(path, state)
    assert "size" not in str(caught.value)


def test_a_replaced_file_has_another_inode(path: Path) -> None:
    state = state_of(path)
    other = path.with_suffix(".new")
    other.write_bytes(DATA)
    other.replace(path)
    with pytest.raises(Conflict, match="inode was"):
        read_linked(path, state)


def test_a_change_while_reading_is_noticed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = state_of(path)
    pread = os.pread

    def write_and_pread(descriptor: int, size: int, offset: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"more")
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", write_and_pread)
    with pytest.raises(Conflict, match="size was 256"):
        read_linked(path, state)


def test_a_pipe_or_folder_does_not_hang(path: Path, tmp_path: Path) -> None:
    state = state_of(path)
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", tmp_path):
        with pytest.raises(BadFile, match="something else"):
            state_of(other)
        with pytest.raises(BadFile, match="something else"):
            read_linked(other, state)
