"""Watching a folder: what has stopped growing goes in, and nothing stops the watch but who began it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longwatch.archive import Archive, open_archive
from longwatch.errors import NotFound, Refused
from longwatch.ingest.report import IngestReport
from longwatch.ingest.watch import Settling, watch
from longwatch.instruments.generic.instrument import INSTRUMENT as GENERIC
from toy_instrument import KIND, TOY, ToyFile, write


class Steps:
    """Waits for nothing: does the next thing instead, and says stop when there is no more to do."""

    def __init__(self, *steps: Callable[[], object] | None) -> None:
        self.left: Iterator[Callable[[], object] | None] = iter(steps)

    def __call__(self) -> bool:
        try:
            step = next(self.left)
        except StopIteration:
            return True
        if step is not None:
            step()
        return False


def grow(path: Path, content: bytes, part: int, parts: int) -> Callable[[], object]:
    """Give a step that brings a file to so many of its parts, as a slow copy does."""
    return lambda: path.write_bytes(content[: len(content) * part // parts])


def test_a_file_goes_in_when_it_has_stopped_growing(
    archive: Archive, incoming: Path, tmp_path: Path, toys: list[ToyFile]
) -> None:
    (tmp_path / "made").mkdir()
    slow, quick = write(tmp_path / "made", toys[:2])
    content = slow.read_bytes()
    target = incoming / slow.name
    seen: list[IngestReport] = []
    steps = Steps(
        grow(target, content, 1, 4),
        lambda: (shutil.copy(quick, incoming), target.write_bytes(content[:9_000])),
        grow(target, content, 3, 4),
        grow(target, content, 4, 4),
        None,
        None,
    )
    assert watch(archive._intake, incoming, steps, tell=seen.append) == 2
    assert [report.stored for report in seen] == [1, 1]
    assert all(report.quarantined == 0 for report in seen)
    assert len(archive.products.find(kind=KIND)) == 2


def test_bad_files_go_to_quarantine_and_corrected_ones_come_in(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    (path,) = write(incoming, toys[:1])
    content = path.read_bytes()
    path.write_bytes(content[:5000])
    (incoming / "weather.txt").write_text("fine")
    (incoming / "empty.fits").touch()
    seen: list[IngestReport] = []
    steps = Steps(None, None, lambda: path.write_bytes(content), None, None)
    assert watch(archive._intake, incoming, steps, tell=seen.append) == 1
    assert [(one.stored, one.quarantined, one.unknown) for one in seen] == [(0, 1, 1), (1, 0, 0)]


def test_what_vanishes_is_no_trouble_and_a_folder_may_be_away(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    first, second = write(incoming, toys[:2])
    said: list[str] = []
    content = second.read_bytes()
    second.unlink()
    steps = Steps(
        first.unlink,
        lambda: shutil.rmtree(incoming),
        lambda: (incoming.mkdir(), second.write_bytes(content)),
        None,
    )
    assert watch(archive._intake, incoming, steps, say=said.append) == 1
    assert len(said) == 1
    assert "does not exist" in said[0]
    assert said[0].endswith("The next look tries again.")


def test_a_second_watch_takes_up_where_the_first_left_off(
    archive: Archive, incoming: Path, toys: list[ToyFile]
) -> None:
    write(incoming, toys[:1])
    assert watch(archive._intake, incoming, Steps(None)) == 1
    write(incoming, toys[1:])
    seen: list[IngestReport] = []
    assert watch(archive._intake, incoming, Steps(None, None), tell=seen.append) == 2
    assert [(one.stored, one.unchanged) for one in seen] == [(2, 1)]


def test_ctrl_c_ends_it_and_what_came_in_stays(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(archive._intake, incoming, Steps(None, interrupt))
    assert len(archive.products.find(kind=KIND)) == 3


def test_an_archive_watches_until_it_is_told_to_stop(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    stop = threading.Event()
    assert archive.watch(incoming, every=0.01, stop=stop, tell=lambda _report: stop.set()) == 3


def test_a_watch_begins_only_where_it_can_work(archive: Archive, incoming: Path) -> None:
    with pytest.raises(NotFound, match="does not exist"):
        archive.watch(incoming / "none")
    with pytest.raises(Refused, match="itself"):
        archive.watch(archive.site)
    with open_archive(archive.site, read_only=True, instruments=[GENERIC, TOY]) as closed, pytest.raises(Refused):
        closed.watch(incoming)


def test_a_file_settles_once_until_it_changes_again() -> None:
    settling, one, other = Settling(), (5, 1, 1, 1), (6, 2, 2, 1)
    assert settling.look({"a": one}) == []
    assert settling.look({"a": one, "b": one}) == ["a"]
    settling.take(["a"])
    assert settling.look({"a": one, "b": one}) == ["b"]
    assert settling.look({"a": other, "b": one}) == ["b"]
    assert settling.look({"a": other}) == ["a"]
    assert settling.look({"c": (0, 1, 1, 1)}) == []
    assert settling.look({"c": (0, 1, 1, 1)}) == []
