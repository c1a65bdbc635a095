"""Runs and commits as they are listed."""

from __future__ import annotations

from longwatch.catalog.runs import commit_us, earliest_commit_us, find_runs, mark_died


def test_runs_are_listed_newest_first_and_by_action(catalog):
    for action in ("ingest", "retract", "ingest"):
        with catalog.run(action):
            pass
    with catalog.read() as snapshot:
        assert [r.action for r in find_runs(snapshot)] == ["ingest", "retract", "ingest"]
        assert [r.id for r in find_runs(snapshot, action="ingest")] == [3, 1]
        assert len(find_runs(snapshot, limit=1)) == 1
        assert find_runs(snapshot, state="running") == []


def test_a_run_whose_process_is_gone_is_said_to_have_died(catalog):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            mark_died(change, run.id)
        with catalog.read() as snapshot:
            (found,) = find_runs(snapshot, state="died")
    assert found.id == run.id


def test_commits_carry_their_moment(catalog):
    with catalog.read() as snapshot:
        assert (earliest_commit_us(snapshot), commit_us(snapshot)) == (None, None)
    with catalog.run("ingest"):
        pass
    with catalog.read() as snapshot:
        first, last = earliest_commit_us(snapshot), commit_us(snapshot)
    assert first is not None
    assert last is not None
    assert first <= last
