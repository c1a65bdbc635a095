"""Cubes against a plain dictionary of arrays: replace, retract, sub-arrays, keys, and every earlier commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declare_cube, declared_cubes
from longwatch.catalog.versions import NewVersion, add_versions, retract
from longwatch.contracts.reading import Plane
from longwatch.cubes.face import CubeRoom
from longwatch.cubes.write import append
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Identity
from longwatch.objects.folder import FolderStore

SHAPE = (5, 4)
ORIGIN = (-2, 10)
DTYPES = {"rate": "f4", "flag": "i2"}
NUMBER = count()


@dataclass
class Version:
    product: int
    version: str
    id: int
    planes: dict[tuple[int, str, str], np.ma.MaskedArray]
    retracted: bool = False


@dataclass
class Model:
    """Versions in order of arrival, and what each commit showed."""

    versions: list[Version] = field(default_factory=list)
    shown: dict[int, dict[tuple[int, str, str], np.ma.MaskedArray]] = field(default_factory=dict)

    def note(self, commit: int) -> None:
        best: dict[int, Version] = {}
        for version in self.versions:
            rival = best.get(version.product)
            if not version.retracted and (rival is None or (version.version, version.id) > (rival.version, rival.id)):
                best[version.product] = version
        answers: dict[tuple[int, str, str], np.ma.MaskedArray] = {}
        for version in sorted(best.values(), key=lambda v: (v.version, v.id)):
            answers |= version.planes
        self.shown[commit] = answers


boxes = st.tuples(st.integers(0, 4), st.integers(0, 3)).flatmap(
    lambda low: st.tuples(st.just(low), st.tuples(st.integers(1, 5 - low[0]), st.integers(1, 4 - low[1])))
)
additions = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["", "1", "2"]),
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from("AB"), st.sampled_from(sorted(DTYPES)), boxes, st.integers(0, 99)),
        min_size=1,
        max_size=4,
        unique_by=lambda plane: plane[:3],
    ),
)
steps = st.lists(st.one_of(additions, st.integers(0, 9)), min_size=1, max_size=8)


def spec(name: str) -> CubeSpec:
    columns = tuple(Column(name=n, unit="adu", description="x", dtype=d) for n, d in DTYPES.items())
    return CubeSpec(
        name=name, description="", shape=SHAPE, origin=ORIGIN, properties=columns, timeline=name, key=("segment",)
    )


def picture(prop: str, box: tuple[tuple[int, int], tuple[int, int]], seed: int) -> np.ma.MaskedArray:
    """A sub-array whose first pixel is NaN in a float property and missing in an integer one."""
    values = np.ma.array((np.arange(box[1][0] * box[1][1]) + seed).reshape(box[1]), mask=False, dtype=DTYPES[prop])
    if seed % 3 == 0:
        values[0, 0] = np.nan if prop == "rate" else np.ma.masked
    return values


def add(catalog: Catalog, store: FolderStore, name: str, model: Model, step: tuple) -> None:
    product, version, given_planes = step
    planes, whole = [], {}
    for epoch, segment, prop, box, seed in given_planes:
        image = picture(prop, box, seed)
        (row, col), (height, width) = box
        full = np.ma.masked_all(SHAPE, dtype=DTYPES[prop])
        full[row : row + height, col : col + width] = image
        whole[epoch, segment, prop] = full
        origin = (row + ORIGIN[0], col + ORIGIN[1])
        planes.append(
            Plane(cube=name, epoch=epoch, property=prop, image=image, key={"segment": segment}, origin=origin)
        )
    with catalog.run("append") as run, catalog.change(run) as change:
        identity = Identity("user", "user.cube", f"{name}/{product}")
        content = f"{next(NUMBER):064x}"
        (number,) = add_versions(
            change, [NewVersion(identity=identity, version=version, name="", content=content, oid=None, size=0)]
        )
        cube = declared_cubes(change)[name]
        append(change, store, cube.id, cube.spec, [(number, planes)])
        model.versions.append(Version(product, version, number, whole))
        model.note(change.commit)


def take_back(catalog: Catalog, model: Model, which: int) -> None:
    if model.versions:
        version = model.versions[which % len(model.versions)]
        with catalog.run("retract") as run, catalog.change(run) as change:
            retract(change, [version.id])
            version.retracted = True
            model.note(change.commit)


def check(room: CubeRoom, name: str, answers: dict[tuple[int, str, str], np.ma.MaskedArray]) -> None:
    cube = room[name]
    frames = sorted({name[:2] for name in answers})
    table = cube.epochs()
    assert list(zip(table["epoch"].tolist(), table["segment"].tolist(), strict=True)) == frames
    lives = {place: cube.pixel(*place) for place in ((-2, 10), (0, 12), (2, 13))}
    region = cube.region((-1, 2), (11, 14)) if frames else None
    for number, (epoch, segment) in enumerate(frames):
        for prop, dtype in DTYPES.items():
            full = answers.get((epoch, segment, prop))
            expected = np.ma.masked_all(SHAPE, dtype=dtype) if full is None else full
            if full is not None:
                same(cube.image(prop, epoch, segment=segment), expected)
            same(region[prop][number], expected[1:4, 1:4])
            for (row, col), life in lives.items():
                same(life[prop][number : number + 1], expected[row + 2, col - 10 : col - 9])


def same(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(np.ma.getmaskarray(found), np.ma.getmaskarray(expected))
    np.testing.assert_array_equal(np.ma.compressed(found), np.ma.compressed(expected))
    assert np.ma.getdata(found).dtype == expected.dtype


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_every_commit_answers_as_the_model_did(catalog: Catalog, store: FolderStore, steps):
    name, model, newest = f"lab.c{next(NUMBER)}", Model(), CubeRoom(catalog, store)
    with catalog.run("declare") as run, catalog.change(run) as change:
        declare_cube(change, spec(name))
        model.note(change.commit)
    for step in steps:
        match step:
            case int():
                take_back(catalog, model, step)
            case _:
                add(catalog, store, name, model, step)
        check(newest, name, model.shown[max(model.shown)])
    for commit, answers in model.shown.items():
        check(CubeRoom(catalog, store, commit=commit), name, answers)
