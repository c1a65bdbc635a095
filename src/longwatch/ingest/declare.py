"""Declarations enter the catalogue with the first run that needs them.

Owns the comparison of what is declared with what is stored. Must not know how declarations are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import Declared, declare_cube, declare_series, declared_cubes, declared_series
from longwatch.catalog.headers import indexed_keywords
from longwatch.catalog.segments import series_extent
from longwatch.catalog.slabs import cube_extent
from longwatch.catalog.snapshot import Snapshot
from longwatch.contracts.instrument import Instrument
from longwatch.contracts.kind import FileKind
from longwatch.domain.column import Column
from longwatch.domain.cube import CubeSpec
from longwatch.domain.run import Run
from longwatch.domain.series import SeriesSpec
from longwatch.errors import Conflict
from longwatch.products.keywords import index_keyword


def declare_all(catalog: Catalog, run: Run, instruments: Sequence[Instrument]) -> None:
    """Declare every series, cube and keyword of the instruments; nothing is written where all are known."""
    specs: list[SeriesSpec | CubeSpec] = []
    for instrument in instruments:
        specs += [*instrument.series, *instrument.cubes]
    declare(catalog, run, specs)
    _index(catalog, run, [kind for instrument in instruments for kind in instrument.kinds])


def _index(catalog: Catalog, run: Run, kinds: Sequence[FileKind]) -> None:
    """Make keywords that kinds declare for the first time searchable for what is here already."""
    with catalog.read() as snapshot:
        known = {kind.name: set(indexed_keywords(snapshot, kind.name)) for kind in kinds}
    new = [(kind.name, keyword) for kind in kinds for keyword in kind.keywords if keyword not in known[kind.name]]
    if not new:
        return
    with catalog.change(run) as change:
        for kind, keyword in new:
            index_keyword(change, kind, keyword)


def declare(catalog: Catalog, run: Run, specs: Sequence[SeriesSpec | CubeSpec]) -> None:
    """Declare series and cubes; new columns may be added, and those that hold data keep their meaning.

    Raises
    ------
    Conflict
        Raised if a declaration contradicts what rows or planes were stored under.
    """
    with catalog.read() as snapshot:
        stored = _stored(snapshot)
        filled = {name for name, found in stored.items() if _holds_data(snapshot, found)}
    new = [spec for spec in specs if spec.name not in stored or stored[spec.name].spec != spec]
    for spec in new:
        if spec.name in filled:
            _compare(stored[spec.name].spec, spec)
    if not new:
        return
    with catalog.change(run) as change:
        for spec in new:
            match spec:
                case SeriesSpec():
                    declare_series(change, spec)
                case CubeSpec():
                    declare_cube(change, spec)


def _stored(snapshot: Snapshot) -> dict[str, Declared[SeriesSpec] | Declared[CubeSpec]]:
    return {**declared_series(snapshot), **declared_cubes(snapshot)}


def _holds_data(snapshot: Snapshot, found: Declared[SeriesSpec] | Declared[CubeSpec]) -> bool:
    match found.spec:
        case SeriesSpec():
            return series_extent(snapshot, found.id) is not None
        case CubeSpec():
            return cube_extent(snapshot, found.id) != (0, 0)


def _compare(old: SeriesSpec | CubeSpec, new: SeriesSpec | CubeSpec) -> None:
    match old, new:
        case SeriesSpec(), SeriesSpec():
            same = (old.time, old.scale, old.key, old.exposure) == (new.time, new.scale, new.key, new.exposure)
            _compare_columns(old.name, old.columns, new.columns, same=same)
        case CubeSpec(), CubeSpec():
            same = (old.shape, old.origin, old.key, old.timeline) == (new.shape, new.origin, new.key, new.timeline)
            _compare_columns(old.name, old.properties, new.properties, same=same)
        case _:
            raise Conflict(f"{old.name!r} is stored as another shape. Choose another name for the new declaration.")


def _compare_columns(name: str, old: tuple[Column, ...], new: tuple[Column, ...], *, same: bool) -> None:
    kept = {c.name: (c.unit, c.dtype, c.shape, c.ragged) for c in new}
    changed = [c.name for c in old if kept.get(c.name) != (c.unit, c.dtype, c.shape, c.ragged)]
    if changed or not same:
        what = f"columns {changed} differ or are gone" if changed else "its shape, key, time or timeline differs"
        raise Conflict(
            f"{name!r} is declared again, but {what}; what is stored under it would change its meaning. "
            "Keep the old columns and add new ones, or declare it under a new name."
        )
