"""How rows become a segment: a Parquet file that others read too, laid out so that numbers can be taken from it.

Owns what is compressed and how, and the size of pages. Must not know how segments are read.
"""

from __future__ import annotations

import io
from itertools import chain

import pyarrow as pa
import pyarrow.parquet as pq

from longwatch.series.layout import Layout
from longwatch.series.pages import is_number

_PAGE = 1 << 30
"""Bytes of a page, at most: a column of a row group is one page, so that it can be taken from where it lies."""

_WORTH = 0.5
"""To which part of their size numbers must shrink to be worth compressing."""

_WORTH_OF_ARRAYS = 0.25
"""The same of numbers in arrays: for one row of them a whole page, which is large, must be decompressed."""

_STORED = 4
"""Bytes in which Parquet stores a number, at least: shorter ones always gain by compression."""

_JUDGED = 2_000
"""Numbers that must be there to judge by."""


def encode(layout: Layout) -> memoryview:
    """Give rows as a Parquet file.

    Times stand uncompressed, for nothing of them repeats; so do numbers that compression would shrink by less than
    half, as the noise of a converter: they are read three times as fast. Arrays must shrink to a quarter.
    """
    fields = list(layout.schema)
    pieces = iter(layout.pieces)
    first = next(pieces).cast(layout.schema)
    out = io.BytesIO()
    with pq.ParquetWriter(
        out,
        layout.schema,
        compression={_leaf(field): _codec(layout, field, first[field.name]) for field in fields},
        use_dictionary=[field.name for field in fields if pa.types.is_dictionary(field.type)],
        max_rows_per_page=layout.group,
        data_page_size=_PAGE,
        sorting_columns=pq.SortingColumn.from_ordering(layout.schema, [(name, "ascending") for name in layout.order]),
    ) as writer:
        for piece in chain([first], pieces):
            writer.write_table(piece.cast(layout.schema), row_group_size=layout.group)
    return out.getbuffer()


def _codec(layout: Layout, field: pa.Field, values: pa.ChunkedArray) -> str:
    """Give how a column is best compressed, judged by its first rows."""
    if field.name == layout.time:
        return "none"
    sample, worth = values.slice(0, layout.group).combine_chunks(), _WORTH
    if pa.types.is_fixed_size_list(sample.type):
        sample, worth = sample.flatten().drop_null(), _WORTH_OF_ARRAYS
    if len(sample) < _JUDGED or sample.null_count or not is_number(sample.type) or sample.type.byte_width < _STORED:
        return "lz4"
    raw = sample.buffers()[1][sample.offset * sample.type.byte_width :][: len(sample) * sample.type.byte_width]
    return "lz4" if len(pa.compress(raw, codec="lz4_raw", asbytes=True)) < worth * len(raw) else "none"


def _leaf(field: pa.Field) -> str:
    """Give the path of a column's values, as Parquet names it."""
    return f"{field.name}.list.element" if pa.types.is_nested(field.type) else field.name
