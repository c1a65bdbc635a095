"""Columns of values: numpy arrays with masks into Arrow arrays, and back.

Owns the storage type of a column and both conversions. Must not know times, versions or segments.

Missing elements are nulls; NaN stays NaN. An array column is a fixed-size list in C order, a ragged one a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from longwatch.domain.column import Column
from longwatch.errors import BadQuery
from longwatch.series.memory import concatenated, flags
from longwatch.series.order import Array

_ARROW = {
    "f8": pa.float64(),
    "f4": pa.float32(),
    "i8": pa.int64(),
    "i4": pa.int32(),
    "i2": pa.int16(),
    "u4": pa.uint32(),
    "u2": pa.uint16(),
    "u1": pa.uint8(),
    "bool": pa.bool_(),
    "str": pa.dictionary(pa.int32(), pa.string()),
}
_TAKES = {"f": "iuf", "i": "iu", "u": "iu", "b": "b", "s": "USO"}
_STANDS_FOR_MISSING: dict[str, float | str] = {"f": 0.0, "i": 0, "u": 0, "b": False, "s": ""}


def arrow_type(column: Column) -> pa.DataType:
    """Give the storage type of a column."""
    element = _ARROW[column.dtype]
    if column.ragged:
        return pa.list_(pa.string() if column.dtype == "str" else element)
    if column.shape:
        return pa.list_(pa.string() if column.dtype == "str" else element, int(np.prod(column.shape)))
    return element


def to_arrow(column: Column, given: NDArray[np.generic], *, of: str) -> pa.Array:
    """Give the values of a column as they are stored.

    Parameters
    ----------
    column
        The declaration.
    given
        (n_row, *shape), a masked array where elements are missing; (n_row,) arrays in a ragged column.
    of
        The series, for messages.

    Returns
    -------
    pyarrow.Array
        (n_row,) of `arrow_type(column)`.

    Raises
    ------
    BadQuery
        Raised if shape, type or range contradict the declaration.
    """
    where = f"Column {column.name!r} of series {of!r}"
    if column.ragged:
        return _ragged_to_arrow(column, given, where)
    if given.shape[1:] != column.shape:
        raise BadQuery(f"{where} holds {column.shape or 'one value'} a row, but was given {given.shape[1:]}.")
    if column.dtype == "str" and not column.shape:
        return _encoded(_words(given, where), where)
    flat = _elements(column, given, where)
    if not column.shape:
        return flat
    return pa.FixedSizeListArray.from_arrays(flat, int(np.prod(column.shape)))


def all_missing(column: Column, n_rows: int) -> pa.Array:
    """Give a column of which nothing was said."""
    if column.ragged or not column.shape:
        return pa.nulls(n_rows, arrow_type(column))
    kind = arrow_type(column)
    return pa.FixedSizeListArray.from_arrays(pa.nulls(n_rows * kind.list_size, kind.value_type), kind.list_size)


def from_arrow(column: Column, stored: pa.ChunkedArray) -> NDArray[np.generic]:
    """Give stored values back.

    Parameters
    ----------
    column
        The declaration.
    stored
        (n_row,) of `arrow_type(column)`.

    Returns
    -------
    ndarray
        (n_row, *shape), native; a masked array only where elements are missing; objects in a ragged column.
    """
    if column.ragged:
        return _ragged_from_arrow(column, stored)
    if column.shape:
        flat = pa.chunked_array([_list_values(chunk) for chunk in stored.chunks], type=stored.type.value_type)
        return _plain(column, flat).reshape(len(stored), *column.shape)
    return _plain(column, stored)


def codes(stored: pa.ChunkedArray) -> Array:
    """Give a column without missing elements as numbers in the same order: strings become their rank."""
    if not pa.types.is_dictionary(stored.type):
        return as_numpy(stored.cast(pa.int8()) if pa.types.is_boolean(stored.type) else stored)
    chunk = stored.unify_dictionaries().combine_chunks()
    if len(chunk) == 0:
        return np.empty(0, dtype=np.int64)
    words = np.array(chunk.dictionary.to_pylist(), dtype=np.str_)
    rank = np.empty(len(words), dtype=np.int64)
    rank[np.argsort(words)] = np.arange(len(words))
    return np.asarray(rank[as_numpy(pa.chunked_array([chunk.indices]))])


def words_and_codes(column: Column, stored: pa.ChunkedArray) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Give a column of words or flags as its distinct words, and for each row which one it has; -1 where missing."""
    if column.dtype == "bool":
        codes_of_flags = pc.fill_null(stored.cast(pa.int8()), -1)
        return np.array(["False", "True"]), np.asarray(codes_of_flags.to_numpy(), dtype=np.int64)
    whole = stored if pa.types.is_dictionary(stored.type) else stored.dictionary_encode()
    chunk = whole.unify_dictionaries().combine_chunks()
    if len(chunk) == 0:
        return np.empty(0, "U1"), np.empty(0, np.int64)
    words = np.array(chunk.dictionary.to_pylist(), dtype=np.str_)
    order = np.argsort(words)
    rank = np.empty(len(words) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(words)), -1
    return words[order], rank[pc.fill_null(chunk.indices, len(words)).to_numpy(zero_copy_only=False)]


