"""Numbers taken from where they lie are those that pyarrow decodes; what lies otherwise is left to it."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longwatch.series.pages import Packed, Page, PlainColumn, Stretch, copied

KINDS = [pa.float64(), pa.float32(), pa.int64(), pa.int32(), pa.int16(), pa.uint32(), pa.uint16(), pa.uint8()]
N = 240


def file_of(column: pa.Array, *, group: int = N, **how: Any) -> tuple[memoryview, pq.FileMetaData]:
    """Write a column as Parquet, plain unless told otherwise."""
    out = io.BytesIO()
    given = {"use_dictionary": False, "compression": "lz4", "row_group_size": group} | how
    field = pa.field("value", column.type, nullable=column.null_count > 0)
    pq.write_table(pa.table([column], schema=pa.schema([field])), out, **given)
    return memoryview(out.getvalue()), pq.read_metadata(out)


def taken(view: memoryview, metadata: pq.FileMetaData, kind: pa.DataType, rows: slice) -> pa.Array | None:
    """Take rows from where they lie."""
    column = PlainColumn.of(metadata, 0, kind)
    if column is None:
        return None
    pages = [page for i in range(metadata.num_row_groups) if (page := column.page(view, i)) is not None]
    if len(pages) < metadata.num_row_groups:
        return None
    return copied(kind, [Stretch(partial(column.values, view), column.width, pages, rows.start, rows.stop)])


def numbers(kind: pa.DataType, n: int, rng: np.random.Generator, *, constant: bool) -> np.ndarray:
    """Give numbers of a kind, the outermost among them."""
    dtype = np.dtype(kind.to_pandas_dtype())
    if dtype.kind == "f":
        return rng.choice(np.array([0.0, -0.0, 1.5, np.nan, np.inf, np.finfo(dtype).max], dtype), n)
    ends = [np.iinfo(dtype).max] if constant else [np.iinfo(dtype).min, 0, 1, 7, np.iinfo(dtype).max]
    return rng.choice(np.array(ends, dtype), n)


MISSING = st.sampled_from(["none", "all", "few", "many", "run", "half"])


def mask_of(missing: str, n: int, rng: np.random.Generator) -> np.ndarray | None:
    """Give which elements are missing."""
    match missing:
        case "none":
            return None
        case "all":
            return np.ones(n, bool)
        case "run":
            return (np.arange(n) > n // 5) & (np.arange(n) < n // 2)
        case "half":
            return np.arange(n) < n // 2
        case _:
            return rng.random(n) < {"few": 0.02, "many": 0.6}[missing]


def same(a: pa.Array, b: pa.Array) -> bool:
    """Tell whether two arrays are equal to the last bit; what is missing is the same as well."""
    if pa.types.is_fixed_size_list(a.type):
        return a.type == b.type and len(a) == len(b) and same(a.flatten(), b.flatten())
    there = ~np.asarray(a.is_null())
    bits = [np.asarray(x.fill_null(0)).tobytes() for x in (a, b)]
    return a.type == b.type and bits[0] == bits[1] and np.array_equal(there, ~np.asarray(b.is_null()))


@given(
    kind=st.sampled_from(KINDS),
    missing=MISSING,
    seed=st.integers(0, 99),
    group=st.sampled_from([7, 100, N]),
    codec=st.sampled_from(["none", "lz4", "zstd", "snappy"]),
    ends=st.tuples(st.integers(0, N), st.integers(0, N)),
    constant=st.booleans(),
)
def test_plain_numbers_are_taken_to_the_last_bit(
    kind: pa.DataType, missing: str, seed: int, group: int, codec: str, ends: tuple[int, int], constant: bool
) -> None:
    rng = np.random.default_rng(seed)
    values = numbers(kind, N, rng, constant=constant)
    column = pa.array(values, kind, mask=mask_of(missing, N, rng))
    view, metadata = file_of(column, group=group, compression=codec)
    rows = slice(min(ends), max(ends))
    found = taken(view, metadata, kind, rows)
    assert found is not None
    assert same(found, column[rows])


@given(
    kind=st.sampled_from(KINDS),
    width=st.integers(1, 5),
    missing=MISSING,
    seed=st.integers(0, 99),
    group=st.sampled_from([7, N]),
    ends=st.tuples(st.integers(0, N), st.integers(0, N)),
)
def test_lists_are_taken_to_the_last_bit(
    kind: pa.DataType, width: int, missing: str, seed: int, group: int, ends: tuple[int, int]
) -> None:
    rng = np.random.default_rng(seed)
    flat = pa.array(numbers(kind, N * width, rng, constant=False), kind, mask=mask_of(missing, N * width, rng))
    column = pa.FixedSizeListArray.from_arrays(flat, width)
    view, metadata = file_of(column, group=group)
    rows = slice(min(ends), max(ends))
    found = taken(view, metadata, column.type, rows)
    assert found is not None
    assert same(found, column[rows])


@given(
    sizes=st.lists(st.tuples(st.sampled_from([0, 1, 4, 6, 8]), st.integers(1, 90)), min_size=1, max_size=6),
    odd=st.integers(0, 3),
    ends=st.tuples(st.integers(0, N), st.integers(0, N)),
)
def test_images_of_changing_size_are_taken_to_the_last_bit(
    sizes: list[tuple[int, int]], odd: int, ends: tuple[int, int]
) -> None:
    rng = np.random.default_rng(odd)
    missing = np.concatenate([np.ones((n, 8, 8), bool) for _, n in sizes])
    begin = 0
    for size, n in sizes:
        missing[begin : begin + n, :size, :size] = False
        begin += n
    missing[rng.integers(0, begin, odd), 0, 0] ^= True
    flat = pa.array(rng.normal(size=begin * 64).astype("f4"), mask=missing.ravel())
    column = pa.FixedSizeListArray.from_arrays(flat, 64)
    view, metadata = file_of(column, group=begin)
    rows = slice(min(*ends, begin), min(max(ends), begin))
    found = taken(view, metadata, column.type, rows)
    assert found is not None
    assert same(found, column[rows])


@given(
    sizes=st.lists(st.tuples(st.sampled_from([0, 1, 4, 6, 8]), st.integers(1, 90)), min_size=1, max_size=6),
    codec=st.sampled_from(["none", "lz4"]),
    data=st.data(),
)
def test_rows_of_one_size_say_once_what_they_lack(
    sizes: list[tuple[int, int]], codec: str, data: st.DataObject
) -> None:
    missing = np.concatenate([np.broadcast_to(np.arange(64) % 8 >= size, (n, 64)) for size, n in sizes])
    values = np.random.default_rng(0).normal(size=missing.shape).astype("f4")
    flat = pa.array(values.ravel(), mask=missing.ravel())
    view, metadata = file_of(pa.FixedSizeListArray.from_arrays(flat, 64), group=len(missing), compression=codec)
    column = PlainColumn.of(metadata, 0, pa.list_(pa.float32(), 64))
    assert column is not None
    page = column.page(view, 0)
    assert page is not None
    found = page.known or column.packed(page.content(view), page)
    if not isinstance(found, Packed):
        assert found is not None
        assert missing.all() or not missing.any()
        return
    row = data.draw(st.integers(0, len(missing) - 1))
    end = data.draw(st.integers(row + 1, found.presence.of_row(row).to_row))
    numbers, lacking = found.rows(found.presence.of_row(row), row, end)
    assert np.array_equal(np.where(missing[row:end], 0, values[row:end]), numbers)
    assert np.array_equal(missing[row:end], np.zeros((end - row, 64), bool) if lacking is None else lacking)
    assert lacking is None or not lacking.strides[0]
    assert np.array_equal(found.values.numbers.reshape(-1, 64)[row:end], numbers)
    assert found.values.size == 5 * missing.size
    assert len(page.content(view)) <= found.size <= 5 * missing.size


def test_levels_that_take_long_are_left_to_the_decoder() -> None:
    rng = np.random.default_rng(0)
    missing = np.repeat(rng.random(12_000) < 0.5, rng.integers(9, 40, 12_000))
    column = pa.array(np.arange(len(missing)), mask=missing)
    view, metadata = file_of(column, group=len(missing))
    assert taken(view, metadata, column.type, slice(0, 9)) is None


@given(
    how=st.sampled_from(
        [
            {"data_page_size": 64, "write_batch_size": 8},
            {"max_rows_per_page": 50, "write_batch_size": 10},
            {"max_rows_per_page": 239, "write_batch_size": 239},
            {"use_dictionary": True},
            {"data_page_version": "2.0"},
            {"column_encoding": {"value": "BYTE_STREAM_SPLIT"}},
            {"compression": "gzip"},
            {"write_statistics": False},
        ]
    ),
    codec=st.sampled_from(["none", "lz4"]),
    missing=MISSING,
    seed=st.integers(0, 9),
)
def test_what_lies_otherwise_is_left_to_the_decoder_or_right(
    how: dict[str, Any], codec: str, missing: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    column = pa.array(rng.standard_normal(N), mask=mask_of(missing, N, rng))
    view, metadata = file_of(column, **({"compression": codec} | how))
    found = taken(view, metadata, column.type, slice(3, 200))
    assert found is None or same(found, column[3:200])
    assert found is None or missing == "all" or not how.keys() & {"data_page_size", "use_dictionary", "column_encoding"}


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.bool_(), pa.dictionary(pa.int32(), pa.string()), pa.list_(pa.int32())]
)
def test_words_flags_and_lists_of_any_length_need_a_decoder(kind: pa.DataType) -> None:
    column = pa.array([None, None], kind)
    view, metadata = file_of(column)
    assert taken(view, metadata, kind, slice(0, 2)) is None


@given(
    place=st.integers(0, 90),
    byte=st.integers(0, 255),
    codec=st.sampled_from(["none", "lz4"]),
    few=st.booleans(),
    width=st.sampled_from([1, 2, 8]),
)
def test_a_damaged_page_is_never_more_than_wrong_numbers(
    place: int, byte: int, codec: str, few: bool, width: int
) -> None:
    rng = np.random.default_rng(1)
    flat = pa.array(rng.integers(0, 5, N * width), mask=mask_of("few" if few else "none", N * width, rng))
    column = flat if width == 1 else pa.FixedSizeListArray.from_arrays(flat, width)
    view, metadata = file_of(column, compression=codec)
    data = bytearray(view)
    data[4 + place] = byte
    found = taken(memoryview(data), metadata, column.type, slice(0, N))
    assert found is None or len(found) == N


def test_a_page_says_what_it_holds() -> None:
    view, metadata = file_of(pa.array(np.full(N, 7)), compression="none")
    column = PlainColumn.of(metadata, 0, pa.int64())
    assert column is not None
    page = column.page(view, 0)
    assert page is not None
    assert (page.size, page.elements, page.missing) == (8 * N, N, 0)
    assert page.known is not None
    assert page.known.numbers.tolist() == [7] * N
    assert np.array_equal(np.frombuffer(page.content(view), np.int64), np.full(N, 7))
    assert Page(page.from_byte, page.to_byte, "zstd", page.size, N, 0, True, None).content(view) == b""
