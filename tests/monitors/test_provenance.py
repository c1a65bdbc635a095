"""A retired measurement has no current provenance, and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from longwatch.catalog.measurements import find_measurements
from longwatch.domain.timespan import Timespan
from longwatch.errors import NotFound
from longwatch.monitors.provenance import provenance
from longwatch.monitors.watch import Watch
from toy_archive import DAY, T0, Mean, Toy


def test_kept_measurement_names_first_run_and_last_read(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    runner = toy.runner(Watch(monitors=(Mean(),)))
    runner.run()
    runner.run(rerun=True)
    with toy.catalog.read() as snapshot:
        stored = find_measurements(snapshot)[0]
    told = provenance(toy.catalog, Mean(), stored)
    assert told.run.id == stored.run_id
    assert told.window.run_id > told.run.id
    assert [version.identity.key for version in told.inputs] == ["a"]


def test_window_that_is_not_noted(toy: Toy) -> None:
    toy.put("a", [(T0, 1)])
    toy.runner(Watch(monitors=(Mean(),))).run()
    with toy.catalog.read() as snapshot:
        stored = find_measurements(snapshot)[0]
    elsewhere = replace(stored.measurement, window=Timespan(T0 + 9 * DAY, T0 + 10 * DAY))
    with pytest.raises(NotFound, match="No note of the window"):
        provenance(toy.catalog, Mean(), replace(stored, measurement=elsewhere))
