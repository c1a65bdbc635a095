"""Files that were seen, and files in quarantine."""

from __future__ import annotations

import pytest

from longwatch.catalog.sources import (
    QUARANTINED,
    STORED,
    UNKNOWN,
    Quarantined,
    SeenFile,
    add_quarantined,
    forget,
    note_seen,
    quarantined,
    release,
    seen_in,
    unknown_files,
)

LONG = "/data/" + "very long folder name/" * 60


def _seen(path: str, size: int = 1, outcome: str = STORED) -> SeenFile:
    return SeenFile(path=path, state=(size, 2, 3, 4), outcome=outcome, stamp="s")


def _refused(path: str, reason: str = "broken") -> Quarantined:
    return Quarantined(
        id=0, path=path, kind="lab.x", slug="bad-file", reason=reason, traceback="T", attempts=0, run_id=0
    )


@pytest.mark.parametrize("folder", ["/data/", LONG, "/Größe/ /"])
def test_files_are_remembered_folder_by_folder(catalog, folder):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            note_seen(change, [_seen(f"{folder}a.fits"), _seen(f"{folder}b.fits"), _seen(f"{folder}below/c.fits")])
        with catalog.change(run) as change:
            note_seen(change, [_seen(f"{folder}a.fits", size=9)])
    with catalog.read() as snapshot:
        found = seen_in(snapshot, folder.removesuffix("/"))
    assert {path: seen.state[0] for path, seen in found.items()} == {f"{folder}a.fits": 9, f"{folder}b.fits": 1}


def test_a_forgotten_file_is_as_if_never_seen(catalog):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        note_seen(change, [_seen("/data/a"), _seen("/data/b", outcome=UNKNOWN)])
        forget(change, ["/data/a"])
    with catalog.read() as snapshot:
        assert set(seen_in(snapshot, "/data")) == {"/data/b"}
        assert unknown_files(snapshot) == ["/data/b"]


def test_quarantine_counts_attempts_and_lets_go(catalog):
    with catalog.run("ingest") as run:
        for reason in ("first", "second"):
            with catalog.change(run) as change:
                add_quarantined(change, [_refused("/data/a", reason), _refused(f"{LONG}b")])
                note_seen(change, [_seen("/data/a", outcome=QUARANTINED)])
        with catalog.read() as snapshot:
            found = {q.path: (q.reason, q.attempts, q.run_id) for q in quarantined(snapshot)}
        assert found == {"/data/a": ("second", 2, run.id), f"{LONG}b": ("broken", 2, run.id)}
        before = catalog.head()
        with catalog.change(run) as change:
            assert release(change, ["/data/a", "/never/there"]) == 1
    with catalog.read() as snapshot:
        assert [q.path for q in quarantined(snapshot)] == [f"{LONG}b"]
    with catalog.read(before) as snapshot:
        assert len(quarantined(snapshot)) == 2