def _kind(column: Column) -> str:
    return column.dtype[0]


def _elements(column: Column, given: NDArray[np.generic], where: str) -> pa.Array:
    """Give all elements in C order."""
    if column.dtype == "str":
        return _strings(_words(given, where), where)
    values, mask = np.ma.getdata(given).ravel(), np.ma.getmask(given)
    if values.dtype.kind not in _TAKES[_kind(column)] and len(values):
        raise BadQuery(f"{where} is declared {column.dtype}, but was given {values.dtype}. Convert it first.")
    missing = mask.ravel() if mask is not np.ma.nomask and mask.any() else None
    if missing is not None:
        values = np.where(missing, np.array(_STANDS_FOR_MISSING[_kind(column)], values.dtype), values)
    return _numbers(_cast(values, column, where), missing, _ARROW[column.dtype])


def as_arrow(values: NDArray[np.generic]) -> pa.Array:
    """Give numbers or flags as Arrow has them, none missing; without importing pandas, as `pa.array` would."""
    return _numbers(np.ascontiguousarray(values), None, pa.from_numpy_dtype(values.dtype))


def as_numpy(stored: pa.ChunkedArray) -> NDArray[Any]:
    """Give numbers, none missing, where they lie if they are one chunk; without importing pandas, as Arrow would."""
    chunks = stored.chunks
    kind = np.dtype(stored.type.to_pandas_dtype())
    parts = [
        np.frombuffer(chunk.buffers()[1], kind)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in chunks
        if len(chunk)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, kind), *parts])


def _numbers(values: NDArray[np.generic], missing: NDArray[np.bool_] | None, kind: pa.DataType) -> pa.Array:
    """Give numbers without a copy; `pa.array` would first import pandas to ask whether it was given a Series."""
    bits = [
        None if missing is None else _bits(~missing),
        _bits(values) if values.dtype == bool else pa.py_buffer(values),
    ]
    return pa.Array.from_buffers(kind, len(values), bits)


def _bits(flags: NDArray[np.generic]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(flags.astype(bool), bitorder="little"))


def _cast(values: NDArray[np.generic], column: Column, where: str) -> NDArray[np.generic]:
    target = np.dtype(column.dtype)
    if values.dtype == target:
        return np.ascontiguousarray(values)
    if target.kind in "iu" and len(values) and not np.can_cast(values.dtype, target):
        limits = np.iinfo(target)
        low, high = values.min(), values.max()
        if low < limits.min or high > limits.max:
            raise BadQuery(f"{where} is declared {column.dtype}, which cannot hold {low} to {high}. Declare more bits.")
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=target)


def _words(given: NDArray[np.generic], where: str) -> list[str | None]:
    """Give words in C order, None where one is missing."""
    values, mask = np.ma.getdata(given).ravel(), np.ma.getmask(given)
    if values.dtype.kind not in _TAKES["s"] and len(values):
        raise BadQuery(f"{where} is declared str, but was given {values.dtype}. Convert it first.")
    if values.dtype.kind == "S":
        values = np.char.decode(values.astype(np.bytes_), "utf-8", "replace")
    words: list[str | None] = values.tolist()
    if mask is not np.ma.nomask and mask.any():
        words = [None if gone else word for word, gone in zip(words, mask.ravel().tolist(), strict=True)]
    return words


def _strings(words: Sequence[str | None], where: str) -> pa.Array:
    try:
        return strings(words)
    except (AttributeError, UnicodeError) as error:
        raise BadQuery(f"{where} holds words, but was given something else: {error}.") from error


def _encoded(words: Sequence[str | None], where: str) -> pa.Array:
    """Give words as their places in a list of the distinct ones."""
    try:
        distinct = [word for word in dict.fromkeys(words) if word is not None]
        place: dict[str | None, int] = {word: number for number, word in enumerate(distinct)} | {None: -1}
        places = np.fromiter(map(place.__getitem__, words), np.int32, len(words))
    except TypeError as error:
        raise BadQuery(f"{where} holds words, but was given something else: {error}.") from error
    missing = places < 0
    lacking = missing if missing.any() else None
    return pa.DictionaryArray.from_arrays(_numbers(places, lacking, pa.int32()), _strings(distinct, where))


