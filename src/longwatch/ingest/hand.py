"""Values that come from no file: appended by hand, measured, or derived.

Owns the `Writer` door of the archive. Must not know who uses it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declared_cubes, declared_series
from longwatch.catalog.versions import NewVersion
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Reading
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Identity
from longwatch.domain.series import SeriesSpec
from longwatch.ingest.commit import commit_batch
from longwatch.ingest.declare import declare
from longwatch.ingest.reader import stage_planes, stage_rows
from longwatch.ingest.record import Outcome, Record
from longwatch.products.arrival import Arrival


class HandWriter:
    """Stores readings made in this process, each in a commit of its own; implements `contracts.writer.Writer`.

    Parameters
    ----------
    catalog, store
        The archive.
    """

    def __init__(self, catalog: Catalog, store: ObjectStore) -> None:
        self._catalog = catalog
        self._store = store

    def declare(self, spec: SeriesSpec | CubeSpec) -> None:
        """Keep a declaration; raises `Conflict` if one of that name contradicts it."""
        with self._catalog.run("declare", {"name": spec.name}) as run:
            declare(self._catalog, run, [spec])

    def store(self, identity: Identity, reading: Reading) -> bool:
        """Store one reading as a version of a product without a file; False where the same content is stored."""
        outcome = hand_outcome(self._catalog, self._store, identity, reading)
        with self._catalog.run("append", {"product": str(identity)}) as run:
            committed = commit_batch(self._catalog, self._store, run, [outcome], stamp="")
        return bool(committed.stored)


def hand_outcome(catalog: Catalog, store: ObjectStore, identity: Identity, reading: Reading) -> Outcome:
    """Stage a reading that comes from no file; gives what `commit_batch` takes."""
    with catalog.read() as snapshot:
        cubes = {name: found.spec for name, found in declared_cubes(snapshot).items()}
        series = {name: found.spec for name, found in declared_series(snapshot).items()}
    arrival = Arrival(
        version=NewVersion(
            identity=identity,
            version=reading.version,
            name=identity.key,
            content=_digest(identity, reading),
            oid=None,
            size=0,
            span=reading.span,
        ),
        keywords=reading.keywords,
        exposures=reading.exposures,
    )
    record = Record(
        arrival=arrival,
        reading=reading,
        rows=stage_rows(series, reading.rows),
        slabs=stage_planes(store, cubes, reading.planes),
    )
    return Outcome(path="", state=(0, 0, 0, 0), kind=identity.kind, record=record)


def _digest(identity: Identity, reading: Reading) -> str:
    digest = hashlib.sha256()
    for part in _parts(identity, reading):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _parts(identity: Identity, reading: Reading) -> Iterator[bytes]:
    """Give all that makes two readings the same, as bytes."""
    yield repr((identity, reading.version, reading.t_min_us, reading.t_max_us)).encode()
    yield repr((sorted(reading.keywords.items()), reading.exposures, reading.epochs, reading.members)).encode()
    for rows in reading.rows:
        for name in sorted(rows.columns):
            yield f"{rows.series} {name}".encode()
            yield from _array(rows.columns[name])
    for plane in reading.planes:
        yield repr((plane.cube, plane.epoch, plane.property, sorted(plane.key.items()), plane.origin)).encode()
        yield repr(plane.inputs).encode()
        yield from _array(plane.image)


def _array(values: np.ndarray) -> Iterator[bytes]:
    yield f"{values.dtype.str} {values.shape}".encode()
    if values.dtype.hasobject:
        yield repr(values.tolist()).encode()
    else:
        yield np.ascontiguousarray(np.ma.getdata(values)).tobytes()
    yield np.ascontiguousarray(np.ma.getmaskarray(values)).tobytes()
