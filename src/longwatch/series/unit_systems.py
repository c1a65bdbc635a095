"""Unit systems: a fetched table in other units than those it is stored in.

Owns the systems and the conversion. Must not know where tables come from.

Conversion happens when rows are read; nothing is ever stored in other units than it was declared.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

import numpy as np
from astropy import units
from astropy.table import Column as TableColumn
from astropy.table import MaskedColumn, Table
from astropy.units import imperial

from longwatch.errors import BadQuery

Units: TypeAlias = str | Mapping[str, str]
"""A system by name, or units by name of channel or of physical type (`"temperature"`)."""

SYSTEMS: Final[Mapping[str, tuple[units.UnitBase, ...]]] = {
    "si": (
        *(units.K, units.m, units.s, units.kg, units.rad, units.Pa, units.m / units.s, units.rad / units.s),
        *(units.J, units.V, units.A, units.Ohm, units.W, units.Hz, units.N),
    ),
    "cxc": (units.K, units.m, units.kPa, units.rad),
    "sci": (units.deg_C, units.m, units.kPa, units.deg),
    "eng": (
        *(imperial.deg_F, imperial.ft, imperial.ft / units.s, imperial.psi, imperial.ft * imperial.lbf),
        units.deg,
    ),
}
"""The unit each system has for a physical type; a type of which it has none stays as it is stored."""


DATES: Final = ("date", "mjd")
"""Columns of statistics that say of which day they are."""


class UnitsWarning(UserWarning):
    """A channel could not be given in the unit that was asked for, and is given in its own."""


def converted(table: Table, wanted: Units, *, beside: Collection[str] = ()) -> Table:
    """Give a fetched table in other units.

    Parameters
    ----------
    table
        From `Series.fetch`; its time column stays as it is.
    wanted
        `"si"`, `"cxc"` (K, m, kPa), `"sci"` (deg_C), `"eng"` (deg_F, ft, psi, ft lbf), or a mapping from the name of
        a channel or of a physical type to an `astropy.units` string.
    beside
        Columns that are no channels, such as the key: they stay as they are, as do the dates of statistics.

    Returns
    -------
    Table
        Converted columns are floats with the new unit, and their descriptions stay. What has no unit, or a type that
        the system does not name, stays as it is. Temperatures are taken as temperatures, not as differences.

    Raises
    ------
    BadQuery
        Raised if there is no such system, channel or physical type, or a unit is unknown.

    Warns
    -----
    UnitsWarning
        Where a conversion is not defined; the column stays in its own unit.
    """
    for name, unit in _chosen(table, wanted, _channels(table, beside)).items():
        column = table[name]
        try:
            table[name] = _in_unit(column, unit, difference="stat" in table.meta and name.startswith("std_"))
        except (units.UnitConversionError, AttributeError):
            said = "no unit" if column.unit is None else f"the unit {column.unit}"
            warnings.warn(
                f"{name} has {said}, and stays so: it is not to be had in {unit}.", UnitsWarning, stacklevel=3
            )
    return table


def _in_unit(column: TableColumn, unit: units.UnitBase, *, difference: bool) -> TableColumn:
    """Give a column in another unit; a difference of temperatures has no zero point."""
    if column.unit == unit:
        return column
    to = column.unit.get_converter(unit, equivalencies=units.temperature())
    given = np.ma.asanyarray(column.data).astype(np.float64)
    found = np.asarray(to(np.ma.getdata(given))) - (to(0.0) if difference else 0.0)
    if np.ma.is_masked(given):
        found = np.ma.MaskedArray(found, mask=np.ma.getmaskarray(given))
    kind = MaskedColumn if np.ma.is_masked(given) else TableColumn
    return kind(found, name=column.name, unit=unit, description=column.description)


def _channels(table: Table, beside: Collection[str]) -> list[str]:
    """Give the columns that hold values of channels, or their statistics."""
    others = {table.meta.get("time"), *beside, *(DATES if "stat" in table.meta else ())}
    return [name for name in table.colnames if name not in others]


def _chosen(table: Table, wanted: Units, columns: list[str]) -> dict[str, units.UnitBase]:
    """Give the unit for each of some columns that is to be converted."""
    match wanted:
        case str():
            if wanted not in SYSTEMS:
                raise BadQuery(f"There is no unit system {wanted!r}. There are: {', '.join(SYSTEMS)}.")
            by_name: dict[str, units.UnitBase] = {}
            by_type = {unit.physical_type: unit for unit in SYSTEMS[wanted]}
        case _:
            given = {name: _unit(text) for name, text in wanted.items()}
            by_name = {one: unit for name, unit in given.items() for one in _columns_of(name, table, columns)}
            types = {name: unit for name, unit in given.items() if not _columns_of(name, table, columns)}
            by_type = {_type_named(name, columns): unit for name, unit in types.items()}
    typed = {name: by_type.get(table[name].unit.physical_type) for name in columns if table[name].unit is not None}
    return {name: unit for name, unit in typed.items() if unit is not None} | by_name


def _columns_of(channel: str, table: Table, columns: list[str]) -> list[str]:
    """Give the columns of a channel: itself, or its statistics but for their number."""
    if "stat" not in table.meta:
        return [name for name in columns if name == channel]
    return [name for name in columns if name.partition("_")[2] == channel and not name.startswith("count_")]


def _type_named(name: str, columns: list[str]) -> units.PhysicalType:
    try:
        return units.get_physical_type(name)
    except ValueError as error:
        raise BadQuery(
            f"{name!r} is no channel of the table ({', '.join(columns)}) and no physical type such as 'temperature'."
        ) from error


def _unit(text: str) -> units.UnitBase:
    try:
        with imperial.enable():
            return units.Unit(text)
    except ValueError as error:
        raise BadQuery(f"{text!r} is no unit that astropy knows. Write it as in 'deg_C', 'kPa' or 'deg_F'.") from error
