"""Tidying removes what no row names and nobody touched for a day; pruning forgets what was retired."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from astropy.time import Time
from sqlalchemy import update

from archive_state import answers, check_sound
from longwatch.archive import Archive, create_archive, open_archive
from longwatch.catalog import tables as t
from longwatch.catalog.runs import run_of
from longwatch.errors import BadQuery, NotFound, Refused
from longwatch.upkeep.tidy import fix, prune_before
from toy_instrument import TOY, ToyFile, write


def aged(archive: Archive, oid: str) -> None:
    """Let an object look as if nobody touched it for two days."""
    path = archive.site / "objects" / "objects" / oid[:2] / oid[2:]
    os.utime(path, (time.time() - 2 * 86_400,) * 2)


def test_only_what_no_row_names_goes_and_only_when_it_is_old(archive: Archive) -> None:
    old, young = archive.store.put(b"old"), archive.store.put(b"young")
    for info in list(archive.store.listing()):
        if info.oid != young:
            aged(archive, info.oid)
    before = answers(archive)
    tidied = fix(archive.upkeep)
    assert (tidied.objects, tidied.bytes) == (1, 3)
    assert not archive.store.exists(old)
    assert archive.store.exists(young)
    assert answers(archive) == before
    check_sound(archive)


def test_what_a_writer_touched_stays(archive: Archive) -> None:
    oid = archive.store.put(b"once left behind")
    aged(archive, oid)
    archive.store.stage(b"once left behind")
    assert fix(archive.upkeep).objects == 0


def test_leftovers_and_dead_runs_are_settled(archive: Archive) -> None:
    archive.store.stage(b"never settled")
    with archive.catalog.run("test") as run, archive.catalog.change(run) as change:
        change.connection.execute(update(t.runs).where(t.runs.c.id == 1).values(state="running", pid=2**22 + 1))
    assert fix(archive.upkeep).leftovers == 0
    tidied = fix(archive.upkeep, older_than_s=0)
    assert tidied.leftovers == 1
    with archive.catalog.read() as snapshot:
        assert run_of(snapshot, 1).state == "died"


def test_pruning_forgets_the_past_and_says_from_when_it_can_be_asked(archive: Archive, tmp_path: Path) -> None:
    before = Time.now()
    time.sleep(0.01)
    archive.retract(kind="toy.file", key="b")
    archive.retract(kind="toy.file", key="a", version="000000000001.000000")
    archive.ingest(*write(tmp_path / "in", [ToyFile("c", 1, ((3, 0, 4.0),), 2, 2.0)]))
    now = answers(archive)
    assert len(archive.products.find(as_of=before)) == 2
    tidied = prune_before(archive.upkeep, archive.catalog.head(), older_than_s=0)
    assert tidied.rows > 0
    assert tidied.objects > 0
    assert answers(archive) == now
    check_sound(archive)
    with pytest.raises(NotFound, match="the earliest that was not pruned is of"):
        archive.products.find(as_of=before)
    assert answers(archive.at_commit(tidied.earliest)) == now
    with pytest.raises(NotFound, match="what was before is pruned"):
        archive.at_commit(tidied.earliest - 1)
    with pytest.raises(NotFound, match=f"it has {tidied.earliest} to {archive.catalog.head()}."):
        archive.at_commit(archive.catalog.head() + 1)


def test_a_number_of_a_version_is_never_given_again(archive: Archive, tmp_path: Path) -> None:
    newest = ToyFile("z", 1, ((0, 1, 1.0),), 1, 1.0)
    archive.ingest(*write(tmp_path / "in", [newest]))
    archive.retract(kind="toy.file", key="z")
    before = answers(archive)
    prune_before(archive.upkeep, archive.catalog.head(), older_than_s=0)
    archive.ingest(*write(tmp_path / "in", [ToyFile("y", 1, ((0, 1, 2.0),), 1, 3.0)]))
    assert len(answers(archive)["rows"]["toy.rows"]) == len(before["rows"]["toy.rows"]) + 1
    check_sound(archive)


def test_a_commit_that_is_not_there_is_refused(archive: Archive) -> None:
    with pytest.raises(BadQuery, match="has commits 1 to"):
        prune_before(archive.upkeep, archive.catalog.head() + 1)


def test_a_reader_may_not_tidy(archive: Archive) -> None:
    with open_archive(archive.site, read_only=True, instruments=[TOY]) as reader, pytest.raises(Refused):
        fix(reader.upkeep)


@pytest.mark.contract
@pytest.mark.parametrize("server", ["postgres_url", "mariadb_url"])
def test_pruning_works_on_servers(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "longwatch.toml").write_text(f'database = "{request.getfixturevalue(server)}"\n')
    with create_archive(tmp_path / "site", instruments=[TOY]) as archive:
        files = [ToyFile(key, 1, ((hour, 0, 1.0),), 1, 5.0) for hour, key in enumerate("abc")]
        archive.ingest(*write(tmp_path / "in", files))
        archive.retract(kind="toy.file", key="a")
        now = answers(archive)
        tidied = prune_before(archive.upkeep, archive.catalog.head(), older_than_s=0)
        assert tidied.rows > 0
        assert tidied.objects > 0
        assert answers(archive) == now
        check_sound(archive)
