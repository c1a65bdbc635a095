"""How Alembic runs our migrations: on the connection it is handed, inside its transaction.

Owns nothing. Must not know a URL.
"""

from __future__ import annotations

from alembic import context

from longwatch.catalog.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=False,
)
context.run_migrations()
