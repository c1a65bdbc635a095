"""The contract of a file kind as tests: subclass `FileKindTests`, give a `kind` and its `files`, and run it.

Owns what every kind must do with its own files, with those of others and with damaged ones. Must not know any kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from longwatch.archive import create_archive
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind, Source
from longwatch.contracts.reading import Reading
from longwatch.errors import BadFile, BadQuery
from longwatch.fits.content import inflate
from longwatch.fits.file import parse
from longwatch.fits.header import Header, primary_header
from longwatch.ingest.claim import HEAD
from longwatch.ingest.reader import bare_name
from longwatch.testing.fits_files import fits_bytes

VARIANTS = 24
"""Damaged variants made of each file."""

SEED = 20200130
LARGEST = 2**30

STRANGERS = {
    "empty.dat": b"",
    "notes.txt": b"The weather was fine.\n",
    "table.csv": b"a,b\n1,2\n",
    "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "stranger.fits": fits_bytes({"TELESCOP": "NOBODY", "INSTRUME": "NOTHING"}),
}
"""Files that belong to nobody."""


class FileKindTests:
    """What every file kind must do.

    A subclass overrides the fixtures `instrument`, `kind` (one of its kinds) and `files` (at least one file of it).
    """

    @pytest.fixture
    def instrument(self) -> Instrument:
        """Give the instrument that declares the kind."""
        raise NotImplementedError

    @pytest.fixture
    def kind(self) -> FileKind:
        """Give the kind under test."""
        raise NotImplementedError

    @pytest.fixture
    def files(self) -> Sequence[Path]:
        """Give files of the kind, plain or compressed."""
        raise NotImplementedError

    def test_claims_its_own_files_more_surely_than_any_other(
        self, instrument: Instrument, kind: FileKind, files: Sequence[Path]
    ) -> None:
        """Each file is claimed with a confidence in (0, 1], higher than that of any other kind of the instrument."""
        assert files
        for path in files:
            name, content = _content(path)
            sure = {one.name: claimed(one, name, content) for one in instrument.kinds}
            own = sure.pop(kind.name)
            assert 0 < own <= 1, path.name
            assert own > max(sure.values(), default=0), path.name

    @pytest.mark.parametrize("name", STRANGERS)
    def test_leaves_the_files_of_others_alone(self, kind: FileKind, name: str) -> None:
        """Text, pictures, emptiness and a FITS file of nobody are not claimed."""
        assert claimed(kind, name, STRANGERS[name]) == 0

    def test_reads_the_same_each_time(self, kind: FileKind, files: Sequence[Path]) -> None:
        """A reading has a key and ordered times, and reading is pure."""
        for path in files:
            first, second = (kind.read(source(kind, *_content(path))) for _ in range(2))
            assert first.key
            assert (first.t_min_us is None) == (first.t_max_us is None)
            if first.t_min_us is not None and first.t_max_us is not None:
                assert first.t_min_us <= first.t_max_us
            assert (first.key, first.t_min_us, first.keywords) == (second.key, second.t_min_us, second.keywords)

    def test_gives_only_what_is_declared(self, instrument: Instrument, kind: FileKind, files: Sequence[Path]) -> None:
        """Rows are of declared series and columns, planes of declared cubes, epochs of declared timelines."""
        for path in files:
            strange = list(undeclared(instrument, kind.read(source(kind, *_content(path)))))
            assert not strange, f"{path.name} gives what is not declared: {strange}"

    def test_versions_are_text(self, kind: FileKind, files: Sequence[Path]) -> None:
        """The version of a file is text whose order is version order."""
        for path in files:
            name, content = _content(path)
            header = primary_header(content, name=name)
            if header is not None:
                assert isinstance(kind.version_key(header), str)

    def test_an_archive_takes_them_in_once(
        self, instrument: Instrument, kind: FileKind, files: Sequence[Path], tmp_path: Path
    ) -> None:
        """Ingest stores every file under this kind, and a second ingest changes nothing."""
        with create_archive(tmp_path / "site", instruments=[instrument]) as archive:
            report = archive.ingest(*files)
            assert report.refusals == ()
            assert report.kinds == {kind.name: len(files)}
            assert archive.ingest(*files).unchanged == len(files)

    def test_damaged_files_are_bad_files_and_nothing_worse(self, kind: FileKind, files: Sequence[Path]) -> None:
        """Cut or overwritten bytes give values, a `BadFile`, or the `BadQuery` of a value in it; nothing else."""
        for path in files:
            name, content = _content(path)
            for damaged in damage(content):
                with suppress(BadFile, BadQuery):
                    assert kind.read(source(kind, name, damaged)).key


def claimed(kind: FileKind, name: str, content: bytes) -> float:
    """Give the confidence with which a kind claims a file."""
    return kind.claim(name, content[:HEAD], primary_header(content, name=name))


def source(kind: FileKind, name: str, content: bytes) -> Source:
    """Give a file as a reader gets it; raises `BadFile` where it is broken FITS."""
    header: Header | None = primary_header(content, name=name)
    fits = None if header is None else parse(content, name=name, checksum=kind.strict_checksum)
    return Source(name=name, data=content, fits=fits)


def undeclared(instrument: Instrument, reading: Reading) -> Iterator[str]:
    """Give what a reading holds that its instrument does not declare, or that does not fit the declaration."""
    series = {spec.name: {column.name for column in spec.columns} for spec in instrument.series}
    for rows in reading.rows:
        yield from (f"{rows.series}.{name}" for name in rows.columns.keys() - series.get(rows.series, set()))
        if len({len(values) for values in rows.columns.values()}) > 1:
            yield f"{rows.series}: columns of unequal length"
    cubes = {spec.name: spec for spec in instrument.cubes}
    for plane in reading.planes:
        spec = cubes.get(plane.cube)
        if spec is None or plane.property not in {column.name for column in spec.properties}:
            yield f"{plane.cube}.{plane.property}"
        elif set(plane.key) != set(spec.key):
            yield f"{plane.cube}: key {sorted(plane.key)}"
        elif any(length > whole for length, whole in zip(plane.image.shape, spec.shape, strict=True)):
            yield f"{plane.cube}: image of shape {plane.image.shape}"
    named = {epoch.timeline for epoch in reading.epochs} | {member.timeline for member in reading.members}
    yield from named - {timeline.name for timeline in instrument.timelines}


def damage(content: bytes) -> Iterator[bytes]:
    """Give damaged variants of a file, the same ones each time."""
    chance = np.random.default_rng(SEED)
    for _ in range(VARIANTS):
        start = int(chance.integers(len(content) + 1))
        length = int(chance.choice([1, 8, 80, 2880]))
        yield content[:start]
        yield content[:start] + chance.bytes(length) + content[start + length :]
        yield content[:start] + content[start + length :]


def _content(path: Path) -> tuple[str, bytes]:
    return bare_name(path.name), inflate(path.read_bytes(), name=path.name, limit=LARGEST)
