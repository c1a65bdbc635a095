"""The door for values that come from no file."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from longwatch.archive import Archive
from longwatch.contracts.reading import Plane, Reading, Rows
from longwatch.contracts.writer import Writer
from longwatch.domain.column import Column
from longwatch.domain.product import Exposure, Identity
from longwatch.errors import Conflict, LongwatchError
from longwatch.ingest.hand import HandWriter
from toy_instrument import CUBE, SERIES, SHAPE, T0, TOY

ME = Identity("toy", "toy.hand", "mine")


@pytest.fixture
def writer(archive: Archive) -> Writer:
    writer = HandWriter(archive.catalog, archive.store)
    for spec in (*TOY.series, *TOY.cubes):
        writer.declare(spec)
    return writer


def _reading(value: float = 1.0, *, missing: bool = False) -> Reading:
    values = np.ma.MaskedArray([value, 2.0], mask=[missing, False])
    columns = {"time": np.array([T0, T0 + 1]), "slot": np.array([0, 1], "i4"), "value": values}
    plane = Plane(cube=CUBE, epoch=1, property="level", image=np.full(SHAPE, value, "f4"))
    return Reading(
        key="mine", t_min_us=T0, t_max_us=T0 + 1, rows=(Rows(series=SERIES, columns=columns),), planes=(plane,)
    )


def test_a_reading_by_hand_answers_like_one_from_a_file(archive: Archive, writer: Writer) -> None:
    assert writer.store(ME, _reading())
    assert archive.series[SERIES].fetch()["value"].tolist() == [1.0, 2.0]
    assert archive.cubes[CUBE].pixel(0, 0)["level"].tolist() == [1.0]
    assert archive.products.find(kind="toy.hand")["key"].tolist() == ["mine"]


def test_the_same_reading_again_changes_nothing(archive: Archive, writer: Writer) -> None:
    assert writer.store(ME, _reading())
    head = archive.catalog.head()
    assert not writer.store(ME, _reading())
    assert len(archive.series[SERIES].fetch()) == 2
    assert archive.at_commit(head).series[SERIES].fetch()["value"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "other",
    [
        _reading(3.0),
        _reading(missing=True),
        replace(_reading(), version="2"),
        replace(_reading(), keywords={"QUALITY": "good"}),
        replace(_reading(), exposures=(Exposure(instrument="toy", obs_id="e", t_min_us=T0, t_max_us=T0 + 1),)),
    ],
    ids=["value", "mask", "version", "keyword", "exposure"],
)
def test_any_difference_is_a_new_version(archive: Archive, writer: Writer, other: Reading) -> None:
    writer.store(ME, _reading())
    assert writer.store(ME, other)
    assert len(archive.products.versions("toy.hand", "mine")) == 2


def test_a_value_that_becomes_missing_is_masked(archive: Archive, writer: Writer) -> None:
    writer.store(ME, _reading())
    writer.store(ME, _reading(missing=True))
    assert archive.series[SERIES].fetch()["value"].mask.tolist() == [True, False]


def test_a_product_without_a_file_says_so_when_its_file_is_asked_for(archive: Archive, writer: Writer) -> None:
    writer.store(ME, _reading())
    with pytest.raises(LongwatchError, match="has no file"):
        archive.products.data(kind="toy.hand", key="mine")


def test_a_declaration_that_contradicts_is_refused(writer: Writer) -> None:
    writer.store(ME, _reading())
    (spec,) = TOY.series
    bent = (*spec.columns[:2], Column(name="value", unit="K", description="Other"))
    with pytest.raises(Conflict, match="value"):
        writer.declare(replace(spec, columns=bent))
