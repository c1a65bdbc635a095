"""Commits, runs, readers and the one writer."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from longwatch.catalog.catalog import Catalog, now_us
from longwatch.catalog.find import Question, find
from longwatch.catalog.runs import find_runs
from longwatch.catalog.versions import add_versions
from longwatch.errors import BadConfig, Busy, NotFound, Refused, Unavailable


def test_an_empty_catalogue_is_at_commit_zero_and_has_the_newest_schema(catalog):
    found, newest = catalog.schema()
    assert found == newest == "0001"
    assert catalog.head() == 0


def test_creating_twice_changes_nothing(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        add_versions(change, [new("a")])
    before = catalog.head()
    catalog.create()
    assert catalog.head() == before


def test_a_change_is_seen_only_when_it_is_committed(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            add_versions(change, [new("a")])
            with catalog.read() as snapshot:
                assert find(snapshot, Question()) == []
            assert [f.key for f in find(change, Question())] == ["a"]
        with catalog.read() as snapshot:
            assert [f.key for f in find(snapshot, Question())] == ["a"]


def test_a_change_that_fails_leaves_nothing(catalog, new):
    with catalog.run("ingest") as run:
        before = catalog.head()
        with pytest.raises(RuntimeError, match="on purpose"), catalog.change(run) as change:
            add_versions(change, [new("a")])
            raise RuntimeError("on purpose")
        assert catalog.head() == before
        with catalog.read() as snapshot:
            assert find(snapshot, Question()) == []


def test_commits_are_numbered_one_after_the_other(catalog, new):
    with catalog.run("ingest") as run:
        numbers = []
        for key in "abc":
            with catalog.change(run) as change:
                add_versions(change, [new(key)])
                numbers.append(change.commit)
    assert numbers == [numbers[0], numbers[0] + 1, numbers[0] + 2]


def test_a_pinned_commit_never_changes(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            add_versions(change, [new("a")])
            pinned = change.commit
        with catalog.change(run) as change:
            add_versions(change, [new("a", "2"), new("b")])
    with catalog.read(pinned) as snapshot:
        assert [(f.key, f.version) for f in find(snapshot, Question())] == [("a", "")]
    with catalog.read() as snapshot:
        assert [(f.key, f.version) for f in find(snapshot, Question())] == [("a", "2"), ("b", "")]


def test_a_moment_becomes_the_newest_commit_at_or_before_it(catalog):
    with catalog.run("ingest"):
        pass
    assert catalog.commit_at(now_us()) == catalog.head()
    with pytest.raises(NotFound, match="first commit is of"):
        catalog.commit_at(0)


@pytest.mark.parametrize(
    ("ending", "state"), [(None, "done"), (RuntimeError("x"), "failed"), (KeyboardInterrupt(), "interrupted")]
)
def test_a_run_says_how_it_ended(catalog, ending, state):
    def work():
        with catalog.run("ingest", {"places": "incoming"}):
            if ending is not None:
                raise ending

    if ending is None:
        work()
    else:
        with pytest.raises(type(ending)):
            work()
    with catalog.read() as snapshot:
        (run,) = find_runs(snapshot, action="ingest")
    assert (run.state, run.parameters) == (state, {"places": "incoming"})
    assert run.stopped_us is not None
    assert run.stopped_us >= run.started_us


def test_the_second_writer_waits_and_says_so(catalog, url):
    said: list[str] = []
    second = Catalog(url, lock_timeout_s=30, say=said.append)
    entered, leave, done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with catalog.run("ingest") as run, catalog.change(run):
            entered.set()
            leave.wait(20)

    def other() -> None:
        with second.run("retract"):
            pass
        done.set()

    threads = [threading.Thread(target=first), threading.Thread(target=other)]
    threads[0].start()
    assert entered.wait(20)
    threads[1].start()
    deadline = time.monotonic() + 20
    while not said and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not done.is_set()
    leave.set()
    for thread in threads:
        thread.join(20)
    assert done.is_set()
    assert "Waiting for another writer (run 1, ingest by" in said[0]
    second.close()


def test_a_writer_that_waited_too_long_says_who_holds_the_archive(catalog, url):
    second = Catalog(url, lock_timeout_s=0.2)
    with catalog.run("ingest") as run, catalog.change(run), pytest.raises(Busy) as caught, second.run("retract"):
        pass
    assert "(run 1, ingest by" in str(caught.value)
    assert "Run again" in str(caught.value)
    second.close()


def test_a_catalogue_opened_for_reading_refuses_to_change(sqlite, tmp_path: Path):
    reader = Catalog(f"sqlite:///{tmp_path / 'catalog.db'}", writable=False)
    assert reader.head() == 0
    with pytest.raises(Refused, match="reading only"), reader.run("ingest"):
        pass
    reader.close()


def test_the_password_is_never_shown():
    catalog = Catalog("postgresql+psycopg://me:secret@127.0.0.1:1/none")
    assert "secret" not in catalog.url
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1") as caught:
        catalog.head()
    assert "secret" not in str(caught.value)
    catalog.close()


def test_an_unknown_database_is_refused_with_those_that_are_known():
    with pytest.raises(BadConfig, match="SQLite, PostgreSQL"):
        Catalog("oracle://x")


def test_a_moment_always_means_the_same_commit(catalog):
    with catalog.run("test") as run:
        with catalog.change(run):
            pass
        with catalog.change(run):
            moment = now_us()
            before = catalog.commit_at(moment)
        assert catalog.commit_at(moment) == before
