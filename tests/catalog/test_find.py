"""Finding by kind, time and keyword, and the plans behind it."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from longwatch.catalog.find import Question, find, kinds, statement
from longwatch.catalog.headers import add_keywords, indexed_keywords, note_indexed
from longwatch.catalog.versions import add_versions
from longwatch.domain.timespan import Timespan

DAY = 86_400_000_000


def _fill(catalog, new):
    spans = {"short": (10, 20), "long": (0, 400 * DAY), "later": (500 * DAY, 501 * DAY), "instant": (15, 15)}
    with catalog.run("ingest") as run, catalog.change(run) as change:
        versions = [new(key, span=span) for key, span in spans.items()] + [new("timeless"), new("other", kind="lab.y")]
        ids = add_versions(change, versions)
        values = [{"FILTER": "V", "EXPTIME": 1.5, "OK": True}, {"FILTER": "B", "EXPTIME": 100, "OK": False}]
        add_keywords(change, "lab.x", [(ids[0], 10, values[0]), (ids[1], 0, values[1])])
        note_indexed(change, "lab.x", ["FILTER", "EXPTIME", "OK"])


def _keys(catalog, **asked):
    with catalog.read() as snapshot:
        return [f.key for f in find(snapshot, Question(**asked))]


def test_overlap_is_half_open_and_knows_long_short_and_instantaneous_products(catalog, new):
    _fill(catalog, new)
    assert _keys(catalog, kind="lab.x", span=Timespan(12, 13)) == ["long", "short"]
    assert _keys(catalog, kind="lab.x", span=Timespan(15, 16)) == ["instant", "long", "short"]
    assert _keys(catalog, kind="lab.x", span=Timespan(20, 21)) == ["long"]
    assert _keys(catalog, kind="lab.x", span=Timespan(400 * DAY, 401 * DAY)) == []
    assert _keys(catalog, span=Timespan(450 * DAY, 502 * DAY)) == ["later"]
    assert _keys(catalog, kind="no.such", span=Timespan(0, 10)) == []


def test_keywords_are_exact_or_ranges(catalog, new):
    _fill(catalog, new)
    assert _keys(catalog, kind="lab.x", keywords={"FILTER": "V"}) == ["short"]
    assert _keys(catalog, kind="lab.x", keywords={"EXPTIME": (2.0, None)}) == ["long"]
    assert _keys(catalog, kind="lab.x", keywords={"EXPTIME": 1.5, "OK": True}) == ["short"]
    assert _keys(catalog, kind="lab.x", keywords={"FILTER": "V", "OK": False}) == []
    with catalog.read() as snapshot:
        assert indexed_keywords(snapshot, "lab.x") == ["EXPTIME", "FILTER", "OK"]


def test_keys_kinds_order_and_limit(catalog, new):
    _fill(catalog, new)
    assert _keys(catalog, key="other") == ["other"]
    assert _keys(catalog, key="l*") == ["later", "long"]
    assert _keys(catalog, kind="lab.x", newest_first=True, limit=2) == ["later", "instant"]
    with catalog.read() as snapshot:
        assert [(kind, n) for _, kind, n, *_ in kinds(snapshot)] == [("lab.x", 5), ("lab.y", 1)]


def test_a_pattern_takes_wildcard_characters_of_sql_as_they_stand(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        add_versions(change, [new("a_b"), new("axb"), new("a%b")])
    assert _keys(catalog, key="a_b*") == ["a_b"]
    assert _keys(catalog, key="*%b") == ["a%b"]
    assert _keys(catalog, key="A*") == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    spans=st.lists(st.tuples(st.integers(0, 2**45), st.integers(0, 2**44)), min_size=1, max_size=12),
    asked=st.tuples(st.integers(0, 2**45), st.integers(1, 2**43)),
)
def test_overlap_agrees_with_its_definition(tmp_path_factory, new, spans, asked):
    from longwatch.catalog.catalog import Catalog

    catalog = Catalog(f"sqlite:///{tmp_path_factory.mktemp('overlap') / 'c.db'}")
    catalog.create()
    with catalog.run("ingest") as run, catalog.change(run) as change:
        add_versions(change, [new(f"{i:02d}", span=(low, low + n)) for i, (low, n) in enumerate(spans)])
    start, stop = asked[0], asked[0] + asked[1]
    wanted = [f"{i:02d}" for i, (low, n) in enumerate(spans) if low < stop and (low + n > start or low >= start)]
    assert _keys(catalog, kind="lab.x", span=Timespan(start, stop)) == wanted
    catalog.close()


def test_the_hot_queries_use_their_indexes(sqlite, new):
    _fill(sqlite, new)
    hot = {
        "overlap": (Question(kind="lab.x", span=Timespan(0, 10)), "INTEGER PRIMARY KEY"),
        "identity": (Question(kind="lab.x", key="short"), "ix_versions_product"),
        "newest": (Question(kind="lab.x", newest_first=True, limit=100), "ix_versions_newest"),
        "rare": (
            Question(kind="lab.x", keywords={"FILTER": "V", "OK": True}, newest_first=True),
            "INTEGER PRIMARY KEY",
        ),
    }
    for name, (question, index) in hot.items():
        with sqlite.read() as snapshot:
            sql = str(
                statement(snapshot, question).compile(snapshot.connection, compile_kwargs={"literal_binds": True})
            )
            plan = [row.detail for row in snapshot.connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
        scans = [step for step in plan if step.startswith("SCAN") and "SUBQUERY" not in step.upper()]
        assert not scans, (name, plan)
        assert any(step.startswith(f"SEARCH versions USING {index}") or index in step.split() for step in plan), plan
        assert not any(step.endswith("versions USING INDEX ix_versions_time (kind=?)") for step in plan), plan
