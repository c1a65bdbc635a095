"""Planes: the highest version that answers wins, and a replaced one stays for earlier commits."""

from __future__ import annotations

from longwatch.catalog.slabs import SlabInfo, add_slabs, cube_changed, cube_extent, slabs_of
from longwatch.catalog.versions import add_versions, retract


def _slab(version_id: int, epoch: int = 1, prop: str = "rate", key: str = "", oid: str = "") -> SlabInfo:
    return SlabInfo(
        epoch=epoch,
        plane_key=key,
        property=prop,
        oid=oid or f"o{version_id}",
        offset=2880,
        dtype=">f4",
        shape=(4, 5),
        row0=-2,
        col0=0,
        null=None,
        version_id=version_id,
    )


def test_planes_come_back_in_order_of_epoch_key_and_property(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        (number,) = add_versions(change, [new("a")])
        slabs = [_slab(number, 2), _slab(number, 1, key="b"), _slab(number, 1, "n_bad", key="a")]
        add_slabs(change, 7, slabs)
    with catalog.read() as snapshot:
        assert slabs_of(snapshot, 7) == [slabs[2], slabs[1], slabs[0]]
        assert slabs_of(snapshot, 7, epoch=2) == [slabs[0]]
        assert slabs_of(snapshot, 8) == []
        assert cube_extent(snapshot, 7) == (2, 3)


def test_of_equal_planes_the_highest_version_answers(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            ids = add_versions(change, [new("a", "2"), new("b", "1"), new("c", "2")])
            add_slabs(change, 7, [_slab(number) for number in ids])
            before = change.commit
        with catalog.change(run) as change:
            retract(change, [ids[2]])
    with catalog.read(before) as snapshot:
        assert [s.version_id for s in slabs_of(snapshot, 7)] == [ids[2]]
    with catalog.read() as snapshot:
        assert [s.version_id for s in slabs_of(snapshot, 7)] == [ids[0]]


def test_a_superseded_version_gives_no_planes(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            (old,) = add_versions(change, [new("a", "1")])
            add_slabs(change, 7, [_slab(old), _slab(old, prop="n_bad")])
        with catalog.change(run) as change:
            (latest,) = add_versions(change, [new("a", "2")])
            add_slabs(change, 7, [_slab(latest)])
    with catalog.read() as snapshot:
        assert [(s.version_id, s.property) for s in slabs_of(snapshot, 7)] == [(latest, "rate")]


def test_a_cube_says_whether_it_changed(sqlite, new):
    with sqlite.run("ingest") as run:
        with sqlite.change(run) as change:
            (number,) = add_versions(change, [new("a")])
            add_slabs(change, 7, [_slab(number)])
        before = sqlite.head()
        with sqlite.change(run) as change:
            add_versions(change, [new("elsewhere")])
        with sqlite.read() as snapshot:
            assert not cube_changed(snapshot, 7, "lab.t", since=before)
        with sqlite.change(run) as change:
            retract(change, [number])
        with sqlite.read() as snapshot:
            assert cube_changed(snapshot, 7, "lab.t", since=before)
