"""A plan is made once for what it shows, and made again only when that changes."""

from __future__ import annotations

import pytest
from astropy.time import Time

from longwatch.catalog.catalog import Catalog
from longwatch.cubes.face import CubeRoom
from longwatch.cubes.pin import PLANS, Plans
from longwatch.errors import BadQuery, NotFound
from longwatch.testing.cube import RATE, SHAPE


@pytest.fixture
def plans(catalog: Catalog) -> Plans:
    return Plans(catalog, commit=None, now=lambda: Time("2026-01-01"))


def test_a_plan_outlives_commits_that_do_not_touch_it(cubes: CubeRoom, plans: Plans):
    cube = cubes.create("lab.a", shape=SHAPE, properties={"rate": "adu"})
    other = cubes.create("lab.b", shape=SHAPE, properties={"rate": "adu"})
    cube.append(epoch=1, images={"rate": RATE})
    before = plans.get("lab.a")
    assert plans.get("lab.a") is before
    other.append(epoch=1, images={"rate": RATE})
    carried = plans.get("lab.a")
    assert carried.commit > before.commit
    assert carried.places is before.places
    cube.append(epoch=2, images={"rate": RATE})
    assert plans.get("lab.a").epochs.tolist() == [1, 2]


def test_a_new_span_or_property_makes_a_new_plan(cubes: CubeRoom, plans: Plans):
    cube = cubes.create("lab.a", shape=SHAPE, properties={"rate": "adu"}, timeline="lab.weeks")
    other = cubes.create("lab.b", shape=SHAPE, properties={"rate": "adu"}, timeline="lab.weeks")
    cube.append(epoch=1, images={"rate": RATE})
    assert plans.get("lab.a").timeline == ()
    other.append(epoch=1, start="2026:001", stop="2026:008", images={"rate": RATE})
    assert [epoch.number for epoch in plans.get("lab.a").timeline] == [1]
    cubes.create("lab.a", shape=SHAPE, properties={"rate": "adu", "flag": ""}, timeline="lab.weeks")
    assert list(plans.get("lab.a").planes) == ["rate", "flag"]


def test_only_some_past_plans_are_held(catalog: Catalog, cubes: CubeRoom):
    cube = cubes.create("lab.a", shape=SHAPE, properties={"rate": "adu"})
    moments = []
    for number in range(PLANS + 2):
        cube.append(epoch=1, images={"rate": RATE + number})
        moments.append(Time.now())
    for _ in range(2):
        for number, moment in enumerate(moments):
            assert cube.pixel(0, 0, as_of=moment)["rate"][0] == number


def test_what_cannot_be_answered_is_said(plans: Plans):
    with pytest.raises(NotFound, match="There are none yet"):
        plans.get("lab.a")
    with pytest.raises(BadQuery, match="both"):
        plans.span(None, "2026:001")
    with pytest.raises(NotFound, match="No state of the archive"):
        plans.commit("1990:001")
