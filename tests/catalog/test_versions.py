"""Which version answers for a product, and since when."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.catalog.audit import dangling
from longwatch.catalog.segments import VersionRows, add_version_rows, hidden_versions
from longwatch.catalog.versions import (
    add_versions,
    by_content,
    duration_class,
    retract,
    versions_by_id,
    versions_of,
    versions_of_run,
)
from longwatch.domain.product import Identity

A = Identity("lab", "lab.x", "a")


def _answers(catalog, commit=None):
    with catalog.read(commit) as snapshot:
        return [(v.version, v.current) for v in versions_of(snapshot, A)]


def _add(catalog, *versions):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        return add_versions(change, versions)


def test_the_highest_version_answers_whatever_the_order_of_arrival(catalog, new):
    for version in ("2", "1", "3"):
        _add(catalog, new("a", version))
    assert _answers(catalog) == [("3", True), ("2", False), ("1", False)]


def test_among_equal_versions_the_later_arrival_answers(catalog, new):
    (first,) = _add(catalog, new("a", "", "one"))
    (second,) = _add(catalog, new("a", "", "two"))
    with catalog.read() as snapshot:
        current = {v.id: v.current for v in versions_of(snapshot, A)}
    assert current == {second: True, first: False}


def test_retracting_the_one_that_answers_lets_its_predecessor_answer_again(catalog, new):
    _add(catalog, new("a", "1"))
    (second,) = _add(catalog, new("a", "2"))
    before = catalog.head()
    with catalog.run("retract") as run, catalog.change(run) as change:
        assert retract(change, [second]) == 1
        assert retract(change, [second]) == 0
    assert _answers(catalog) == [("1", True)]
    assert _answers(catalog, before) == [("2", True), ("1", False)]
    with catalog.read() as snapshot:
        assert [v.version for v in versions_of(snapshot, A, retracted=True)] == ["1", "2"]


def test_rows_of_versions_that_do_not_answer_are_hidden_and_shown_again(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            (one,) = add_versions(change, [new("a", "1", span=(0, 10))])
            add_version_rows(change, 5, [VersionRows(version_id=one, n_rows=3, span=(0, 10))])
        with catalog.change(run) as change:
            (two,) = add_versions(change, [new("a", "2", span=(0, 10))])
            add_version_rows(change, 5, [VersionRows(version_id=two, n_rows=3, span=(0, 10))])
            superseded = change.commit
        with catalog.change(run) as change:
            retract(change, [two])
    with catalog.read(superseded) as snapshot:
        assert hidden_versions(snapshot, 5) == [one]
    with catalog.read() as snapshot:
        assert hidden_versions(snapshot, 5) == [two]


def test_content_is_found_as_long_as_a_version_of_it_is_visible(catalog, new):
    (one,) = _add(catalog, new("a", "", "same"))
    with catalog.read() as snapshot:
        found = by_content(snapshot, ["same", "other"])
    assert {name: (info.id, info.current) for name, info in found.items()} == {(A, "same"): (one, True)}
    with catalog.run("retract") as run, catalog.change(run) as change:
        retract(change, [one])
    with catalog.read() as snapshot:
        assert by_content(snapshot, ["same"]) == {}


def test_what_a_run_brought_is_known(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        ids = add_versions(change, [new("a"), new("b")])
    with catalog.read() as snapshot:
        assert versions_of_run(snapshot, run.id) == ids
        assert {v.identity.key for v in versions_by_id(snapshot, ids).values()} == {"a", "b"}


def test_many_versions_at_once_exceed_no_limit_of_the_database(catalog, new):
    ids = _add(catalog, *(new(f"k{i}") for i in range(1300)))
    assert len(set(ids)) == 1300
    with catalog.read() as snapshot:
        assert len(versions_by_id(snapshot, ids)) == 1300


def test_duration_classes_are_powers_of_two():
    assert [duration_class(0, s * 1_000_000) for s in (0, 1, 2, 3, 4, 5, 1024, 1025)] == [0, 0, 1, 2, 2, 3, 10, 11]
    assert duration_class(0, 1_000_001) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.sampled_from("ab"), st.sampled_from(["", "1", "2"])),
            st.tuples(st.just("retract"), st.integers(0, 8), st.just("")),
        ),
        max_size=10,
    )
)
def test_any_history_keeps_one_answer_a_product_and_every_past(tmp_path_factory, new, steps):
    from longwatch.catalog.catalog import Catalog

    catalog = Catalog(f"sqlite:///{tmp_path_factory.mktemp('history') / 'c.db'}")
    catalog.create()
    visible: dict[int, tuple[str, str]] = {}
    pasts: list[tuple[int, dict[str, int]]] = []
    with catalog.run("ingest") as run:
        for number, (what, which, version) in enumerate(steps):
            with catalog.change(run) as change:
                if what == "add":
                    (added,) = add_versions(change, [new(which, version, f"content {number}")])
                    visible[added] = which, version
                elif visible:
                    gone = sorted(visible)[which % len(visible)]
                    del visible[gone]
                    retract(change, [gone])
                commit = change.commit
            best: dict[str, int] = {}
            for found in sorted(visible, key=lambda n: (visible[n][1], n)):
                best[visible[found][0]] = found
            pasts.append((commit, best))
    for commit, best in pasts:
        with catalog.read(commit) as snapshot:
            for key in "ab":
                found = [v.id for v in versions_of(snapshot, Identity("lab", "lab.x", key)) if v.current]
                assert found == ([best[key]] if key in best else [])
    with catalog.read() as snapshot:
        assert dangling(snapshot) == []
    catalog.close()
