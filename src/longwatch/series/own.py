"""One's own rows, given without a plug-in: as people have them, turned into rows of a declared series.

Owns the accepted forms of columns and times. Must not know how rows are stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from astropy import units
from astropy.time import Time
from numpy.typing import NDArray

from longwatch.contracts.reading import Columns, Reading, Rows
from longwatch.contracts.writer import Writer
from longwatch.domain.column import Column, Dtype
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec, TimeScale
from longwatch.domain.times import to_time, us_from_time
from longwatch.domain.utc import DAY_US, Ints, us_from_utc
from longwatch.errors import BadQuery, Refused
from longwatch.series.rows import to_table
from longwatch.series.scale import UNIT, ZERO_POINT

USER = "user"
"""Instrument and kind of what is made by hand."""

_SETTLES: Mapping[str, Dtype] = {"U": "str", "S": "str", "O": "str", "b": "bool"}


def declared(
    name: str, columns: Mapping[str, str | Column], *, time: str, description: str, key: Sequence[str]
) -> SeriesSpec:
    """Give the declaration of a series made by hand; see `SeriesRoom.create`."""
    spec = SeriesSpec(
        name=name,
        description=description,
        columns=(
            *([] if time in columns else [_time_column(time)]),
            *(_column(given, unit) for given, unit in columns.items()),
        ),
        time=time,
        key=tuple(key),
    )
    clock = next(column for column in spec.columns if column.name == time)
    if clock.dtype != "i8":
        raise BadQuery(
            f"Series {name!r} keeps its times itself; leave {time!r} out of `columns`, or name another `time`."
        )
    return spec


def kept_types(spec: SeriesSpec, known: SeriesSpec) -> SeriesSpec:
    """Give a declaration with the types that the first rows settled in an earlier one of the same columns."""
    before = {column.name: column for column in known.columns}
    same = [
        replace(column, dtype=before[column.name].dtype) if column.name in before else column for column in spec.columns
    ]
    return replace(spec, columns=tuple(same))


def settled(spec: SeriesSpec, columns: Columns) -> SeriesSpec:
    """Give the declaration that fits the first rows: what was declared by a unit alone may be words or flags."""
    return replace(spec, columns=tuple(_settled(column, columns.get(column.name)) for column in spec.columns))


def _settled(column: Column, values: NDArray[np.generic] | None) -> Column:
    plain = column.dtype == "f8" and not column.ragged and not column.shape
    if values is None or not plain or values.dtype.kind not in _SETTLES:
        return column
    return replace(column, dtype=_SETTLES[values.dtype.kind])


def arrays(spec: SeriesSpec, data: Mapping[str, object]) -> Columns:
    """Give columns in any accepted form as arrays in the declared units.

    Parameters
    ----------
    spec
        The series.
    data
        Columns by name: lists, arrays, Quantities, columns of a Table; times in any accepted form.

    Returns
    -------
    Columns
        Masked where the given ones are.

    Raises
    ------
    BadQuery
        Raised if there is no time column, a time cannot be read or a unit cannot be converted.
    """
    names = list(data.keys())
    if spec.time not in names:
        raise BadQuery(f"Rows for series {spec.name!r} need times in {spec.time!r}; given were {sorted(names)}.")
    declared_units = {column.name: column.unit for column in spec.columns}
    given = {name: data[name] for name in names}
    return {
        name: instants_of(values) if name == spec.time else _in_unit(name, values, declared_units.get(name, ""))
        for name, values in given.items()
    }


def instants_of(values: object) -> Ints:
    """Give times in any accepted form as TAI microseconds; whole numbers are TAI microseconds already."""
    match values:
        case Time():
            return np.atleast_1d(us_from_time(values))
        case _:
            return _instants_of_array(np.ma.asanyarray(values))


def _instants_of_array(array: np.ma.MaskedArray) -> Ints:
    if array.dtype.kind == "i":
        return np.asarray(array)
    if array.dtype.kind == "M":
        label = array.astype("M8[us]").astype(np.int64)
        return us_from_utc(label // DAY_US, label % DAY_US)
    return np.atleast_1d(us_from_time(to_time(list(array.ravel()))))


def content_hash(columns: Columns) -> str:
    """Give a SHA-256 over names, types and values: the same rows always have the same one."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        values = np.ma.asanyarray(columns[name])
        mask = np.ma.getmaskarray(values) if values.dtype.names is None else np.zeros(len(values), bool)
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(mask.tobytes())
        digest.update(repr(values.tolist()).encode() if values.dtype.hasobject else _bytes(values, mask))
    return digest.hexdigest()


def _bytes(values: np.ma.MaskedArray, mask: NDArray[np.bool_]) -> bytes:
    return np.where(mask, np.zeros((), values.dtype), values.data).tobytes()


def _column(name: str, given: str | Column) -> Column:
    match given:
        case Column():
            return replace(given, name=name)
        case _:
            return Column(name=name, unit=given, description="")


def _time_column(name: str) -> Column:
    scale = TimeScale.TAI_US
    return Column(name=name, unit=UNIT[scale], description=f"Time, {ZERO_POINT[scale]}", dtype="i8", ucd="time.epoch")


def _in_unit(name: str, values: object, unit: str) -> NDArray[np.generic]:
    given = getattr(values, "unit", None)
    array: np.ma.MaskedArray = (
        np.ma.asanyarray(getattr(values, "value", values)) if given is not None else np.ma.asanyarray(values)
    )
    if given is None or given == units.Unit(unit):
        return _bare(array)
    try:
        return _bare(given.to(units.Unit(unit), array, equivalencies=units.temperature()))
    except units.UnitConversionError as error:
        raise BadQuery(f"Column {name!r} is kept in {unit!r}, and {given} cannot be turned into that.") from error


def _bare(array: np.ma.MaskedArray) -> NDArray[np.generic]:
    return array if np.ma.is_masked(array) else np.asarray(array.data)


def append_rows(writer: Writer, spec: SeriesSpec, data: Mapping[str, object], *, settle: bool) -> int:
    """Store somebody's own rows; see `Series.append`. The first ones settle what the declaration left open."""
    if spec.instrument != USER:
        raise Refused(f"Rows of {spec.name!r} come with files of {spec.instrument!r}. Ingest those instead.")
    columns = arrays(spec, data)
    now = settled(spec, columns) if settle else spec
    rows = Rows(series=spec.name, columns=columns)
    to_table(now, rows)
    if now != spec:
        writer.declare(now)
    us = columns[now.time]
    if not len(us):
        return 0
    identity = Identity(USER, "user.series", f"{spec.name}/{content_hash(columns)}")
    reading = Reading(key=identity.key, t_min_us=int(us.min()), t_max_us=int(us.max()), rows=(rows,))
    return len(us) if writer.store(identity, reading) else 0
