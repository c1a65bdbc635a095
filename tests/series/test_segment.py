"""Segments are Parquet that others read too, also from stores that cannot be mapped."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declared_series
from longwatch.catalog.segments import segments_of
from longwatch.contracts.objectstore import ObjectStore
from longwatch.errors import Unavailable
from longwatch.objects.bucket import BucketStore
from longwatch.objects.folder import FolderStore
from longwatch.series import segment as pages_of
from longwatch.series.encoding import encode
from longwatch.series.layout import Layout
from longwatch.series.segment import Piece, SegmentFiles
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
    kept = file.metadata.row_group(0)
    assert [kept.column(i).compression for i in range(2)] == ["UNCOMPRESSED", "LZ4"]
    assert [one.column_index for one in kept.sorting_columns] == [0, 1]
    assert file.read()["_version"].to_pylist() == [number, number]


def test_a_bucket_is_read_range_by_range(catalog: Catalog, tmp_path: object) -> None:
    site = SeriesSite(catalog, BucketStore(f"memory://{tmp_path}"))
    site.bring(SPEC, ("a", "", columns_of(ROWS)))
    assert rows_of(site.room()[SPEC.name].fetch()) == ROWS
    assert site.fold(SPEC.name) == 0


def test_only_the_row_groups_of_a_span_are_read(site: SeriesSite) -> None:
    time = 1e6 + np.arange(50_000) * 10.0
    site.bring(SPEC, ("a", "", {"time": time, "slot": np.arange(50_000) % 256}))
    files = SegmentFiles(site.store)
    with site.catalog.read() as snapshot:
        (segment,) = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    low = 1e6 + np.array([0.0, 199_990.0, 480_000.0])
    assert files.groups(segment.oid, "time", low, low + 1) == [0, 2]
    assert files.groups(segment.oid, "time", low, low + 20) == [0, 1, 2]


def test_only_the_row_groups_of_a_key_are_read(site: SeriesSite) -> None:
    time = 1e6 + np.arange(60_000) * 10.0
    site.bring(SPEC, ("a", "", {"time": time, "slot": np.arange(60_000) % 2}))
    files = SegmentFiles(site.store)
    with site.catalog.read() as snapshot:
        (segment,) = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    low, high = np.array([0.0]), np.array([1e9])
    assert files.groups(segment.oid, "time", low, high) == [0, 1, 2, 3]
    assert files.groups(segment.oid, "time", low, high, {"slot": 1}) == [2, 3]
    assert files.groups(segment.oid, "time", low, np.array([1e6 + 10.0]), {"slot": 0}) == [0]
    assert files.groups(segment.oid, "time", low, high, {"slot": 9}) == []
    assert files.mixed(segment.oid, [2, 3], {"slot": 1}) == {}
    assert set(files.read(segment.oid, [2, 3], ["slot"])["slot"].to_pylist()) == {1}


def test_a_long_answer_leaves_remembered_pages_alone(site: SeriesSite, monkeypatch: pytest.MonkeyPatch) -> None:
    time = 1e6 + np.arange(100_000) * 10.0
    site.bring(SPEC, ("a", "", {"time": time, "slot": np.zeros(100_000, "u1"), "value": np.arange(100_000) % 7.0}))
    with site.catalog.read() as snapshot:
        (segment,) = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    monkeypatch.setattr(pages_of, "_MEMORY", 2 * 160_000)
    monkeypatch.setattr(pages_of, "_SHARE", 160_000)
    files = SegmentFiles(site.store)

    def first_page() -> np.ndarray:
        pages = files.lying(segment.oid, 0, (("value", pa.float64()),)).pages
        ((_, found),) = files.values(segment.oid, pages)
        assert found is not None
        return found.numbers

    before = first_page()
    assert len(files.read_all(segment.oid, ["value"])) == 100_000
    assert np.shares_memory(before, first_page())


def test_row_groups_of_several_keys_are_said_to_be_mixed(site: SeriesSite) -> None:
    site.bring(SPEC, ("a", "", columns_of(ROWS)))
    files = SegmentFiles(site.store)
    with site.catalog.read() as snapshot:
        first, second = segments_of(snapshot, declared_series(snapshot)[SPEC.name].id)
    span = np.array([0.0]), np.array([1e9])
    assert files.groups(first.oid, "time", *span, {"slot": 7}) == [0]
    assert files.mixed(first.oid, [0], {"slot": 1}) == {"slot": 1}
    assert files.groups(second.oid, "time", *span, {"slot": 7}) == []


def test_what_is_no_parquet_is_said_to_be_damaged(store: ObjectStore) -> None:
    oid = store.put(b"no parquet")
    with pytest.raises(Unavailable, match="longwatch verify"):
        SegmentFiles(store).read_all(oid, ["time"])


def test_words_too_long_for_a_footer_are_found_and_hide_no_others(site: SeriesSite) -> None:
    room = site.room()
    series = room.create("lab.words", {"label": "", "value": ""}, key=("label",))
    word = "é" * 3000
    series.append({"time": np.tile(np.arange(3), 2), "label": [word] * 3 + ["b"] * 3, "value": np.arange(6.0)})
    series = room["lab.words"]
    assert series.fetch("value", where={"label": word})["value"].tolist() == [0.0, 1.0, 2.0]
    assert series.fetch("value", where={"label": "b"})["value"].tolist() == [3.0, 4.0, 5.0]


@pytest.mark.parametrize("place", [-20, 4])
def test_a_damaged_segment_is_named(catalog: Catalog, tmp_path: Path, place: int) -> None:
    store = FolderStore(tmp_path)
    site = SeriesSite(catalog, store)
    site.bring(SPEC, ("a", "", columns_of(ROWS[:2])))
    (path,) = (path for path in (tmp_path / "objects").rglob("*") if path.is_file())
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(place, io.SEEK_END if place < 0 else io.SEEK_SET)
        file.write(b"\xff" * 12)
    with pytest.raises(Unavailable, match="longwatch verify"):
        site.room()[SPEC.name].fetch()


GROUPS = 4
PER_GROUP = 30


@st.composite
def segments(draw: st.DrawFn) -> pa.Table:
    """Rows in four groups, each with its own pattern of missing elements, in lists and without."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    n = GROUPS * PER_GROUP
    share = np.array(draw(st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=GROUPS, max_size=GROUPS)))
    missing = rng.random((n, 3)) < np.repeat(share, PER_GROUP)[:, None]
    flat = pa.array(rng.standard_normal(3 * n), mask=missing.ravel())
    words = pa.array(rng.choice(["ON", "OFF"], n), mask=missing[:, 0])
    return pa.table(
        {
            "time": np.sort(rng.integers(0, 1000, n)),
            "list": pa.FixedSizeListArray.from_arrays(flat, 3),
            "number": pa.array(rng.integers(0, 3, n).astype("i2"), mask=missing[:, 1]),
            "word": words.dictionary_encode(),
        }
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=segments(), data=st.data())
def test_rows_are_the_same_however_many_are_decoded(table: pa.Table, data: st.DataObject, tmp_path: Path) -> None:
    layout = Layout(schema=table.schema, order=["time"], time="time", pieces=[table], group=PER_GROUP)
    content = bytes(encode(layout))
    stores = FolderStore(tmp_path / "folder"), BucketStore(f"memory://{tmp_path}")
    first = data.draw(st.integers(0, GROUPS - 1))
    groups = list(range(first, data.draw(st.integers(first + 1, GROUPS))))
    begin = data.draw(st.integers(0, len(groups) * PER_GROUP))
    end = data.draw(st.integers(begin, len(groups) * PER_GROUP))
    low, high = data.draw(st.tuples(st.integers(-5, 1005), st.integers(-5, 1005)).map(sorted))
    times = table["time"].to_numpy()
    for store in stores:
        files = SegmentFiles(store)
        oid = store.put(content)
        rows = files.rows(Piece(oid, groups, begin, end), ["list", "gone", "word", "number"])
        assert rows.column_names == ["list", "word", "number"]
        sought = table.slice(first * PER_GROUP + begin, end - begin)
        assert [rows[name].to_pylist() for name in rows.column_names] == [
            sought[name].to_pylist() for name in rows.column_names
        ]
        piece = files.piece(oid, "time", low, high)
        assert piece is not None
        inside = files.rows(piece, ["time"])["time"].to_pylist()
        assert inside == times[(times >= low) & (times < high)].tolist()
        assert not inside or (piece.first, piece.last) == (inside[0], inside[-1])