def strings(words: Sequence[str | None]) -> pa.Array:
    """Give words as Arrow has them; without importing pandas, as `pa.array` would."""
    parts = [b"" if word is None else word.encode() for word in words]
    offsets = np.zeros(len(parts) + 1, np.int32)
    np.cumsum([len(part) for part in parts], out=offsets[1:])
    missing = np.array([word is None for word in words], dtype=bool)
    bits = _bits(~missing) if missing.any() else None
    return pa.Array.from_buffers(pa.string(), len(parts), [bits, pa.py_buffer(offsets), pa.py_buffer(b"".join(parts))])


def _ragged_to_arrow(column: Column, given: NDArray[np.generic], where: str) -> pa.Array:
    rows = list(given)
    missing = [row is None or row is np.ma.masked for row in rows]
    parts = [np.ma.asanyarray([] if gone else row).ravel() for row, gone in zip(rows, missing, strict=True)]
    ends = np.cumsum([0, *(len(part) for part in parts)])
    masks = [np.ma.getmaskarray(part) for part in parts]
    flat = np.concatenate([part.data for part in parts if len(part)]) if ends[-1] else np.empty(0, _numpy_dtype(column))
    elements = _elements(column, np.ma.MaskedArray(flat, np.concatenate([*masks, []]).astype(bool)), where)
    offsets = _numbers(ends.astype(np.int32), np.array([*missing, False]), pa.int32())
    return pa.ListArray.from_arrays(offsets, elements)


def _numpy_dtype(column: Column) -> np.dtype[np.generic]:
    return np.dtype("U1" if column.dtype == "str" else column.dtype)


def _list_values(chunk: pa.Array) -> pa.Array:
    size = chunk.type.list_size
    return chunk.values.slice(chunk.offset * size, len(chunk) * size)


def _plain(column: Column, stored: pa.ChunkedArray) -> NDArray[np.generic]:
    values = _words_back(stored) if column.dtype == "str" else _numbers_back(column, stored)
    if not stored.null_count:
        return values
    parts = [_missing(chunk) for chunk in stored.chunks]
    missing = parts[0] if len(parts) == 1 else np.concatenate(parts)
    np.copyto(values, _STANDS_FOR_MISSING[_kind(column)], where=missing)
    return np.ma.MaskedArray(values, missing)


def _numbers_back(column: Column, stored: pa.ChunkedArray) -> NDArray[np.generic]:
    """Give numbers as one writable array: as they lie, if they are one chunk and most of its memory, or copied."""
    chunks = [chunk for chunk in stored.chunks if len(chunk)]
    parts = [_raw(column, chunk) for chunk in chunks]
    if len(parts) == 1 and parts[0].flags.writeable and 2 * parts[0].nbytes > chunks[0].buffers()[1].size:
        return parts[0]
    return concatenated([np.empty(0, column.dtype), *parts])


def _raw(column: Column, chunk: pa.Array) -> NDArray[np.generic]:
    """Give the numbers of a chunk as they lie there; where one is missing, anything may lie."""
    if column.dtype == "bool":
        return np.asarray(pc.fill_null(chunk, False).to_numpy(zero_copy_only=False))
    numbers = np.frombuffer(chunk.buffers()[1], column.dtype)
    return numbers[chunk.offset : chunk.offset + len(chunk)]


def _missing(chunk: pa.Array) -> NDArray[np.bool_]:
    """Give which elements of a chunk are missing; Arrow's own way needs ten times as long."""
    bits = chunk.buffers()[0]
    if bits is None:
        return np.zeros(len(chunk), dtype=bool)
    first = chunk.offset // 8
    used = np.frombuffer(bits, np.uint8)[first : -(-(chunk.offset + len(chunk)) // 8)]
    bits_there = np.unpackbits(used, bitorder="little")[chunk.offset - 8 * first :][: len(chunk)]
    return np.equal(bits_there, 0, out=flags(len(chunk)))


def _words_back(stored: pa.ChunkedArray) -> NDArray[np.generic]:
    parts = [_chunk_words(chunk) for chunk in stored.chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0, dtype="U1")


def _chunk_words(chunk: pa.Array) -> NDArray[np.generic]:
    if not pa.types.is_dictionary(chunk.type):
        chunk = chunk.dictionary_encode()
    words = np.array(["", *chunk.dictionary.to_pylist()])
    return np.asarray(words[pc.fill_null(pc.add(chunk.indices, 1), 0).to_numpy(zero_copy_only=False)])


def _ragged_from_arrow(column: Column, stored: pa.ChunkedArray) -> NDArray[np.generic]:
    element = Column(name=column.name, unit="", description="", dtype=column.dtype)
    rows = np.empty(len(stored), dtype=object)
    for number, row in enumerate(row for chunk in stored.chunks for row in chunk):
        rows[number] = _plain(element, pa.chunked_array([row.values])) if row.is_valid else None
    mask = stored.is_null().to_numpy() if stored.null_count else None
    return rows if mask is None else np.ma.MaskedArray(rows, mask)
