"""The archive: opened without writing, pinned to a moment, put together from its settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.time import Time

import longwatch as lw
from longwatch.archive import ENVIRONMENT, create_archive, open_archive
from longwatch.domain.times import from_us
from longwatch.errors import BadQuery, NotFound, Refused
from toy_instrument import CUBE, HOUR, KIND, SERIES, T0, TIMELINE, TOY, ToyFile, write

FILE = ToyFile(key="t", version=1, rows=((0, 0, 1.0), (1, 0, 2.0)), epoch=0, level=0)


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in folder.rglob("*")}


def test_an_archive_that_is_not_there_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="longwatch init"):
        open_archive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_create_makes_it_once(tmp_path: Path) -> None:
    for _ in range(2):
        with create_archive(tmp_path / "site") as archive:
            assert archive.site == tmp_path / "site"
    with open_archive(tmp_path / "other", create=True) as archive:
        assert len(archive.products.find()) == 0


def test_opening_and_asking_write_nothing(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        archive.ingest(*write(tmp_path / "in", [FILE]))
    before = _state(tmp_path / "site")
    with open_archive(tmp_path / "site", instruments=[TOY], read_only=True) as archive:
        archive.products.find()
        archive.series[SERIES].fetch()
        archive.cubes[CUBE].pixel(0, 0)
    after = _state(tmp_path / "site")
    assert {path: state for path, state in after.items() if "catalog.db" not in path} == {
        path: state for path, state in before.items() if "catalog.db" not in path
    }
    assert after[str(tmp_path / "site" / "catalog.db")] == before[str(tmp_path / "site" / "catalog.db")]


def test_the_environment_names_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_archive(tmp_path / "site").close()
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "site"))
    with lw.open_archive() as archive:
        assert archive.site == tmp_path / "site"
    monkeypatch.delenv(ENVIRONMENT)
    monkeypatch.chdir(tmp_path / "site")
    with lw.open_archive() as archive:
        assert archive.site == tmp_path / "site"


def test_a_moment_is_kept(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        archive.ingest(*write(tmp_path / "in", [FILE]))
        moment = datetime.now(UTC)
        archive.retract(kind=KIND, key="t")
        then = archive.as_of(moment)
        assert len(then.products.find()) == len(then.cubes[CUBE].epochs()) == 1
        assert then.series[SERIES].fetch()["value"].tolist() == [1.0, 2.0]
        assert then.timelines[TIMELINE].at(from_us(T0)).number == 0
        assert len(archive.products.find()) == len(archive.series[SERIES].fetch()) == 0
    with open_archive(tmp_path / "site", as_of=moment, instruments=[TOY]) as then:
        assert len(then.products.find()) == 1
        assert "commit" in repr(then)


def test_the_past_cannot_be_changed(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        paths = write(tmp_path / "in", [FILE])
        archive.ingest(*paths)
    with open_archive(tmp_path / "site", as_of=datetime.now(UTC), instruments=[TOY]) as then:
        other = write(tmp_path / "in", [ToyFile(key="u", version=1, rows=((0, 0, 1.0),), epoch=0, level=0)])
        for change in (
            lambda: then.ingest(*other),
            lambda: then.retract(kind=KIND, key="t"),
            then.monitors.run,
            lambda: then.series.create("lab.temps", columns={"temp": "K"}),
        ):
            with pytest.raises(Refused):
                change()


def test_before_the_archive_there_was_nothing(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site") as archive, pytest.raises(NotFound):
        archive.as_of("1990-01-01")


def test_a_window_is_retracted_by_times(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        archive.ingest(*write(tmp_path / "in", [FILE]))
        assert archive.retract(kind=KIND, start=from_us(T0), stop=from_us(T0 + HOUR), dry_run=True)
        with pytest.raises(BadQuery):
            archive.retract(kind=KIND, start="2021-01-01", stop="2020-01-01")


def test_objects_may_lie_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "longwatch.toml").write_text(f'objects = "{tmp_path / "vault"}"\n')
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        archive.ingest(*write(tmp_path / "in", [FILE]))
        assert archive.products.data(kind=KIND, key="t") == FILE.encode()
    assert (tmp_path / "vault").is_dir()
    assert not (tmp_path / "site" / "objects").exists()


def test_repr_says_where_it_is(tmp_path: Path) -> None:
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        assert repr(archive) == f"<Archive {tmp_path / 'site'} at its newest commit: 0 series, 0 cubes>"


def test_an_epoch_means_what_it_meant_at_the_commit_asked_for(tmp_path: Path) -> None:
    days = [("2026-01-01", "2026-01-03"), ("2026-01-05", "2026-01-07")]
    with create_archive(tmp_path / "site", instruments=[]) as archive:
        cube = archive.cubes.create("lab.ccd", shape=(2, 2), properties={"rate": ""})
        temps = archive.series.create("lab.temps", columns={"temp": "deg_C"})
        temps.append({"time": Time(["2026-01-02", "2026-01-06"]), "temp": np.array([1.0, 2.0])})
        heads = []
        for start, stop in days:
            cube.append(epoch=1, start=start, stop=stop, images={"rate": np.full((2, 2), len(start + stop))})
            heads.append(archive.catalog.head())
        name = f"{archive.cubes['lab.ccd'].spec.timeline}:1"
        before, after = (archive.at_commit(head) for head in heads)
        assert before.series["lab.temps"].fetch(["temp"], name)["temp"].tolist() == [1.0]
        assert after.series["lab.temps"].fetch(["temp"], name)["temp"].tolist() == [2.0]
        assert len(before.products.find(kind="user.cube", start=name)) == 1
