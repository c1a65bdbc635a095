"""The throw-away servers are there, are empty for each test, and speak SQLAlchemy."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

pytestmark = pytest.mark.contract


@pytest.mark.parametrize("fixture", ["postgres_url", "mariadb_url"])
@pytest.mark.parametrize("_again", [1, 2])
def test_every_test_gets_an_empty_database(fixture: str, _again: int, request: pytest.FixtureRequest) -> None:
    engine = sa.create_engine(request.getfixturevalue(fixture))
    try:
        with engine.begin() as link:
            assert sa.inspect(link).get_table_names() == []
            link.execute(sa.text("CREATE TABLE t (name VARCHAR(20))"))
            link.execute(sa.text("INSERT INTO t VALUES ('Ångström')"))
            assert link.execute(sa.text("SELECT name FROM t")).scalar_one() == "Ångström"
    finally:
        engine.dispose()
