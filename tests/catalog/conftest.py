"""Catalogues of every kind, empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from longwatch.catalog.catalog import Catalog
from longwatch.catalog.versions import NewVersion
from longwatch.domain.product import Identity

BACKENDS = [
    "sqlite",
    pytest.param("postgres", marks=pytest.mark.contract),
    pytest.param("mariadb", marks=pytest.mark.contract),
]


@pytest.fixture(params=BACKENDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.db'}"
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def catalog(url: str) -> Iterator[Catalog]:
    """An empty catalogue."""
    made = Catalog(url, lock_timeout_s=5)
    made.create()
    yield made
    made.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalogue in SQLite, where the database makes no difference."""
    made = Catalog(f"sqlite:///{tmp_path / 'catalog.db'}", lock_timeout_s=5)
    made.create()
    yield made
    made.close()


@pytest.fixture
def new() -> Callable[..., NewVersion]:
    """Give versions to add, by key, version, content and span."""

    def make(
        key: str, version: str = "", content: str = "", *, kind: str = "lab.x", span: tuple[int, int] | None = None
    ) -> NewVersion:
        return NewVersion(
            identity=Identity("lab", kind, key),
            version=version,
            name=f"{key}.fits",
            content=content or f"{key}-{version}",
            oid=None,
            size=7,
            span=span,
        )

    return make
