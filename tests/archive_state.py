"""What an archive answers, as plain values that can be compared: products, rows, planes, epochs, quarantine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.table import Table
from sqlalchemy import select

from longwatch.archive import Archive
from longwatch.catalog import tables as t
from longwatch.catalog.declared import declared_cubes
from longwatch.catalog.slabs import slabs_of
from longwatch.catalog.sources import quarantined
from longwatch.upkeep.doctor import examine, is_well
from longwatch.upkeep.verify import verify

Answers = dict[str, object]


def cells(table: Table) -> list[tuple[object, ...]]:
    """Rows as tuples that compare equal when they are: NaN equals NaN, a masked element is None."""
    columns = [[_plain(value) for value in table[name]] for name in table.colnames]
    return list(zip(*columns, strict=True))


def _plain(value: object) -> object:
    if value is np.ma.masked:
        return None
    if isinstance(value, np.ndarray):
        mask = np.ma.getmaskarray(value)
        known = np.where(mask, np.zeros((), value.dtype), np.ma.getdata(value))
        return value.shape, value.dtype.str, known.tobytes(), mask.tobytes()
    return repr(value)


def products(archive: Archive) -> list[tuple[object, ...]]:
    found = archive.products.find(versions=True)
    names = ["instrument", "kind", "key", "version", "name", "sha256", "size", "linked"]
    times = [[None if np.ma.is_masked(v) else str(v) for v in found[name]] for name in ("t_min", "t_max")]
    return sorted(zip(*(found[name].tolist() for name in names), *times, strict=True), key=repr)


def rows(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    return {name: cells(archive.series[name].fetch()) for name in archive.series}


def planes(archive: Archive) -> dict[str, list[tuple[object, ...]]]:
    with archive.catalog.read(archive.commit) as snapshot:
        return {
            name: [
                (s.epoch, s.plane_key, s.property, s.dtype, s.shape, s.row0, s.col0, s.null, _pixels(archive, s))
                for s in slabs_of(snapshot, cube.id)
            ]
            for name, cube in declared_cubes(snapshot).items()
        }


def _pixels(archive: Archive, slab) -> bytes:
    return archive.store.read(slab.oid, slab.offset, np.dtype(slab.dtype).itemsize * slab.shape[0] * slab.shape[1])


def brought(archive: Archive) -> set[tuple[str, str, str, str, int]]:
    """Which content brought how many rows to which series: (kind, key, content, series, rows)."""
    v, r, s = t.versions, t.version_rows, t.series
    joined = v.join(r, r.c.version_id == v.c.id).join(s, s.c.id == r.c.series_id)
    query = select(v.c.kind, v.c.key, v.c.content, s.c.name, r.c.n_rows).select_from(joined)
    with archive.catalog.read() as snapshot:
        return {tuple(row) for row in snapshot.connection.execute(query)}


def held(archive: Archive) -> list[str]:
    with archive.catalog.read(archive.commit) as snapshot:
        return sorted(one.path for one in quarantined(snapshot))


def answers(archive: Archive) -> Answers:
    """All of it."""
    epochs = {name: cells(archive.timelines[name].epochs()) for name in archive.timelines}
    return {
        "products": products(archive),
        "rows": rows(archive),
        "planes": planes(archive),
        "epochs": epochs,
        "quarantine": held(archive),
    }


def check_sound(archive: Archive) -> None:
    """Nothing worse than information, and every byte as named."""
    found = examine(archive.upkeep)
    assert is_well(found), found
    proof = verify(archive.catalog, archive.store)
    assert proof.well, proof.problems


def check_files(archive: Archive) -> None:
    """Every visible version gives back the file it came from."""
    for row in archive.products.find(versions=True):
        data = archive.products.data(kind=row["kind"], key=row["key"], version=row["sha256"])
        assert data == Path(row["path"]).read_bytes(), row["path"]
