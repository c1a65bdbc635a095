"""An archive's parts for tests of series: a catalogue, a store, and a way to bring rows in versions of products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.declared import declare_series, declared_series
from longwatch.catalog.exposures import add_exposures
from longwatch.catalog.versions import NewVersion, add_versions, by_content, retract
from longwatch.contracts.objectstore import ObjectStore
from longwatch.contracts.reading import Reading, Rows
from longwatch.contracts.writer import Writer
from longwatch.domain.product import Exposure, Identity
from longwatch.domain.series import SeriesSpec
from longwatch.objects.folder import FolderStore
from longwatch.series.face import SeriesRoom
from longwatch.series.fold import fold
from longwatch.series.write import append


@dataclass
class Site:
    """A small archive."""

    catalog: Catalog
    store: ObjectStore

    def declare(self, spec: SeriesSpec) -> None:
        with self.catalog.run("declare") as run, self.catalog.change(run) as change:
            declare_series(change, spec)

    def store_rows(self, spec: SeriesSpec, batches: Sequence[tuple[str, str, Mapping[str, object]]]) -> list[int]:
        """Bring rows, given as (product, version, columns), in one commit; gives the versions' ids."""
        with self.catalog.run("ingest") as run, self.catalog.change(run) as change:
            new = [self.version(Identity("lab", "lab.file", key), version) for key, version, _ in batches]
            ids = add_versions(change, new)
            number = declare_series(change, spec)
            rows = [Rows(series=spec.name, columns=dict(columns)) for _, _, columns in batches]
            append(change, self.store, number, spec, list(zip(ids, rows, strict=True)))
        return ids

    def version(self, identity: Identity, version: str, content: str = "") -> NewVersion:
        return NewVersion(
            identity=identity, version=version, name=identity.key, content=content.ljust(64, "0"), oid=None, size=0
        )

    def retract(self, ids: Sequence[int]) -> None:
        with self.catalog.run("retract") as run, self.catalog.change(run) as change:
            retract(change, ids)

    def fold(self, name: str) -> int:
        with self.catalog.run("merge") as run, self.catalog.change(run) as change:
            known = declared_series(change)[name]
            return fold(change, self.store, known.id, known.spec)

    def expose(self, instrument: str, starts: Mapping[str, int]) -> None:
        """Tell when exposures began."""
        with self.catalog.run("ingest") as run, self.catalog.change(run) as change:
            ids = add_versions(change, [self.version(Identity(instrument, "lab.spt", name), "") for name in starts])
            add_exposures(
                change,
                [
                    (number, Exposure(instrument=instrument, obs_id=name, t_min_us=start, t_max_us=start + 1))
                    for number, (name, start) in zip(ids, starts.items(), strict=True)
                ],
            )

    def room(self, commit: int | None = None) -> SeriesRoom:
        return SeriesRoom(self.catalog, self.store, commit=commit, writer=OwnWriter(self))


@dataclass
class OwnWriter(Writer):
    """Stores one's own rows as the ingest room does."""

    site: Site

    def declare(self, spec: SeriesSpec) -> None:
        self.site.declare(spec)

    def store(self, identity: Identity, reading: Reading) -> bool:
        content = identity.key.rpartition("/")[2]
        with self.site.catalog.run("append") as run, self.site.catalog.change(run) as change:
            if by_content(change, [content]):
                return False
            ids = add_versions(change, [self.site.version(identity, reading.version, content)])
            for rows in reading.rows:
                known = declared_series(change)[rows.series]
                append(change, self.site.store, known.id, known.spec, [(ids[0], rows)])
        return True


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
    catalog.create()
    yield Site(catalog, FolderStore(tmp_path))
    catalog.close()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260801)
