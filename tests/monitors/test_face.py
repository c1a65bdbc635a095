"""`archive.monitors`: run, list, check, ask, and say where a number comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.time import Time

from longwatch.contracts.instrument import Instrument
from longwatch.errors import NotFound, Refused
from longwatch.monitors.face import Monitors
from toy_archive import CALIBRATION, DAY, LIMIT, MEAN, T0, Mean, Toy, ToyWriter

LIMITS = Path(__file__).with_name("data") / "good"


def face(toy: Toy, *, commit: int | None = None, writable: bool = True) -> Monitors:
    instrument = Instrument(name="toy", title="Toy", monitors=(Mean(),), limits=LIMITS)
    return Monitors(
        toy.catalog,
        toy.store,
        [instrument],
        view_at=toy.view,
        writer=ToyWriter(toy) if writable else None,
        commit=commit,
        now=lambda: Time("2020-01-03"),
    )


def test_run_list_check_and_ask(toy: Toy) -> None:
    toy.put("a", [(T0, 60), (T0 + DAY, 40)])
    monitors = face(toy)
    assert monitors.run().counts.added == 4
    (row,) = monitors.list()
    assert (row["name"], row["metric"], row["value"], row["unit"]) == ("toy.mean", MEAN.name, 40.0, "adu")
    assert (row["severity"], row["freshness"]) == ("ok", "fresh")
    checked = monitors.check("toy.mean")
    assert checked["severity"].tolist() == ["unknown", "unknown", "caution", "ok"]
    assert len(monitors.check(start="2020-01-02")) == 2
    assert monitors.measurements(MEAN.name)["value"].tolist() == [60.0, 40.0]
    assert monitors.measurements(MEAN.name, start="-1d")["value"].tolist() == [40.0]
    assert len(monitors.measurements(MEAN.name, detector="FUV")) == 0
    assert len(monitors.measurements(MEAN.name, detector="TOY")) == 2
    assert monitors.backfill("toy.mean").counts.kept == 4
    assert "toy.mean, cadence day" in repr(monitors)


def test_past_is_kept(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    face(toy).run()
    then = toy.catalog.head()
    toy.put("a", [(T0, 2)])
    face(toy).run()
    assert face(toy).measurements(MEAN.name)["value"].tolist() == [2.0]
    assert face(toy, commit=then).measurements(MEAN.name)["value"].tolist() == [1.0]
    with pytest.raises(NotFound, match="No state of the archive"):
        face(toy).measurements(MEAN.name, as_of="2000-01-01")


def test_reading_only_refuses_to_run(toy: Toy) -> None:
    with pytest.raises(Refused, match="reading only"):
        face(toy, writable=False).run()


def test_unknown_metric_names_what_is_near(toy: Toy) -> None:
    with pytest.raises(NotFound, match=r"toy\.mean\.mean"):
        face(toy).measurements("toy.mean.men")


def test_limits_of_a_reading_are_those_of_its_instrument(toy: Toy) -> None:
    assert LIMIT.metric in {limit.metric for limit in face(toy).watch.limits}


def test_provenance_names_run_commit_and_inputs(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    toy.put("b", [(T0 + DAY, 1)])
    toy.put("zero", [(0, 1)], CALIBRATION, timed=False)
    head = toy.catalog.head()
    monitors = face(toy)
    monitors.run()
    toy.put("late", [(T0 + 3, 1)])
    told = monitors.provenance(MEAN.name, "2020-01-01", detector="TOY")
    assert told.measurement.measurement.value == 2.0
    assert told.run.parameters["monitor"] == "toy.mean"
    assert told.run.code_version == told.window.code_version
    assert told.window.commit_read == head
    assert {version.identity.key for version in told.inputs} == {"a", "zero"}
    assert monitors.provenance(MEAN.name).measurement.measurement.window.start_us == T0 + DAY
    with pytest.raises(NotFound, match="No measurement"):
        monitors.provenance(MEAN.name, "2019-01-01")
