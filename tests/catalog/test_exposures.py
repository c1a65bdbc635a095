"""Exposures are found by name and time, whichever file told of them first."""

from __future__ import annotations

import pytest

from longwatch.catalog.exposures import add_exposures, exposures_between, exposures_named
from longwatch.catalog.versions import add_versions, retract
from longwatch.domain.product import Exposure
from longwatch.domain.timespan import Timespan


def _exposure(start: int) -> Exposure:
    return Exposure(instrument="lab", obs_id="e1", t_min_us=start, t_max_us=start + 100, attributes={"target": "DARK"})


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_arrival_makes_no_difference(catalog, new, order):
    told = [(new("a", kind="lab.first"), _exposure(5)), (new("a", kind="lab.second"), _exposure(7))]
    ids = {}
    with catalog.run("ingest") as run:
        for place in order:
            version, exposure = told[place]
            with catalog.change(run) as change:
                (ids[place],) = add_versions(change, [version])
                add_exposures(change, [(ids[place], exposure)])
        with catalog.read() as snapshot:
            assert exposures_named(snapshot, "lab", ["e1", "none"]) == {"e1": _exposure(5)}
            assert exposures_named(snapshot, "other", ["e1"]) == {}
        with catalog.change(run) as change:
            retract(change, [ids[0]])
    with catalog.read() as snapshot:
        assert exposures_named(snapshot, "lab", ["e1"]) == {"e1": _exposure(7)}


def test_a_span_finds_exposures_that_may_reach_into_it(catalog, new):
    with catalog.run("ingest") as run, catalog.change(run) as change:
        (number,) = add_versions(change, [new("a")])
        add_exposures(change, [(number, _exposure(50))])
    with catalog.read() as snapshot:
        assert set(exposures_between(snapshot, "lab", Timespan(120, 130), longest_us=100)) == {"e1"}
        assert not exposures_between(snapshot, "lab", Timespan(0, 50), longest_us=100)
        assert not exposures_between(snapshot, "lab", Timespan(151, 160), longest_us=100)
