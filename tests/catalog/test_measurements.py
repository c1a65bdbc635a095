"""Measurements, windows, what touched them, and figures."""

from __future__ import annotations

from longwatch.catalog.measurements import (
    FigureInfo,
    WindowRead,
    add_measurements,
    figures_of,
    find_measurements,
    note_window,
    retire_measurements,
    store_figures,
    touches,
    windows_of,
)
from longwatch.catalog.segments import VersionRows, add_version_rows
from longwatch.catalog.versions import add_versions, retract
from longwatch.domain.metric import Measurement
from longwatch.domain.timespan import Timespan

WINDOW = Timespan(0, 100)


def test_a_measurement_comes_back_bit_for_bit_until_it_is_retired(catalog):
    values = [0.1, -1e300, None]
    with catalog.run("monitor") as run:
        with catalog.change(run) as change:
            new = [Measurement(metric="lab.m", subject=f"n={i}", window=WINDOW, value=v) for i, v in enumerate(values)]
            add_measurements(change, "lab.monitor", [(m, "s") for m in new])
            before = change.commit
        with catalog.read() as snapshot:
            found = find_measurements(snapshot, metric="lab.m")
            assert [f.measurement for f in found] == new
            assert {(f.unit, f.run_id) for f in found} == {("s", run.id)}
            assert find_measurements(snapshot, monitor="lab.monitor", span=Timespan(1, 100)) == []
        with catalog.change(run) as change:
            retire_measurements(change, [found[0].id])
    with catalog.read() as snapshot:
        assert len(find_measurements(snapshot, monitor="lab.monitor", span=WINDOW)) == 2
    with catalog.read(before) as snapshot:
        assert len(find_measurements(snapshot)) == 3


def test_a_window_is_noted_once(catalog):
    with catalog.run("monitor") as run:
        for commit in (3, 5):
            with catalog.change(run) as change:
                note_window(change, "m", WindowRead(span=WINDOW, commit_read=commit, code_version="1", run_id=0))
    with catalog.read() as snapshot:
        assert {span: w.commit_read for span, w in windows_of(snapshot, "m").items()} == {WINDOW: 5}
        assert windows_of(snapshot, "other") == {}


def test_inputs_that_began_or_ceased_to_answer_touch_their_span(catalog, new):
    with catalog.run("ingest") as run:
        with catalog.change(run) as change:
            first, other = add_versions(change, [new("a", span=(5, 9)), new("b", kind="lab.y", span=(50, 60))])
            read = change.commit
        with catalog.read() as snapshot:
            assert [(touch.span, touch.answers) for touch in touches(snapshot, ["lab.x"], since=0)] == [((5, 9), True)]
            assert touches(snapshot, ["lab.x"], since=read) == []
        with catalog.change(run) as change:
            add_versions(change, [new("timeless")])
            retract(change, [first])
        with catalog.read() as snapshot:
            found = {touch.span: touch.answers for touch in touches(snapshot, ["lab.x", "lab.y"], since=read)}
    assert found == {(5, 9): False, None: True}
    assert other


def test_rows_of_a_series_touch_too(catalog, new):
    from longwatch.catalog.declared import declare_series
    from longwatch.domain.column import Column
    from longwatch.domain.series import SeriesSpec

    spec = SeriesSpec(name="lab.s", description="", columns=(Column(name="time", unit="us", description="T."),))
    with catalog.run("ingest") as run, catalog.change(run) as change:
        series = declare_series(change, spec)
        (number,) = add_versions(change, [new("a", span=(5, 9))])
        add_version_rows(change, series, [VersionRows(version_id=number, n_rows=2, span=(5, 9))])
    with catalog.read() as snapshot:
        assert [touch.span for touch in touches(snapshot, ["lab.s"], since=0)] == [(5, 9)]


def test_a_newer_figure_takes_the_place_of_an_older_one(catalog):
    def figure(picture: str) -> FigureInfo:
        return FigureInfo(
            monitor="m", name="f", title="T", caption="C", picture=picture, data=f"data of {picture}", run_id=1
        )

    with catalog.run("monitor") as run:
        for picture in ("p1", "p2"):
            with catalog.change(run) as change:
                store_figures(change, [figure(picture)])
        with catalog.read() as snapshot:
            assert [f.picture for f in figures_of(snapshot, "m")] == ["p2"]
            assert figures_of(snapshot, "other") == []
        with catalog.read(catalog.head() - 1) as snapshot:
            assert [f.picture for f in figures_of(snapshot)] == ["p1"]
