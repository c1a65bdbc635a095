"""An ingest from beginning to end."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import Archive, create_archive
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.errors import BadFile, NotFound
from longwatch.fits.header import Header
from longwatch.ingest.report import IngestReport
from toy_instrument import KIND, SERIES, TOY, ToyFile, write


def claim_text(name: str, _head: bytes, _header: Header | None) -> float:
    return float(name.endswith(".txt"))


def refuse(source: Source) -> Reading:
    raise BadFile(f"{source.name} says nothing. Write something into it.")


def accept(source: Source) -> Reading:
    return Reading(key=source.name)


def _texts(read: object) -> Instrument:
    kind = FileKind(name="word.text", description="Words.", claim=claim_text, read=read)
    return Instrument(name="word", title="Words", kinds=(kind,))


def _numbers(report: IngestReport) -> tuple[int, int, int, int]:
    assert report.seen == report.stored + report.unchanged + report.unknown + report.quarantined
    return report.stored, report.unchanged, report.unknown, report.quarantined


def test_a_folder_goes_in_and_the_numbers_add_up(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    paths = write(incoming, toys)
    (incoming / "weather.txt").write_text("fine")
    paths[0].write_bytes(paths[0].read_bytes()[:5000])
    report = archive.ingest(incoming)
    assert _numbers(report) == (2, 0, 1, 1)
    assert (report.kinds, report.rows, report.planes) == ({KIND: 2}, 4, 2)
    assert [Path(r.path).name for r in report.refusals] == ["t0_1.fits"]


def test_a_second_ingest_says_the_same_of_everything(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    paths = write(incoming, toys)
    paths[0].write_bytes(paths[0].read_bytes()[:5000])
    (incoming / "weather.txt").write_text("fine")
    first, head = archive.ingest(incoming), archive.catalog.head()
    second = archive.ingest(incoming)
    assert _numbers(second) == (0, 2, 1, 1)
    assert second.refusals == first.refusals
    assert (second.run, archive.catalog.head()) == (0, head)


def test_a_touched_or_copied_file_is_unchanged(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    path = write(incoming, toys[:1])[0]
    archive.ingest(incoming)
    path.touch()
    shutil.copy(path, incoming / "copy.fits")
    assert _numbers(archive.ingest(incoming)) == (0, 2, 0, 0)


def test_new_content_is_a_new_version(archive: Archive, incoming: Path) -> None:
    for version in (1, 3, 2):
        write(incoming, [ToyFile(key="t", version=version, rows=((1, 0, float(version)),), epoch=1, level=version)])
        archive.ingest(incoming)
    assert archive.series[SERIES].fetch()["value"].tolist() == [3.0]
    assert len(archive.products.versions(KIND, "t")) == 3


def test_a_file_named_twice_is_counted_once(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    paths = write(incoming, toys)
    assert _numbers(archive.ingest(incoming, paths[0], incoming)) == (3, 0, 0, 0)


def test_a_refused_file_is_tried_again_when_asked_and_when_plugins_change(tmp_path: Path, incoming: Path) -> None:
    (incoming / "a.txt").write_text("a")
    with create_archive(tmp_path / "site", instruments=[_texts(refuse)]) as archive:
        assert _numbers(archive.ingest(incoming)) == (0, 0, 0, 1)
        again = archive.ingest(incoming, again=[str(incoming / "a.txt")])
        assert (again.run > 0, _numbers(again)) == (True, (0, 0, 0, 1))
    better = _texts(accept)
    more = replace(better, kinds=(*better.kinds, replace(better.kinds[0], name="word.other", claim=claim_nothing)))
    with create_archive(tmp_path / "site", instruments=[more]) as archive:
        assert _numbers(archive.ingest(incoming)) == (1, 0, 0, 0)


def claim_nothing(_name: str, _head: bytes, _header: Header | None) -> float:
    return 0.0


def test_linked_files_stay_where_they_lie(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    path = write(incoming, toys[:1])[0]
    archive.ingest(incoming, link=True)
    (row,) = archive.products.find(kind=KIND)
    assert (bool(row["linked"]), row["path"]) == (True, str(path))
    assert archive.products.data(kind=KIND, key="t0") == path.read_bytes()


def test_progress_ends_at_the_number_of_files(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    told: list[tuple[int, int]] = []
    archive.ingest(incoming, progress=lambda settled, found: told.append((settled, found)))
    assert told[-1] == (3, 3)


def test_many_files_go_through_workers(tmp_path: Path, incoming: Path) -> None:
    write(incoming, [ToyFile(key=f"t{n:02}", version=1, rows=((n, 0, n),), epoch=n, level=n) for n in range(30)])
    site = tmp_path / "site"
    site.mkdir()
    (site / "longwatch.toml").write_text("workers = 2\nbatch_files = 7\n")
    with create_archive(site, instruments=[TOY]) as archive:
        assert _numbers(archive.ingest(incoming)) == (30, 0, 0, 0)
        assert archive.series[SERIES].fetch()["value"].tolist() == [float(n) for n in range(30)]


def test_an_interrupt_leaves_what_was_committed_and_a_rerun_goes_on(tmp_path: Path, incoming: Path) -> None:
    write(incoming, [ToyFile(key=f"t{n}", version=1, rows=((n, 0, n),), epoch=n, level=n) for n in range(6)])
    site = tmp_path / "site"
    site.mkdir()
    (site / "longwatch.toml").write_text("batch_files = 2\n")

    def interrupt(_settled: int, _found: int) -> None:
        raise KeyboardInterrupt

    with create_archive(site, instruments=[TOY]) as archive:
        with pytest.raises(KeyboardInterrupt):
            archive.ingest(incoming, progress=interrupt)
        assert len(archive.products.find()) == 2
        assert _numbers(archive.ingest(incoming)) == (4, 2, 0, 0)


def test_a_place_that_is_not_there_writes_nothing(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    head = archive.catalog.head()
    with pytest.raises(NotFound):
        archive.ingest(incoming, incoming / "nowhere")
    assert archive.catalog.head() == head


def _strange(source: Source) -> Reading:
    match source.data:
        case b"long":
            return Reading(key="k" * 300)
        case b"nul":
            return Reading(key=source.name, version="1\0")
        case b"huge":
            return Reading(key=source.name, t_min_us=1 << 70, t_max_us=1 << 70)
        case b"numpy":
            return Reading(key=source.name, t_min_us=np.int64(5), t_max_us=np.int64(6))
        case b"single":
            return Reading(key=source.name, keywords={"EXPTIME": np.float32(1.5)})
    return Reading(key=source.name)


def test_values_no_database_holds_cost_their_own_file_only(tmp_path: Path, incoming: Path) -> None:
    words = ["fine", "long", "nul", "huge", "single", "well"]
    for number, word in enumerate(words):
        (incoming / f"{number}.txt").write_text(word)
    with create_archive(tmp_path / "site", instruments=[_texts(_strange)]) as archive:
        report = archive.ingest(incoming)
        assert _numbers(report) == (2, 0, 0, 4)
        assert [Path(refusal.path).name for refusal in report.refusals] == ["1.txt", "2.txt", "3.txt", "4.txt"]
        assert archive.products.find()["key"].tolist() == ["0.txt", "5.txt"]
        assert _numbers(archive.ingest(incoming)) == (0, 2, 0, 4)


def test_times_of_numpy_are_found_as_times(tmp_path: Path, incoming: Path) -> None:
    (incoming / "a.txt").write_text("numpy")
    with create_archive(tmp_path / "site", instruments=[_texts(_strange)]) as archive:
        archive.ingest(incoming)
        assert len(archive.products.find(start="1969-12-31", stop="1970-01-02")) == 1


def test_a_name_that_is_no_utf8_costs_its_own_file_only(archive: Archive, incoming: Path, toys: list[ToyFile]) -> None:
    write(incoming, toys)
    for name in (b"caf\xe9.fits", b"caf\xe9.txt"):
        (incoming / os.fsdecode(name)).write_bytes(toys[0].encode() if name.endswith(b"fits") else b"fine")
    assert _numbers(archive.ingest(incoming)) == (3, 0, 1, 1)
    again = archive.ingest(incoming)
    assert _numbers(again) == (0, 3, 1, 1)
    assert os.fsencode(again.refusals[0].path).endswith(b"caf\xe9.fits")
