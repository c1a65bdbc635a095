"""Segments are Parquet that others read too, also from stores that cannot be mapped."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declared_series
from longwatch.catalog.segments import segments_of
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import Unavailable
from longwatch.objects.bucket import BucketStore
from longwatch.series.segment import SegmentFiles
from longwatch.testing.series import columns_of, rows_of, spec_named
from longwatch.testing.series_site import SeriesSite

SPEC = spec_named("lab.parquet")
ROWS = [(0, 0, 1.0, "ON"), (0, 1, 2.0, "OFF"), (1, 0, 3.0, "ON")]


def test_a_segment_is_plain_parquet(site: SeriesSite) -> None:
    (number,) = site.bring(SPEC, ("a", "", columns_of(ROWS)))
    with site.catalog.read() as snapshot:
        found = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    (first, _) = found
    assert (first.month, first.n_rows, first.plain) == (199712, 2, True)
    data = site.store.get(first.oid)
    assert len(data) == first.size
    file = pq.ParquetFile(io.BytesIO(data))
    assert file.schema_arrow.names == ["time", "slot", "value", "state", "_version"]
    assert file.metadata.row_group(0).column(0).compression == "LZ4"
    assert file.read()["_version"].to_pylist() == [number, number]


def test_a_bucket_is_read_range_by_range(catalog: Catalog, tmp_path: object) -> None:
    site = SeriesSite(catalog, BucketStore(f"memory://{tmp_path}"))
    site.bring(SPEC, ("a", "", columns_of(ROWS)))
    assert rows_of(site.room()[SPEC.name].fetch()) == ROWS
    assert site.fold(SPEC.name) == 0


def test_only_the_row_groups_of_a_span_are_read(site: SeriesSite) -> None:
    time = 1e6 + np.arange(50_000) * 10.0
    site.bring(SPEC, ("a", "", {"time": time, "slot": np.zeros(50_000, dtype="u1")}))
    files = SegmentFiles(site.store)
    with site.catalog.read() as snapshot:
        (segment,) = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    low = 1e6 + np.array([0.0, 199_990.0, 480_000.0])
    assert files.groups(segment.oid, "time", low, low + 1) == [0, 2]
    assert files.groups(segment.oid, "time", low, low + 20) == [0, 1, 2]


def test_what_is_no_parquet_is_said_to_be_damaged(store: ObjectStore) -> None:
    oid = store.put(b"no parquet")
    with pytest.raises(Unavailable, match="longwatch verify"):
        SegmentFiles(store).read_all(oid, "time", ["time"])
