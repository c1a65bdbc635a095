"""In which order rows lie in a segment, and that no answer depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.objectstore import ObjectStore
from longwatch.domain.series import TimeScale
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
        monkeypatch.setattr(layout, "GROUP_OF_KEY", 2)


def table(time: list[float], slot: list[int]) -> pa.Table:
    return pa.table({"time": time, "slot": pa.array(slot, pa.uint8())})


def test_many_rows_of_few_keys_lie_key_by_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "RUN", 2)
    monkeypatch.setattr(layout, "GROUP_OF_KEY", 2)
    found = laid_out(SPEC, table([1, 1, 2, 2, 3], [0, 1, 0, 1, 1]))
    assert found.table["time"].to_pylist() == [1, 2, 1, 2, 3]
    assert found.table["slot"].to_pylist() == [0, 0, 1, 1, 1]
    assert (found.order, found.cuts) == (["slot", "time"], [0, 2, 4, 5])


def test_few_rows_of_a_key_lie_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "RUN", 3)
    monkeypatch.setattr(layout, "GROUP", 3)
    found = laid_out(SPEC, table([1, 1, 2, 2, 3], [0, 1, 0, 1, 1]))
    assert found.table["slot"].to_pylist() == [0, 1, 0, 1, 1]
    assert (found.order, found.time, found.cuts) == (["time", "slot"], "time", [0, 3, 5])


def test_a_series_without_a_key_lies_by_time() -> None:
    rows = pa.table({"time": np.arange(50_000)})
    spec = spec_named("lab.keyless", TimeScale.TAI_US)
    keyless = type(spec)(name=spec.name, description="", columns=spec.columns[:1])
    assert laid_out(keyless, rows).cuts == [0, 20_000, 40_000, 50_000]
