"""In which order rows lie in a segment, and that no answer depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.column import Column
from longwatch.domain.series import SeriesSpec
from longwatch.objects.folder import FolderStore
from longwatch.series import layout
from longwatch.series.layout import laid_out
from longwatch.testing.series import SeriesTests, spec_named

SPEC = spec_named("lab.layout")


class TestKeyByKey(SeriesTests):
    """Every answer is the same where rows lie key by key, few in a row group."""

    @pytest.fixture
    @override
    def catalog(self, tmp_path: Path) -> Iterator[Catalog]:
        found = Catalog(f"sqlite:///{tmp_path}/catalog.db")
        found.create()
        yield found
        found.close()

    @pytest.fixture
    @override
    def store(self, tmp_path: Path) -> ObjectStore:
        return FolderStore(tmp_path)

    @pytest.fixture(autouse=True)
    def _key_by_key(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(layout, "RUN", 1)
        monkeypatch.setattr(layout, "GROUP", 2)
        monkeypatch.setattr(layout, "GROUP_OF_ARRAYS", 2)


def table(time: list[float], slot: list[int]) -> pa.Table:
    return pa.table({"time": time, "slot": pa.array(slot, pa.uint8())})


def test_many_rows_of_few_keys_lie_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    found = laid_out(SPEC, table([1, 1, 2, 2, 3], [0, 1, 0, 1, 1]))
    assert [piece["time"].to_pylist() for piece in found.pieces] == [[1, 2], [1, 2, 3]]
    assert [piece["slot"].to_pylist() for piece in found.pieces] == [[0, 0], [1, 1, 1]]
    assert (found.order, found.time) == (["slot", "time"], "time")
    assert found.group == layout.GROUP


def test_fewer_rows_are_read_together_where_they_have_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    image = Column(name="image", unit="", description="", shape=(2, 2))
    spec = replace(SPEC, columns=(*SPEC.columns, image))
    rows = table([1, 1, 2, 2, 3], [0, 1, 0, 1, 1]).append_column("image", pa.nulls(5, pa.list_(pa.float64(), 4)))
    assert laid_out(spec, rows).group == layout.GROUP_OF_ARRAYS


def test_few_rows_of_a_key_lie_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "RUN", 3)
    found = laid_out(SPEC, table([1, 1, 2, 2, 3], [0, 1, 0, 1, 1]))
    (piece,) = found.pieces
    assert piece["slot"].to_pylist() == [0, 1, 0, 1, 1]
    assert (found.order, found.group) == (["time", "slot"], layout.GROUP)


def test_keys_that_may_be_nan_and_series_without_keys_lie_by_time() -> None:
    rows = pa.table({"time": np.arange(50_000.0), "slot": np.zeros(50_000)})
    plain = Column(name="slot", unit="", description="")
    for key in ((), ("slot",)):
        spec = SeriesSpec(name="lab.real", description="", columns=(SPEC.columns[0], plain), key=key)
        assert laid_out(spec, rows).order == ["time", *key]


def test_columns_without_a_missing_element_say_so() -> None:
    rows = pa.table({"time": [1.0, 2.0], "slot": pa.array([0, 1], pa.uint8()), "value": [None, 1.0]})
    assert [field.nullable for field in laid_out(SPEC, rows).schema] == [False, False, True]
