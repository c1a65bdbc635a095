"""Declarations of series and cubes, kept beside their data so that an archive explains itself.

Owns the tables `series` and `cubes` as far as names and specs go. Must not know segments or slabs.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Generic, TypeVar

from sqlalchemy import Table, select

from longwatch.catalog import tables as t
from longwatch.catalog.snapshot import Change, Snapshot
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.derived import Derived
from longwatch.domain.series import SeriesSpec, TimeScale

Spec = TypeVar("Spec", SeriesSpec, CubeSpec)


@dataclass(frozen=True, slots=True)
class Declared(Generic[Spec]):
    """A declaration and its number in the catalogue."""

    id: int
    spec: Spec


def declare_series(change: Change, spec: SeriesSpec) -> int:
    """Keep a series' declaration; a changed one retires its predecessor under the same number."""
    return _declare(change, t.series, spec.name, asdict(spec))


def declare_cube(change: Change, spec: CubeSpec) -> int:
    """Keep a cube's declaration; a changed one retires its predecessor under the same number."""
    return _declare(change, t.cubes, spec.name, asdict(spec))


def declared_series(snapshot: Snapshot) -> dict[str, Declared[SeriesSpec]]:
    """Give every series by name."""
    return {name: Declared(number, _series(text)) for name, number, text in _all(snapshot, t.series)}


def declared_cubes(snapshot: Snapshot) -> dict[str, Declared[CubeSpec]]:
    """Give every cube by name."""
    return {name: Declared(number, _cube(text)) for name, number, text in _all(snapshot, t.cubes)}


def _all(snapshot: Snapshot, table: Table) -> list[tuple[str, int, str]]:
    query = select(table.c.name, table.c.id, table.c.spec).where(snapshot.lives(table)).order_by(table.c.name)
    return [(str(name), int(number), str(text)) for name, number, text in snapshot.connection.execute(query)]


def _declare(change: Change, table: Table, name: str, spec: dict[str, object]) -> int:
    text = json.dumps(spec)
    known = {known_name: (number, known_text) for known_name, number, known_text in _all(change, table)}
    if name not in known:
        return change.add(table, [{"name": name, "spec": text}])[0]
    number, before = known[name]
    if before != text:
        change.connection.execute(table.update().where(table.c.id == number).values(spec=text))
    return number


def _series(text: str) -> SeriesSpec:
    fields = json.loads(text)
    fields["columns"] = _columns(fields["columns"])
    fields["key"] = tuple(fields["key"])
    fields["scale"] = TimeScale(fields["scale"])
    fields["derived"] = tuple(Derived(**found) for found in fields.get("derived", ()))
    return SeriesSpec(**fields)


def _cube(text: str) -> CubeSpec:
    fields = json.loads(text)
    fields["properties"] = _columns(fields["properties"])
    for name in ("shape", "origin", "key"):
        fields[name] = tuple(fields[name])
    return CubeSpec(**fields)


def _columns(found: list[dict[str, object]]) -> tuple[Column, ...]:
    return tuple(Column(**{**fields, "shape": tuple(fields["shape"])}) for fields in found)  # type: ignore[arg-type]
