"""Any order of arrivals, retractions, merges, moves, deletions and restores: the archive answers as a plain model."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from archive_state import check_sound
from longwatch.archive import Archive, create_archive, open_archive
from longwatch.catalog.declared import declared_series
from longwatch.domain.product import version_text
from longwatch.domain.times import from_us
from longwatch.errors import NotFound
from longwatch.series.fold import fold
from longwatch.upkeep.backup import backup
from longwatch.upkeep.restore import restore
from longwatch.upkeep.tidy import fix
from toy_instrument import CUBE, HOUR, KIND, SERIES, T0, TOY, ToyFile, write

MONTH_H = 31 * 24

rows = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 6), st.integers(MONTH_H - 3, MONTH_H + 3)),
        st.integers(0, 1),
        st.sampled_from([0.0, 1.5, -2.0, float("nan")]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[:2],
)
files = st.builds(
    ToyFile,
    key=st.sampled_from("abc"),
    version=st.integers(1, 3),
    rows=rows.map(tuple),
    epoch=st.integers(1, 2),
    level=st.integers(0, 3).map(float),
)


@dataclass(frozen=True)
class Kept:
    """A version in the model; `number` is its order of arrival."""

    file: ToyFile
    number: int
    run: int

    @property
    def rank(self) -> tuple[int, int]:
        return self.file.version, self.number


@dataclass(frozen=True)
class Model:
    """What an archive should answer, without any of its machinery."""

    kept: tuple[Kept, ...] = ()
    arrived: int = 0

    def ingest(self, new: Iterable[ToyFile], run: int) -> Model:
        """Take files in, in order; the same content under the same key is nothing new."""
        kept, arrived = list(self.kept), self.arrived
        for file in new:
            if all(one.file.encode() != file.encode() for one in kept):
                arrived += 1
                kept.append(Kept(file, arrived, run))
        return Model(tuple(kept), arrived)

    def without(self, gone: Iterable[Kept]) -> Model:
        barred = set(gone)
        return replace(self, kept=tuple(one for one in self.kept if one not in barred))

    @property
    def answering(self) -> list[Kept]:
        best: dict[str, Kept] = {}
        for one in sorted(self.kept, key=lambda k: k.rank):
            best[one.file.key] = one
        return sorted(best.values(), key=lambda k: k.rank)

    def rows(self) -> list[tuple[int, int, str]]:
        found = {(hour, slot): value for one in self.answering for hour, slot, value in one.file.rows}
        return [(T0 + hour * HOUR, slot, repr(value)) for (hour, slot), value in sorted(found.items())]

    def images(self) -> dict[int, bytes]:
        return {one.file.epoch: one.file.image.tobytes() for one in self.answering}

    def versions(self) -> list[tuple[str, str, bool]]:
        seats = self.answering
        return sorted((k.file.key, version_text(k.file.version), k in seats) for k in self.kept)


def answer_rows(archive: Archive) -> list[tuple[int, int, str]]:
    table = archive.series[SERIES].fetch()
    return [
        (int(t), int(s), repr(float(v))) for t, s, v in zip(table["time"], table["slot"], table["value"], strict=True)
    ]


def answer_images(archive: Archive) -> dict[int, bytes]:
    cube = archive.cubes[CUBE]
    return {int(n): np.asarray(cube.image("level", epoch=int(n)), dtype="f4").tobytes() for n in shown_epochs(archive)}


def shown_epochs(archive: Archive) -> list[int]:
    return sorted({int(n) for n in archive.timelines["toy.month"].epochs()["number"]})


def answer_versions(archive: Archive) -> list[tuple[str, str, bool]]:
    found = archive.products.find(versions=True)
    answering = {(str(r["key"]), str(r["sha256"])) for r in archive.products.find()}
    return sorted((str(r["key"]), str(r["version"]), (str(r["key"]), str(r["sha256"])) in answering) for r in found)


@dataclass
class Disk:
    """The folder a person keeps files in, and the model of it: file by path."""

    folder: Path
    files: dict[Path, ToyFile] = field(default_factory=dict)


class ArchiveMachine(RuleBasedStateMachine):
    """Files come and go; after each step the archive, and a pinned past, answer as the model."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="longwatch-machine-"))
        self.sites = 0
        self.moves = 0
        self.disk = Disk(self.home / "in")
        self.disk.folder.mkdir()
        self.archive = self.configured(self.home / "site0")
        self.model = Model()
        self.past: dict[int, Model] = {}

    def configured(self, site: Path) -> Archive:
        site.mkdir()
        (site / "longwatch.toml").write_text("workers = 1\nbatch_files = 2\n")
        return create_archive(site, instruments=[TOY])

    def teardown(self) -> None:
        self.archive.close()
        shutil.rmtree(self.home)

    # --- what people do ---

    @initialize(new=st.lists(files, min_size=3, max_size=6))
    def begin(self, new: list[ToyFile]) -> None:
        """Begin with files, in as many commits, so that there is something to retract and to merge."""
        for file in new:
            self.put_and_ingest([file])

    @rule(new=st.lists(files, min_size=1, max_size=4))
    def put_and_ingest(self, new: list[ToyFile]) -> None:
        """New products, new versions, late and duplicate rows, and several at once."""
        for file in new:
            (path,) = write(self.disk.folder, [file])
            self.disk.files[path] = file
        self.ingest()

    @rule()
    def ingest(self) -> None:
        """Take in what lies there; content that was retracted comes again."""
        report = self.archive.ingest(self.disk.folder) if self.disk.files else None
        if report is not None:
            assert report.seen == report.stored + report.unchanged == len(self.disk.files)
            in_order = [self.disk.files[path] for path in sorted(self.disk.files)]
            before = len(self.model.kept)
            self.model = self.model.ingest(in_order, report.run)
            assert report.stored == len(self.model.kept) - before
        self.remember()

    @precondition(lambda self: self.disk.files)
    @rule(which=st.integers(0, 99))
    def move_on_disk(self, which: int) -> None:
        """A file under another name; its content is known."""
        path = sorted(self.disk.files)[which % len(self.disk.files)]
        self.moves += 1
        target = path.with_name(f"moved{self.moves}_{path.name}")
        path.rename(target)
        self.disk.files[target] = self.disk.files.pop(path)
        self.ingest()

    @precondition(lambda self: self.disk.files)
    @rule(which=st.integers(0, 99))
    def delete_on_disk(self, which: int) -> None:
        """The archive keeps what it took in."""
        path = sorted(self.disk.files)[which % len(self.disk.files)]
        path.unlink()
        del self.disk.files[path]
        self.ingest()

    @rule(key=st.sampled_from("abc"))
    def retract_product(self, key: str) -> None:
        self.retract([one for one in self.model.kept if one.file.key == key], kind=KIND, key=key)

    @precondition(lambda self: self.model.kept)
    @rule(which=st.integers(0, 99))
    def retract_version(self, which: int) -> None:
        one = self.model.kept[which % len(self.model.kept)]
        text = version_text(one.file.version)
        same = [k for k in self.model.kept if k.file.key == one.file.key and k.file.version == one.file.version]
        self.retract(same, kind=KIND, key=one.file.key, version=text)

    @precondition(lambda self: self.model.kept)
    @rule(which=st.integers(0, 99))
    def retract_run(self, which: int) -> None:
        run = self.model.kept[which % len(self.model.kept)].run
        self.retract([one for one in self.model.kept if one.run == run], run=run)

    @rule(start=st.integers(0, MONTH_H + 4), hours=st.integers(1, MONTH_H))
    def retract_window(self, start: int, hours: int) -> None:
        def begins(one: Kept) -> int:
            return min(hour for hour, _, _ in one.file.rows)

        gone = [one for one in self.model.kept if start <= begins(one) < start + hours]
        window = {"start": stamp(start), "stop": stamp(start + hours)}
        self.retract(gone, kind=KIND, **window)

    @rule()
    def merge(self) -> None:
        """Fold all small segments; no answer changes."""
        with self.archive.catalog.run("merge") as run, self.archive.catalog.change(run) as change:
            found = declared_series(change).get(SERIES)
            if found is not None:
                fold(change, self.archive.store, found.id, found.spec)

    @rule()
    def tidy(self) -> None:
        fix(self.archive.upkeep)

    @rule()
    def back_up_and_restore(self) -> None:
        """Go on with the copy; the past comes along."""
        self.sites += 1
        kept = self.home / "backup"
        assert backup(self.archive.upkeep, kept).well
        self.archive.close()
        site = self.home / f"site{self.sites}"
        assert restore(kept, site).well
        self.archive = open_archive(site, instruments=[TOY])

    # --- what must hold ---

    @invariant()
    def answers_as_the_model(self) -> None:
        check_answers(self.archive, self.model)

    @precondition(lambda self: self.past)
    @rule(which=st.integers(0, 999))
    def ask_the_past(self, which: int) -> None:
        commit = sorted(self.past)[which % len(self.past)]
        check_answers(self.archive.at_commit(commit), self.past[commit])

    @rule()
    def is_sound(self) -> None:
        check_sound(self.archive)

    # --- steps ---

    def remember(self) -> None:
        self.past[self.archive.catalog.head()] = self.model

    def retract(self, gone: list[Kept], **target) -> None:
        if gone:
            assert len(self.archive.retract(**target)) == len(gone)
        else:
            with pytest.raises(NotFound):
                self.archive.retract(**target)
        self.model = self.model.without(gone)
        self.remember()


def check_answers(archive: Archive, model: Model) -> None:
    assert answer_versions(archive) == model.versions()
    if SERIES not in archive.series:
        assert not model.kept
        return
    assert answer_rows(archive) == model.rows()
    assert answer_images(archive) == model.images()


def stamp(hour: int) -> str:
    return from_us(T0 + hour * HOUR).isot


SHORT = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def test_the_archive_answers_as_a_plain_model() -> None:
    run_state_machine_as_test(ArchiveMachine, settings=SHORT)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_archive_answers_as_a_plain_model_in_two_thousand_steps() -> None:
    run_state_machine_as_test(ArchiveMachine, settings=settings(SHORT, max_examples=20, stateful_step_count=100))
