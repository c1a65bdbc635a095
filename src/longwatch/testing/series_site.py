"""A small archive of series for tests: rows in versions of products, brought, retracted and merged at will.

Owns what ingest does for series, without files. Must not know what is asked of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from typing_extensions import override

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declare_series, declared_series
from longwatch.catalog.exposures import add_exposures
from longwatch.catalog.versions import NewVersion, add_versions, by_content, retract
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Reading, Rows
from longwatch.contracts.writer import Writer
from longwatch.domain.cube import CubeSpec
from longwatch.domain.product import Exposure, Identity
from longwatch.domain.series import SeriesSpec
from longwatch.series.face import SeriesRoom
from longwatch.series.fold import fold
from longwatch.series.write import append

Brought: TypeAlias = tuple[str, str, Mapping[str, np.ndarray]]
"""Key of a product, version, columns."""


@dataclass(frozen=True, slots=True)
class SeriesSite:
    """A catalogue and a store, and the ways rows change.

    Parameters
    ----------
    catalog
        With its tables created.
    store
        Takes the segments.
    """

    catalog: Catalog
    store: ObjectStore

    def room(self, commit: int | None = None) -> SeriesRoom:
        """Give the series as a commit (None: the newest) shows them; one's own may be written."""
        return SeriesRoom(self.catalog, self.store, commit=commit, writer=SiteWriter(self))

    def declare(self, spec: SeriesSpec) -> None:
        """Keep a declaration."""
        with self.catalog.run("declare") as run, self.catalog.change(run) as change:
            declare_series(change, spec)

    def bring(self, spec: SeriesSpec, *brought: Brought) -> list[int]:
        """Bring rows of versions of products in one commit; gives the versions' numbers."""
        with self.catalog.run("ingest") as run, self.catalog.change(run) as change:
            identities = [Identity(spec.instrument, f"{spec.instrument}.file", key) for key, _, _ in brought]
            new = [_version(i, version) for i, (_, version, _) in zip(identities, brought, strict=True)]
            ids = add_versions(change, new)
            rows = [Rows(series=spec.name, columns=columns) for _, _, columns in brought]
            append(change, self.store, declare_series(change, spec), spec, list(zip(ids, rows, strict=True)))
        return ids

    def retract(self, *version_ids: int) -> None:
        """Retract versions."""
        with self.catalog.run("retract") as run, self.catalog.change(run) as change:
            retract(change, version_ids)

    def fold(self, name: str) -> int:
        """Merge the small segments of a series; gives how many were retired."""
        with self.catalog.run("merge") as run, self.catalog.change(run) as change:
            known = declared_series(change)[name]
            return fold(change, self.store, known.id, known.spec)

    def expose(self, instrument: str, starts_us: Mapping[str, int]) -> None:
        """Tell when exposures began [microseconds of TAI]."""
        with self.catalog.run("ingest") as run, self.catalog.change(run) as change:
            identities = [Identity(instrument, f"{instrument}.support", name) for name in starts_us]
            ids = add_versions(change, [_version(identity, "") for identity in identities])
            exposures = [
                Exposure(instrument=instrument, obs_id=name, t_min_us=start, t_max_us=start + 1)
                for name, start in starts_us.items()
            ]
            add_exposures(change, list(zip(ids, exposures, strict=True)))


@dataclass(frozen=True, slots=True)
class SiteWriter(Writer):
    """The door for one's own rows.

    Parameters
    ----------
    site
        Where they go.
    """

    site: SeriesSite

    @override
    def declare(self, spec: SeriesSpec | CubeSpec) -> None:
        """Keep the declaration of a series."""
        match spec:
            case SeriesSpec():
                self.site.declare(spec)
            case CubeSpec():
                raise NotImplementedError

    @override
    def store(self, identity: Identity, reading: Reading) -> bool:
        """Store rows, unless the same were stored before."""
        content = identity.key.rpartition("/")[2]
        with self.site.catalog.run("append") as run, self.site.catalog.change(run) as change:
            if by_content(change, [content]):
                return False
            (number,) = add_versions(change, [replace(_version(identity, reading.version, content), span=reading.span)])
            for rows in reading.rows:
                known = declared_series(change)[rows.series]
                append(change, self.site.store, known.id, known.spec, [(number, rows)])
        return True


def _version(identity: Identity, version: str, content: str = "") -> NewVersion:
    return NewVersion(identity=identity, version=version, name=identity.key, content=content, oid=None, size=0)
