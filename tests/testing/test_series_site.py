"""The small archive of series: brought, retracted and merged without files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.contracts.reading import Reading, Rows
from longwatch.domain.product import Identity
from longwatch.objects.folder import FolderStore
from longwatch.testing.series import columns_of, rows_of, spec_named
from longwatch.testing.series_site import SeriesSite, SiteWriter

SPEC = spec_named("lab.temps")
ROWS = [(0, 0, 1.0, "ON"), (1, 0, 2.0, "ON")]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SeriesSite]:
    catalog = Catalog(f"sqlite:///{tmp_path}/catalog.db")
    catalog.create()
    yield SeriesSite(catalog, FolderStore(tmp_path))
    catalog.close()


def test_what_is_brought_answers_until_it_is_retracted(site: SeriesSite) -> None:
    (number,) = site.bring(SPEC, ("a", "1", columns_of(ROWS)))
    commit = site.catalog.head()
    assert rows_of(site.room()[SPEC.name].fetch()) == ROWS
    site.retract(number)
    assert rows_of(site.room()[SPEC.name].fetch()) == []
    assert rows_of(site.room(commit)[SPEC.name].fetch()) == ROWS


def test_the_writer_stores_the_same_rows_once(site: SeriesSite) -> None:
    writer = SiteWriter(site)
    writer.declare(SPEC)
    reading = Reading(key="k", rows=(Rows(series=SPEC.name, columns=columns_of(ROWS)),))
    assert writer.store(Identity("lab", "lab.hand", "x/1"), reading)
    assert not writer.store(Identity("lab", "lab.hand", "x/1"), reading)
    assert rows_of(site.room()[SPEC.name].fetch()) == ROWS
