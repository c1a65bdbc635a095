"""The order of steps: whatever step the power fails at, what was promised survives and what is visible is whole."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from longwatch.objects.disk import LocalDisk
from longwatch.objects.folder import FolderStore

ITEMS = [bytes([n]) * (100 + n) for n in range(5)]


class PowerCut(Exception):
    """The lights went out; no step happens any more."""


class ForgetfulDisk:
    """Does every step for real, and remembers which of them a power cut would undo.

    Parameters
    ----------
    base
        An existing folder; everything below it may be forgotten.
    vault
        An existing folder on the same file system, where contents are kept by inode.
    """

    def __init__(self, base: Path, vault: Path) -> None:
        self._base = base
        self._vault = vault
        self._disk = LocalDisk()
        self._lock = threading.Lock()
        self._synced: set[int] = set()
        self._names: dict[Path, dict[str, int]] = {}
        self.steps = 0
        self.cut_at: int | None = None

    def write(self, path: Path, blocks: Iterable[bytes | memoryview]) -> None:
        content = b"".join(blocks)
        cut = self._is_cut()
        self._disk.write(path, [content[: len(content) // 2] if cut else content])
        os.link(path, self._vault / str(path.stat().st_ino))
        if cut:
            raise PowerCut

    def sync(self, path: Path) -> None:
        self._step()
        self._synced.add(path.stat().st_ino)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        self._disk.rename(source, target)

    def make_folder(self, path: Path) -> None:
        self._step()
        self._disk.make_folder(path)

    def sync_folder(self, path: Path) -> None:
        self._step()
        self._names[path] = {entry.name: entry.inode() for entry in os.scandir(path)}

    def lose_power(self, *, names_survive: bool) -> None:
        """Leave what a power cut may leave: of contents only what was synced, of names that or all there are."""
        if names_survive:
            for folder, _, _ in os.walk(self._base):
                self._names[Path(folder)] = {entry.name: entry.inode() for entry in os.scandir(folder)}
        shutil.rmtree(self._base)
        self._restore(self._base)

    def _restore(self, folder: Path) -> None:
        folder.mkdir()
        for name, inode in self._names.get(folder, {}).items():
            kept = self._vault / str(inode)
            if kept.exists():
                content = kept.read_bytes()
                (folder / name).write_bytes(content if inode in self._synced else content[: len(content) // 2])
            else:
                self._restore(folder / name)

    def _is_cut(self) -> bool:
        with self._lock:
            self.steps += 1
            return self.cut_at is not None and self.steps > self.cut_at

    def _step(self) -> None:
        if self._is_cut():
            raise PowerCut


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    base, vault = tmp_path / "base", tmp_path / "vault"
    base.mkdir()
    vault.mkdir()
    return base, vault


def work(store: FolderStore, source: Path, promised: dict[str, bytes]) -> None:
    """Put one by one, again, as a batch, and from a file; note each promise when it is made."""
    for item in (ITEMS[0], ITEMS[0], ITEMS[1]):
        promised[store.put(item)] = item
    staged = [store.stage(item) for item in ITEMS[1:4]]
    promised.update(zip(store.settle(staged), ITEMS[1:4], strict=True))
    promised[store.put_file(source)] = ITEMS[4]


def check(root: Path, promised: dict[str, bytes]) -> None:
    """After the power is back: nothing half-made is visible, no promise is broken, and work goes on."""
    store = FolderStore(root)
    assert all(store.verify(info.oid) for info in store.listing())
    assert {oid: store.get(oid) for oid in promised} == promised
    assert [store.get(store.put(item)) for item in ITEMS] == ITEMS
    store.sweep_staging(older_than_s=0)
    assert list((root / "staging").iterdir()) == []


def crash(places: tuple[Path, Path], disk: ForgetfulDisk, *, cut_at: int, names_survive: bool) -> bool:
    """Work until the power fails after `cut_at` steps, and check; tell whether it failed at all."""
    base, vault = places
    source = vault / "source"
    source.write_bytes(ITEMS[4])
    promised: dict[str, bytes] = {}
    disk.cut_at = cut_at
    failed = False
    try:
        work(FolderStore(base / "deep" / "site", disk), source, promised)
    except PowerCut:
        failed = True
    disk.lose_power(names_survive=names_survive)
    check(base / "deep" / "site", promised)
    return failed


@pytest.mark.parametrize("names_survive", [False, True], ids=["names lost", "names kept"])
@pytest.mark.parametrize("cut_at", range(70))
def test_whatever_step_the_power_fails_at(places: tuple[Path, Path], cut_at: int, names_survive: bool) -> None:
    crash(places, ForgetfulDisk(*places), cut_at=cut_at, names_survive=names_survive)


def test_every_step_was_tried(places: tuple[Path, Path]) -> None:
    disk = ForgetfulDisk(*places)
    assert not crash(places, disk, cut_at=69, names_survive=False)
    assert 30 < disk.steps < 70


@pytest.mark.parametrize(("forgotten", "names_survive"), [("sync", True), ("sync", False), ("sync_folder", False)])
def test_the_disk_tells_when_a_step_is_left_out(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, forgotten: str, names_survive: bool
) -> None:
    monkeypatch.setattr(ForgetfulDisk, forgotten, lambda disk, path: None)
    with pytest.raises((AssertionError, LookupError)):
        crash(places, ForgetfulDisk(*places), cut_at=1000, names_survive=names_survive)


def test_reuse_of_what_another_process_had_not_synced_yet(places: tuple[Path, Path]) -> None:
    base, _ = places
    disk = ForgetfulDisk(*places)
    FolderStore(base / "site", disk).put(ITEMS[1])
    disk.cut_at = disk.steps + 4  # write, sync, make the folder, rename; then that process is killed
    with pytest.raises(PowerCut):
        FolderStore(base / "site", disk).put(ITEMS[0])
    disk.cut_at = None
    other = FolderStore(base / "site", disk)
    assert len(list(other.listing())) == 2
    oid = other.put(ITEMS[0])
    disk.lose_power(names_survive=False)
    assert FolderStore(base / "site").get(oid) == ITEMS[0]
