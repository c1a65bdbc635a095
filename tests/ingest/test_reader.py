"""Reading one file: a record, or a reason a person can act on."""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import pickle
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typing_extensions import override

from longwatch.archive import Archive
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.domain.cube import CubeSpec
from longwatch.domain.series import SeriesSpec
from longwatch.errors import BadFile, Unavailable
from longwatch.fits.header import Header
from longwatch.ingest.reader import FileReader, bare_name, stage_planes, stage_rows
from longwatch.ingest.record import Outcome
from longwatch.ingest.walk import state_of
from longwatch.objects.disk import LocalDisk
from longwatch.objects.folder import FolderStore
from toy_instrument import CUBE, KIND, SERIES, TOY, ToyFile, write

SERIES_SPECS: dict[str, SeriesSpec] = {spec.name: spec for spec in TOY.series}
CUBE_SPECS: dict[str, CubeSpec] = {spec.name: spec for spec in TOY.cubes}


def _claim_text(name: str, _head: bytes, _header: Header | None) -> float:
    return float(name.endswith(".txt"))


def _break(source: Source) -> Reading:
    raise ZeroDivisionError(source.name)


def _strange(source: Source) -> Reading:
    return Reading(key=source.name, rows=(Rows(series="toy.nothing", columns={"time": np.arange(2)}),))


def _backwards(source: Source) -> Reading:
    return Reading(key=source.name, t_min_us=2, t_max_us=1)


def _text_kind(read: object) -> FileKind:
    return FileKind(name="toy.text", description="Text.", claim=_claim_text, read=read)


@pytest.fixture
def reader(archive: Archive) -> FileReader:
    return FileReader(
        kinds=[("toy", kind) for kind in TOY.kinds],
        cubes=CUBE_SPECS,
        series=SERIES_SPECS,
        store=archive.store,
        link=False,
        max_file_bytes=10**6,
        inflate_limit=10**6,
    )


def _reading(reader: FileReader, path: Path) -> Outcome:
    return reader.read(str(path), state_of(path.stat()))


def test_a_file_becomes_a_record(reader: FileReader, incoming: Path, toys: list[ToyFile]) -> None:
    path = write(incoming, toys)[1]
    outcome = _reading(reader, path)
    assert (outcome.kind, outcome.failure) == (KIND, None)
    assert outcome.record is not None
    version = outcome.record.arrival.version
    assert (version.identity.instrument, version.identity.kind, version.identity.key) == ("toy", KIND, "t1")
    assert version.oid == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (outcome.record.reading.planes, [name for name, _ in outcome.record.slabs]) == ((), [CUBE])


def test_compressed_content_is_the_same_content(reader: FileReader, incoming: Path, toys: list[ToyFile]) -> None:
    plain = write(incoming, toys)[0]
    packed = incoming / f"{plain.name}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    versions = [o.record.arrival.version for p in (plain, packed) if (o := _reading(reader, p)).record]
    assert versions[0].content == versions[1].content
    assert versions[0].oid != versions[1].oid


def test_a_linked_file_is_not_staged(reader: FileReader, incoming: Path, toys: list[ToyFile]) -> None:
    outcome = _reading(replace(reader, link=True), write(incoming, toys)[0])
    assert outcome.record is not None
    assert outcome.record.staged is None
    assert outcome.record.arrival.version.link is not None


def test_what_nobody_claims_has_neither_record_nor_failure(reader: FileReader, incoming: Path) -> None:
    (incoming / "notes.md").write_text("weather was fine")
    outcome = _reading(reader, incoming / "notes.md")
    assert (outcome.kind, outcome.record, outcome.failure) == ("", None, None)


