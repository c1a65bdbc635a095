"""Choosing frames, blocks and names from a plan."""

from __future__ import annotations

import pytest

from longwatch.catalog.slabs import SlabInfo
from longwatch.cubes.plan import Plan, make_plan, times
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.errors import BadQuery, NotFound


def slab(epoch: int, key: str, prop: str = "gain") -> SlabInfo:
    place = {"oid": f"{epoch}", "offset": 5760, "dtype": ">f4", "shape": (3, 4), "row0": 0, "col0": 0, "null": None}
    return SlabInfo(epoch=epoch, plane_key=key, property=prop, version_id=1, **place)


@pytest.fixture
def plan() -> Plan:
    columns = tuple(Column(name=name, unit="", description="x", dtype="f4") for name in ("gain", "width"))
    spec = CubeSpec(
        name="cos.gain",
        description="",
        shape=(3, 4),
        properties=columns,
        timeline="cos.week",
        key=("segment", "hvlevel"),
        origin=(-1, 0),
    )
    slabs = [
        slab(2, "segment=FUVA;hvlevel=163"),
        slab(2, "segment=FUVB;hvlevel=163"),
        slab(9, "segment=FUVA;hvlevel=-1", "width"),
    ]
    return make_plan(1, spec, 5, slabs=slabs, timeline=())


def test_frames_are_chosen_by_epoch_and_key(plan: Plan):
    assert plan.frames(None, {}).tolist() == [0, 1, 2]
    assert plan.frames(2, {"segment": "FUVB"}).tolist() == [1]
    assert plan.frames(None, {"hvlevel": -1}).tolist() == [2]
    assert plan.key_columns["hvlevel"].tolist() == [163, 163, -1]
    assert plan.frame(9, {}) == 2


def test_what_is_not_there_is_named_beside_what_is(plan: Plan):
    with pytest.raises(NotFound, match="nearest: 2, 9"):
        plan.frames(4, {})
    with pytest.raises(NotFound, match="It holds: segment=FUVA"):
        plan.frames(2, {"segment": "NUV"})
    with pytest.raises(BadQuery, match="Its keys are: segment, hvlevel"):
        plan.frames(2, {"slot": 1})
    with pytest.raises(BadQuery, match="Say which by segment, hvlevel"):
        plan.frame(2, {})
    with pytest.raises(NotFound, match="It has: width"):
        plan.image_of("gain", 9, {})
    with pytest.raises(BadQuery, match="It has: gain, width"):
        plan.index("gian")


def test_blocks_lie_on_the_detector(plan: Plan):
    assert plan.block((-1, 2), (0, 4)) == plan.whole
    assert plan.whole.shape == (3, 4)
    for rows, cols in (((-2, 1), (0, 4)), ((0, 3), (0, 4)), ((0, 0), (0, 4)), ((0, 1), (3, 5))):
        with pytest.raises(BadQuery, match="half-open"):
            plan.block(rows, cols)


def test_an_epoch_form_names_the_cubes_own_timeline(plan: Plan):
    assert plan.numbered("week", 4) == plan.numbered("cos.week", 4) == 4
    with pytest.raises(BadQuery, match="follows the timeline"):
        plan.numbered("eek", 4)


def test_an_empty_cube_has_no_frames(plan: Plan):
    empty = make_plan(1, plan.spec, 5, slabs=[], timeline=())
    assert empty.frames(None, {}).size == 0
    with pytest.raises(NotFound, match="append an epoch first"):
        empty.frames(1, {})


def test_unknown_times_are_masked():
    assert times([0, None]).mask.tolist() == [False, True]
    assert len(times([])) == 0
