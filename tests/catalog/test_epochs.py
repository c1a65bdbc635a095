"""Epochs and members answer as long as the version that brought them does."""

from __future__ import annotations

from longwatch.catalog.epochs import add_epochs, add_members, epochs_of, members_of, timelines
from longwatch.catalog.versions import add_versions, retract
from longwatch.domain.epoch import Epoch, EpochMember


def _epoch(number: int, start: int) -> Epoch:
    return Epoch(timeline="lab.t", number=number, start_us=start, stop_us=start + 10, attributes={"n": number})


def test_epochs_and_members_come_back_in_order(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        (number,) = add_versions(change, [new("a")])
        add_epochs(change, [(number, _epoch(2, 20)), (number, _epoch(1, 10))])
        members = [EpochMember(timeline="lab.t", number=1, member=m, t_us=t) for m, t in (("z", 11), ("y", 12))]
        add_members(change, [(number, m) for m in members])
    with catalog.read() as snapshot:
        assert epochs_of(snapshot, "lab.t") == [_epoch(1, 10), _epoch(2, 20)]
        assert [m.member for m in members_of(snapshot, "lab.t", 1)] == ["z", "y"]
        assert members_of(snapshot, "lab.t", 2) == []
        assert timelines(snapshot) == ["lab.t"]


def test_a_newer_table_replaces_an_older_one_and_gives_way_when_retracted(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            (old,) = add_versions(change, [new("a", "1")])
            add_epochs(change, [(old, _epoch(1, 10))])
        with catalog.change(run) as change:
            (latest,) = add_versions(change, [new("a", "2")])
            add_epochs(change, [(latest, _epoch(1, 99))])
            replaced = change.commit
        with catalog.change(run) as change:
            retract(change, [latest])
    with catalog.read(replaced) as snapshot:
        assert epochs_of(snapshot, "lab.t") == [_epoch(1, 99)]
    with catalog.read() as snapshot:
        assert epochs_of(snapshot, "lab.t") == [_epoch(1, 10)]
