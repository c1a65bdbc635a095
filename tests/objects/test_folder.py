"""What only a folder can do wrong: full, unwritable, shared between processes, left half-made."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from longwatch.errors import Unavailable
from longwatch.objects.disk import LocalDisk
from longwatch.objects.folder import FolderStore

DATA = bytes(range(256)) * 100


class FullDisk(LocalDisk):
    """Takes half of every file, then has no room."""

    def write(self, path: Path, blocks: Iterable[bytes | memoryview]) -> None:
        super().write(path, [bytes(block)[: len(block) // 2] for block in blocks])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class FullAtSync(LocalDisk):
    """Takes everything and finds no room when it counts, as network file systems do."""

    def sync(self, path: Path) -> None:
        if path.is_file():
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))


PUT_OFTEN = """
store = FolderStore(sys.argv[1])
print(*[store.put(bytes([n]) * 5000) for n in range(25)])
"""

READ_ONLY = """
FolderStore(sys.argv[1]).location  # loads all modules while the interpreter's own files may be read
if os.geteuid() == 0:
    os.setuid(65534)
store = FolderStore(sys.argv[1])
(info,) = store.listing()
assert store.verify(info.oid)
assert not store.writable
try:
    store.put(b"new")
except Refused as error:
    print(error)
"""


def start(program: str, root: Path) -> subprocess.Popen[str]:
    imports = "import os, sys\nfrom longwatch.errors import Refused\nfrom longwatch.objects.folder import FolderStore\n"
    return subprocess.Popen([sys.executable, "-c", imports + program, str(root)], stdout=subprocess.PIPE, text=True)


def test_opening_and_reading_never_write(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "site")
    assert not store.exists("0" * 64)
    assert store.writable
    assert list(tmp_path.iterdir()) == []


def test_layout_is_two_levels_by_the_first_two_digits(tmp_path: Path) -> None:
    oid = FolderStore(tmp_path).put(DATA)
    assert (tmp_path / "objects" / oid[:2] / oid[2:]).read_bytes() == DATA
    assert list((tmp_path / "staging").iterdir()) == []


def test_objects_cannot_be_written_by_accident(tmp_path: Path) -> None:
    oid = FolderStore(tmp_path).put(DATA)
    assert (tmp_path / "objects" / oid[:2] / oid[2:]).stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("disk", [FullDisk(), FullAtSync()], ids=["while writing", "while syncing"])
def test_a_full_disk_says_so_and_shows_nothing(tmp_path: Path, disk: LocalDisk) -> None:
    with pytest.raises(Unavailable, match=r"disk full.*Nothing was committed"):
        FolderStore(tmp_path, disk).put(DATA)
    assert list(FolderStore(tmp_path).listing()) == []
    FolderStore(tmp_path).sweep_staging(older_than_s=0)
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        FolderStore(tmp_path, FullDisk()).stage(DATA)
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_user_who_may_only_read_reads() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        FolderStore(root).put(DATA)
        for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
            folder.chmod(0o555)
        said, _ = start(READ_ONLY, root).communicate()
        for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
    assert "may not" in said
    assert root.name in said


def test_two_processes_put_the_same_objects(tmp_path: Path) -> None:
    processes = [start(PUT_OFTEN, tmp_path) for _ in range(2)]
    first, second = (process.communicate()[0].split() for process in processes)
    store = FolderStore(tmp_path)
    assert first == second
    assert len(first) == 25
    assert sorted(info.oid for info in store.listing()) == sorted(first)
    assert all(store.verify(oid) for oid in first)


def test_what_was_swept_before_it_settled_must_be_staged_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    staged = store.stage(DATA)
    assert (store.leftovers(older_than_s=3600), store.leftovers(older_than_s=0)) == (0, 1)
    assert store.sweep_staging(older_than_s=3600) == 0
    assert store.sweep_staging(older_than_s=0) == 1
    with pytest.raises(Unavailable, match="stage them again"):
        store.settle([staged])


def test_foreign_files_are_not_listed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    oid = store.put(DATA)
    (tmp_path / "objects" / ".DS_Store").write_bytes(b"")
    (tmp_path / "objects" / oid[:2] / "notes.txt").write_bytes(b"")
    assert [info.oid for info in store.listing()] == [oid]


def test_a_touch_between_the_look_and_the_removal_saves_the_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path)
    oid = store.put(DATA)
    path = tmp_path / "objects" / oid[:2] / oid[2:]
    os.utime(path, times=(0, 0))
    rename = Path.rename

    def touch_and_rename(source: Path, target: Path) -> Path:
        if source == path:
            os.utime(path)
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", touch_and_rename)
    assert not store.remove(oid, older_than_s=3600)
    assert store.get(oid) == DATA


def test_arrays_over_views_outlive_store_and_object(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    oid = store.put(DATA)
    array = np.frombuffer(store.view(oid), dtype=">u2")
    store.remove(oid, older_than_s=0)
    del store
    assert not array.flags.writeable
    assert array.tobytes() == DATA