@pytest.mark.parametrize(
    ("read", "slug", "words"),
    [
        (_break, "bug", "its reader broke"),
        (_strange, "bad-file", "nobody declares"),
        (_backwards, "bad-file", "ends before it begins"),
    ],
)
def test_a_reader_at_fault_costs_its_own_file(
    reader: FileReader, incoming: Path, read: object, slug: str, words: str
) -> None:
    (incoming / "a.txt").write_text("a")
    outcome = _reading(replace(reader, kinds=[("toy", _text_kind(read))]), incoming / "a.txt")
    assert outcome.failure is not None
    assert (outcome.kind, outcome.failure.slug) == ("toy.text", slug)
    assert words in outcome.failure.reason
    assert "Traceback" in outcome.failure.traceback


def test_a_file_too_large_is_refused_before_it_is_read(reader: FileReader, incoming: Path) -> None:
    (incoming / "big.fits").write_bytes(bytes(11))
    outcome = _reading(replace(reader, max_file_bytes=10), incoming / "big.fits")
    assert outcome.failure is not None
    assert "max_file_bytes" in outcome.failure.reason


def test_a_gz_bomb_is_refused(reader: FileReader, incoming: Path) -> None:
    (incoming / "bomb.fits.gz").write_bytes(gzip.compress(bytes(2_000_000)))
    outcome = _reading(reader, incoming / "bomb.fits.gz")
    assert outcome.failure is not None
    assert outcome.failure.slug == "bad-file"


def test_a_file_that_vanished_or_changed_since_it_was_listed_is_told(
    reader: FileReader, incoming: Path, toys: list[ToyFile]
) -> None:
    first, second, _ = write(incoming, toys)
    states = [state_of(path.stat()) for path in (first, second)]
    first.unlink()
    second.write_bytes(second.read_bytes() + bytes(2880))
    failures = [reader.read(str(p), s).failure for p, s in zip((first, second), states, strict=True)]
    assert all(failure is not None and failure.slug != "bug" for failure in failures)


@pytest.mark.parametrize("strict", [True, False])
def test_wrong_sums_are_refused_or_said_as_the_kind_declares(
    reader: FileReader, incoming: Path, toys: list[ToyFile], *, strict: bool
) -> None:
    path = write(incoming, toys)[0]
    data = bytearray(path.read_bytes())
    data[-2880] ^= 1
    path.write_bytes(bytes(data))
    kind = replace(TOY.kinds[0], strict_checksum=strict)
    outcome = _reading(replace(reader, kinds=[("toy", kind)]), path)
    assert (outcome.failure is not None) == strict
    assert strict or (outcome.record is not None and outcome.record.arrival.keywords["CHECKSUM"] == "wrong")


def test_rows_that_do_not_fit_are_refused_before_the_writer() -> None:
    uneven = Rows(series=SERIES, columns={"time": np.arange(3), "slot": np.arange(2), "value": np.zeros(3)})
    with pytest.raises(BadFile):
        stage_rows(SERIES_SPECS, [uneven])


def test_planes_for_an_unknown_cube_are_refused(archive: Archive) -> None:
    plane = Plane(cube="toy.none", epoch=1, property="level", image=np.zeros((3, 4), "f4"))
    with pytest.raises(BadFile, match=r"toy\.none"):
        stage_planes(archive.store, CUBE_SPECS, [plane])


def test_a_reader_travels_between_processes(reader: FileReader) -> None:
    assert pickle.loads(pickle.dumps(reader)).kinds == reader.kinds


def test_a_name_is_asked_without_its_compression() -> None:
    assert [bare_name(name) for name in ("a.fits", "a.fits.gz", "a.fits.fz")] == ["a.fits"] * 3


class _Full(LocalDisk):
    """Has no room left."""

    @override
    def write(self, path: Path, blocks: Iterable[bytes | memoryview]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_no_fault_of_the_file(
    reader: FileReader, incoming: Path, tmp_path: Path, toys: list[ToyFile]
) -> None:
    (path,) = write(incoming, toys[:1])
    with pytest.raises(Unavailable, match="disk full"):
        _reading(replace(reader, store=FolderStore(tmp_path / "full", _Full())), path)
